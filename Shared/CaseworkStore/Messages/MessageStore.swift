public import Casework
public import FoundationEssentials
public import PostgresClient

/// Messages to people and to staff. Only what is to be said is stored, as a template's name; its words are made at
/// sending.
///
/// Sending is two transactions. The first begins an attempt and commits, so that a crash leaves a trace. The second locks
/// the message and what the policy reads, decides, hands the message to a provider and settles it: until it commits,
/// nobody stops contact or changes a rule.
public struct MessageStore: Sendable {
    public init() {}

    // MARK: - Reading for sending

    /// Messages with their people's sealed contacts, their rules (stopped and expired ones included, the policy judges
    /// them), and everybody on the cases. Messages, people and rules stay as they are to the end of the transaction. One
    /// round trip; an unknown message is missing.
    ///
    /// - Parameter mayWait: whether others' locks are waited for; without that, what somebody else has under lock is
    ///   missing, too.
    public func lockForPeople(
        _ ids: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: PersonSending] {
        let results: [PostgresRows]
        do {
            results = try await transaction.pipeline([
                BoundStatement(Self.lockPersonMessages, ids, mayWait), BoundStatement(Self.contactRulesOfMessages, ids),
                BoundStatement(Self.contactsOfMessages, ids),
            ])
        } catch {
            throw CaseworkError(error) ?? error
        }
        guard results.count == 3 else { return [:] }
        let rules = try Dictionary(grouping: results[1].map(ContactRuleRecord.init(row:)), by: \.personID)
        let contacts = try Dictionary(grouping: results[2].map(CaseContact.init(row:)), by: \.caseID)
        var sendings: [UUID: PersonSending] = [:]
        for row in results[0] {
            let message = try PersonMessage(row: row)
            sendings[message.id] = PersonSending(
                message: message, rules: rules[message.personID] ?? [], contacts: contacts[message.caseID] ?? [])
        }
        return sendings
    }

    /// Messages to staff with their desks' addresses, held to the end of the transaction; an unknown one is missing.
    ///
    /// - Parameter mayWait: whether others' locks are waited for; without that, what somebody else has under lock is
    ///   missing, too, and so are digests.
    public func lockForStaff(
        _ ids: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: StaffMessage] {
        let messages = try await transaction.call(Self.lockStaffMessages, [ids, mayWait]).map(StaffMessage.init(row:))
        return Dictionary(messages.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The contact rules of a person, stopped and expired ones included.
    public func contactRules(
        of person: UUID, on executor: some PostgresExecutor
    ) async throws -> [ContactRuleRecord] {
        try await executor.call(Self.contactRulesOf, [person]).map { try ContactRuleRecord(personID: person, row: $0) }
    }

    // MARK: - States

    /// Begins an attempt of a message that is locked and not settled, with the transaction's next statement.
    public func postBegin(_ id: UUID, in transaction: PostgresTransaction) throws {
        try transaction.post(Self.beginMessage, id)
    }

    /// Begins an attempt of each of these messages under the lease of its job, where neither is under somebody's lock:
    /// nothing is waited for. One statement and a transaction of its own. Returns of which, with the channel by which each will go, as
    /// far as one can tell before it is judged.
    public func begin(
        _ ids: [UUID], jobs: [Int64], epochs: [Int32], numbers: [Int64], on pool: PostgresPool
    ) async throws -> [UUID: ContactChannel?] {
        let rows = try await pool.call(Self.beginMessages, [ids, jobs, epochs, numbers])
        return try rows.reduce(into: [:]) { begun, row in
            let channel = try row.decode(String?.self, column: "channel")
            begun.updateValue(
                channel.flatMap(ContactChannel.init(rawValue:)),
                forKey: try row.decode(UUID.self, column: "message_id"))
        }
    }

    /// Records that messages which are locked were taken by their providers. Returns which are recorded: where one cannot
    /// be, the others are.
    public func settle(
        sent: [(id: UUID, record: SentRecord)], in transaction: PostgresTransaction
    ) async throws -> Set<UUID> {
        Set(
            try await transaction.call(
                Self.settleSentMessages,
                [
                    sent.map(\.id), sent.map(\.record.provider), sent.map(\.record.reference),
                    sent.map { Int32($0.record.segments) }, sent.map(\.record.cost),
                ]
            ).map { try $0.decode(UUID.self) })
    }

    /// Puts a message that is not settled into a state; true for the call that did. `reason` is a code.
    public func settle(
        _ id: UUID, as state: MessageState, reason: String? = nil, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.settleMessage, Self.settlement(id, state, reason, nil)).decode(Bool.self)
    }

    /// The same for a message that is locked, with the transaction's next statement.
    public func postSettle(
        _ id: UUID, as state: MessageState, reason: String? = nil, sent: SentRecord? = nil,
        in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.settleMessage, parameters: Self.settlement(id, state, reason, sent))
    }

    private static func settlement(
        _ id: UUID, _ state: MessageState, _ reason: String?, _ sent: SentRecord?
    ) -> [(any PostgresEncodable)?] {
        [
            id, state.rawValue, reason, sent?.provider, sent?.reference, sent.map { Int32($0.segments) }, sent?.cost,
        ]
    }

    /// Has people act on a message that reached nobody, with the transaction's next statement: the task, and whoever is
    /// told instead.
    public func postFollow(
        _ id: UUID, reason: String, wasForbidden: Bool, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.followMessage, id, reason, wasForbidden)
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

    /// Has people act on up to `limit` messages that reached nobody in time, each once; returns how many.
    public func followLate(limit: Int, on executor: some PostgresExecutor) async throws -> Int {
        Int(try await executor.callForRow(Self.followLateMessages, [Int32(limit)]).decode(Int32.self))
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
