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

    /// The message with its person's sealed contacts, her rules (stopped and expired ones included, the policy judges
    /// them), and everybody on the case. Message, person and rules stay as they are to the end of the transaction. One
    /// round trip; `nil` for an unknown message.
    public func lockForPerson(_ id: UUID, in transaction: PostgresTransaction) async throws -> PersonSending? {
        let results: [PostgresRows]
        do {
            results = try await transaction.pipeline(
                [Self.lockPersonMessage, Self.lockContactRules, Self.messageContacts].map { BoundStatement($0, id) })
        } catch {
            throw CaseworkError(error) ?? error
        }
        guard results.count == 3, let row = results[0].first else { return nil }
        let message = try PersonMessage(id: id, row: row)
        return PersonSending(
            message: message,
            rules: try results[1].map { try ContactRuleRecord(personID: message.personID, row: $0) },
            contacts: try results[2].map(CaseContact.init(row:)))
    }

    /// The message with its desk's address, held to the end of the transaction; `nil` for an unknown one.
    public func lockForStaff(_ id: UUID, in transaction: PostgresTransaction) async throws -> StaffMessage? {
        try await transaction.call(Self.lockStaffMessage, [id]).first.map { try StaffMessage(id: id, row: $0) }
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
