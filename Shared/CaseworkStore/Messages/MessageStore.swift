public import FoundationEssentials
public import PostgresClient

/// Messages to people. Only what is to be said is stored, as a template's name; its words are made at sending.
public struct MessageStore: Sendable {
    public init() {}

    /// Records that a person is to be told, with the transaction's next statement. For routing, which enqueues the
    /// `notify_person` job with it.
    public func add(
        caseID: UUID, person: UUID, template: String, in transaction: PostgresTransaction
    ) throws -> UUID {
        let id = UUID()
        try transaction.post(Self.addMessage, id, caseID, person, template)
        return id
    }

    /// The message with its person's sealed contacts; `nil` for an unknown one.
    public func forSending(_ id: UUID, on executor: some PostgresExecutor) async throws -> MessageForSending? {
        try await executor.call(Self.messageForSending, [id]).first.map { try MessageForSending(id: id, row: $0) }
    }

    /// The contact rules of a person, stopped and expired ones included: the safe-contact policy judges them.
    public func contactRules(
        of person: UUID, on executor: some PostgresExecutor
    ) async throws -> [ContactRuleRecord] {
        try await executor.call(Self.contactRulesOf, [person]).map { try ContactRuleRecord(personID: person, row: $0) }
    }

    /// The sealed contacts of the respondents of a case, whom a message must not reach by mistake.
    public func respondents(
        of caseID: UUID, on executor: some PostgresExecutor
    ) async throws -> [RespondentContact] {
        try await executor.call(Self.respondentContacts, [caseID]).map(RespondentContact.init(row:))
    }

    /// Settles a message that is pending or deferred; true for the one caller that did. A deferred one can be settled
    /// again. `reason` is a code.
    public func settle(
        _ id: UUID, as state: MessageState, reason: String? = nil, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.settleMessage, [id, state.rawValue, reason]).decode(Bool.self)
    }
}

/// Where a message stands.
public enum MessageState: String, Sendable, Codable, CaseIterable {
    case pending
    case sent
    /// Outside her hours: sent later.
    case deferred
    /// Nothing was sent, and somebody of the station has to act.
    case suppressed
    case failed
    /// Suppressed before, and a person has dealt with it.
    case cleared
}
