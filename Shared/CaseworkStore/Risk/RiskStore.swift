public import Casework
public import FoundationEssentials
public import PostgresClient

/// How dangerous a case is held to be. Each call locks the case, asks the domain and writes what it answers.
public struct RiskStore: Sendable {
    public init() {}

    /// Adds the answers of an assessment: the level can only rise. Returns the case and its level now.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`, `caseClosed`.
    public func assess(
        _ body: AssessmentBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> (caseID: UUID, level: RiskLevel) {
        let found = try await self.standing(number, actor, in: transaction)
        var standing = found.standing
        standing.assess(body.answers, at: found.now)
        if let level = body.level { standing.raise(to: level, at: found.now) }
        try await transaction.call(
            Self.recordAssessment,
            [
                found.caseID, actor.client, actor.staff.rawValue, body.occasion.rawValue,
                Self.words(body.answers.items), Self.words(standing.screening.items), standing.level.rawValue,
            ])
        return (found.caseID, standing.level)
    }

    /// A first person proposes a lower level.
    /// - Throws: `RiskLoweringError` when it is not lower, or items that stand give more; `CaseworkError` as above.
    public func propose(
        _ body: LoweringBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        let found = try await self.standing(number, actor, in: transaction)
        var standing = found.standing
        try standing.propose(
            body.level, withdrawing: body.withdrawing, because: body.reason, by: actor.staff, at: found.now)
        try await transaction.call(
            Self.proposeRisk,
            [
                found.caseID, actor.client, actor.staff.rawValue, body.level.rawValue, Self.words(body.withdrawing),
                body.reason.rawValue, found.now,
            ])
        return found.caseID
    }

    /// A second, different person confirms, and the level is lowered.
    /// - Throws: `RiskLoweringError`: nothing is proposed any more, or it is the same person; `CaseworkError` as above.
    public func confirm(
        _ number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> (caseID: UUID, level: RiskLevel) {
        let found = try await self.standing(number, actor, in: transaction)
        var standing = found.standing
        _ = try standing.confirm(by: actor.staff, at: found.now)
        try await transaction.call(
            Self.lowerRisk,
            [
                found.caseID, actor.client, actor.staff.rawValue, standing.level.rawValue,
                Self.words(standing.screening.items),
            ])
        return (found.caseID, standing.level)
    }

    private func standing(
        _ number: CaseNumber, _ actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> (caseID: UUID, standing: RiskStanding, now: Date) {
        let row = try await transaction.callForRow(
            Self.riskToChange, [number.rawValue, actor.client, actor.staff.rawValue])
        var proposal: RiskStanding.Proposal?
        if let level: RiskLevel = try row.optionalWord(column: "proposed_level") {
            proposal = RiskStanding.Proposal(
                level: level, withdrawn: Set(try row.words(column: "withdrawn")),
                reason: try row.word(column: "reason"),
                by: StaffID(rawValue: try row.decode(column: "proposed_by")), at: try row.decode(column: "proposed_at"))
        }
        let standing = RiskStanding(
            restoring: try row.word(column: "level"),
            try row.decode(PostgresJSON.self, column: "items").decode(RiskScreening.self),
            categories: try row.decode(PostgresJSON.self, column: "categories").decode(Set<Casework.Category>.self),
            assessedAt: try row.decode(column: "assessed_at"), proposal: proposal)
        return (try row.decode(column: "case_id"), standing, try row.decode(column: "now"))
    }

    private static func words(_ items: Set<RiskItem>) -> [String] { items.map(\.rawValue).sorted() }

    // MARK: - What words ask for

    /// Keeps what a narrative suggests beside the case that is being opened, and tells its desk if `notice`, with the
    /// transaction's next statement. `words` are sealed for ``NewTriage/id``.
    public func add(
        _ suggestions: [NewTriage], to caseID: UUID, notice: Bool, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.addTriage, caseID, notice, try PostgresJSON(encoding: suggestions))
    }

    /// What is suggested, for staff who may read the narrative. Reading is an event.
    public func triage(
        of number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> [TriageRecord] {
        try await transaction.call(Self.readTriage, [number.rawValue, actor.client, actor.staff.rawValue]).map(
            TriageRecord.init(row:))
    }

    /// She was asked. Returns the case.
    /// - Throws: `CaseworkError.alreadySo` when nothing of this is to be asked.
    public func answer(
        _ body: TriageAnswerBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.answerTriage, [number.rawValue, actor.client, actor.staff.rawValue, body.subject, body.isSo]
        ).decode(UUID.self)
    }
}

/// A suggestion to keep: its words sealed.
public struct NewTriage: Sendable, Encodable {
    public let id: UUID
    public let subject: String
    public let manner: String
    let words: String

    public init(id: UUID, subject: String, manner: TriageSuggestion.Manner, sealedWords: [UInt8]) {
        self.id = id
        self.subject = subject
        self.manner = manner.rawValue
        self.words = Data(sealedWords).base64EncodedString()
    }
}

/// A suggestion as it is kept.
public struct TriageRecord: Sendable {
    public let id: UUID
    public let subject: String
    public let manner: TriageSuggestion.Manner
    /// Sealed for this row.
    public let words: [UInt8]
    public let answer: Bool?
    public let answeredAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.subject = try row.decode(column: "subject")
        self.manner = try row.word(column: "manner")
        self.words = try row.decode(column: "words")
        self.answer = try row.decode(column: "answer")
        self.answeredAt = try row.decode(column: "answered_at")
    }
}
