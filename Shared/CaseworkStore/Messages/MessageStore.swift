public import FoundationEssentials
public import PostgresClient

/// Messages to people and stations. Only what is to be said is stored, as a template's name; its words are made at
/// sending.
///
/// Sending is two transactions. The first begins an attempt and commits, so that a crash leaves a trace. The second locks
/// the message and what the policy reads, decides, hands the message to a provider and settles it: until it commits,
/// nobody stops contact or changes a rule.
public struct MessageStore: Sendable {
    public init() {}

    /// Records that a person is to be told, or finds the message that waits to say the same. For routing, which enqueues
    /// the `notify_person` job with it.
    public func add(
        caseID: UUID, person: UUID, template: String, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(Self.addMessage, [caseID, person, template]).decode(UUID.self)
    }

    // MARK: - Reading for sending

    /// The message with its person's sealed contacts, held to the end of the transaction; `nil` for an unknown one.
    public func lockForPerson(_ id: UUID, in transaction: PostgresTransaction) async throws -> PersonMessage? {
        try await transaction.call(Self.lockPersonMessage, [id]).first.map { try PersonMessage(id: id, row: $0) }
    }

    /// The message with its station's address, held to the end of the transaction; `nil` for an unknown one.
    public func lockForStation(_ id: UUID, in transaction: PostgresTransaction) async throws -> StationMessage? {
        try await transaction.call(Self.lockStationMessage, [id]).first.map { try StationMessage(id: id, row: $0) }
    }

    /// The contact rules of a person, stopped and expired ones included, which stay as they are to the end of the
    /// transaction: the safe-contact policy judges them.
    public func lockContactRules(
        of person: UUID, in transaction: PostgresTransaction
    ) async throws -> [ContactRuleRecord] {
        try await transaction.call(Self.lockContactRules, [person]).map {
            try ContactRuleRecord(personID: person, row: $0)
        }
    }

    /// The contact rules of a person, stopped and expired ones included.
    public func contactRules(
        of person: UUID, on executor: some PostgresExecutor
    ) async throws -> [ContactRuleRecord] {
        try await executor.call(Self.contactRulesOf, [person]).map { try ContactRuleRecord(personID: person, row: $0) }
    }

    /// Everybody on a case with sealed name and contacts: whom a message must not reach, whose name it must not say.
    public func contacts(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [CaseContact] {
        try await executor.call(Self.caseContacts, [caseID]).map(CaseContact.init(row:))
    }

    // MARK: - States

    /// Begins an attempt; `nil` when the message is settled or unknown.
    public func begin(_ id: UUID, on executor: some PostgresExecutor) async throws -> MessageAttempt? {
        try await executor.call(Self.beginMessage, [id]).first.map { row in
            MessageAttempt(
                number: Int(try row.decode(Int32.self, column: "attempt")),
                repeats: try row.decode(column: "repeats"))
        }
    }

    /// Puts a message that is not settled into a state; true for the call that did. `reason` is a code.
    public func settle(
        _ id: UUID, as state: MessageState, reason: String? = nil, sent: SentRecord? = nil,
        on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(
            Self.settleMessage,
            [
                id, state.rawValue, reason, sent?.provider, sent?.reference, sent.map { Int32($0.segments) },
                sent?.cost,
            ]
        ).decode(Bool.self)
    }

    /// Opens the task of a message that could not be sent: one per message.
    public func openTask(
        _ id: UUID, kind: StaffTaskKind, reason: String, on executor: some PostgresExecutor
    ) async throws {
        try await executor.call(Self.openStaffTask, [id, kind.rawValue, reason])
    }

    /// Who has to know that a message did not get through.
    public func whomToTell(_ id: UUID, on executor: some PostgresExecutor) async throws -> UndeliveredMessage? {
        try await executor.call(Self.whomToTell, [id]).first.map { try UndeliveredMessage(row: $0) }
    }

    /// Takes a provider's receipt.
    public func record(
        _ receipt: ReceiptRecord, on executor: some PostgresExecutor
    ) async throws -> (result: ReceiptResult, message: UUID?) {
        let row = try await executor.callForRow(
            Self.recordReceipt,
            [receipt.provider, receipt.reference, receipt.isDelivered ? "delivered" : "failed", receipt.reason])
        return (try row.word(column: "result"), try row.decode(column: "message_id"))
    }

    /// Takes up to `limit` messages that reached nobody in time; each is returned once, its task open.
    public func takeLate(limit: Int, in transaction: PostgresTransaction) async throws -> [LateMessage] {
        try await transaction.call(Self.lateMessages, [Int32(limit)]).map(LateMessage.init(row:))
    }
}

/// What a provider reported about a message.
public struct ReceiptRecord: Sendable, Equatable {
    public let provider: String
    public let reference: String
    public let isDelivered: Bool
    /// A code.
    public let reason: String?

    public init(provider: String, reference: String, isDelivered: Bool, reason: String?) {
        self.provider = provider
        self.reference = reference
        self.isDelivered = isDelivered
        self.reason = reason
    }
}

/// What somebody of a station has to do.
public enum StaffTaskKind: String, Sendable, CaseIterable {
    /// Tell her, in a way that is safe; or see that she did not want to be told.
    case contactPerson = "contact_person"
    /// The station was not told of something.
    case lookAtCase = "look_at_case"
}

/// A message that did not get through.
public struct UndeliveredMessage: Sendable, Equatable {
    public let caseID: UUID
    public let isForPerson: Bool
    /// The station that has to know; nil when there is none.
    public let tell: UUID?

    init(row: PostgresRow) throws {
        self.caseID = try row.decode(column: "case_id")
        self.isForPerson = try row.decode(String.self, column: "audience") == "person"
        self.tell = try row.decode(column: "tell")
    }
}

/// A message that reached nobody in time.
public struct LateMessage: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let isForPerson: Bool
    public let lane: Int
    /// The station to be told of it, if one can be.
    public let tell: UUID?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "message_id")
        self.caseID = try row.decode(column: "case_id")
        self.isForPerson = try row.decode(String.self, column: "audience") == "person"
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.tell = try row.decode(column: "tell")
    }
}
