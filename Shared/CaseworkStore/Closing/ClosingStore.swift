public import Casework
public import FoundationEssentials
public import PostgresClient

/// The call-back before a case is closed, the closing itself, and what staff change of referrals as their sender.
public struct ClosingStore: Sendable {
    public init() {}

    /// Somebody called, or a supervisor looked because no call is allowed. A bad call-back opens a closed case again, in this
    /// transaction; routing is to look at it after that. Returns the case.
    ///
    /// - Parameter clocks: the owner's own time, by level of danger, for a case that is opened again.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`.
    public func recordCallBack(
        _ result: CallBack.Result, satisfaction: Int? = nil, on number: CaseNumber, by actor: CaseActor,
        clocks: [RiskLevel: NewClock], in transaction: PostgresTransaction
    ) async throws -> UUID {
        let times = Dictionary(uniqueKeysWithValues: clocks.map { ($0.rawValue, ClockArgument($1)) })
        return try await transaction.callForRow(
            Self.recordCallBack,
            [
                number.rawValue, actor.client, actor.staff.rawValue, result.rawValue, satisfaction.map { Int32($0) },
                try PostgresJSON(encoding: times),
            ]
        ).decode(UUID.self)
    }

    /// Every call-back of a case, oldest first.
    public func callBacks(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [CallBack] {
        try await executor.call(Self.callBacksOf, [caseID]).map { row in
            let satisfaction: Int32? = try row.decode(column: "satisfaction")
            let callBack = CallBack(
                try row.word(column: "result"), at: try row.decode(column: "called_at"),
                by: StaffID(rawValue: try row.decode(column: "staff_id")), satisfaction: satisfaction.map { Int($0) })
            guard let callBack else { throw CaseworkError(code: .unreadableRow, place: "satisfaction") }
            return callBack
        }
    }

    /// The owner decides to close the case with an outcome. What stands in the way is returned, and nothing is changed
    /// then; a referral that came to nothing without another in its place is the owner's to weigh.
    /// - Throws: `CaseworkError` as ``recordCallBack(_:satisfaction:on:by:clocks:in:)``, and `caseClosed`.
    public func askToClose(
        with outcome: Outcome, _ number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> (caseID: UUID, obstacles: [ClosingGate.Obstacle]) {
        let row = try await transaction.callForRow(
            Self.caseToClose, [number.rawValue, actor.client, actor.staff.rawValue])
        let caseID: UUID = try row.decode(column: "case_id")
        let referrals = try row.decode(PostgresJSON.self, column: "referrals").decode([StoredReferral].self)
        let settledAt: Date? = try row.decode(column: "settled_at")
        let openedAt: Date = try row.decode(column: "opened_at")
        let obstacles = ClosingGate.obstacles(
            CaseProgress(referrals.map(\.summary)), risk: try row.word(column: "risk"),
            isSafe: try row.decode(column: "is_safe"), withoutReplacement: false,
            callBacks: try await self.callBacks(of: caseID, on: transaction), settledAt: settledAt ?? openedAt)
        guard obstacles.isEmpty else { return (caseID, obstacles) }
        try await transaction.call(
            Self.askToClose, [caseID, actor.client, actor.staff.rawValue, outcome.rawValue])
        return (caseID, [])
    }

    /// With which outcome the owner would close the case, if it would, and when the last referral ended.
    public func closing(
        of caseID: UUID, on executor: some PostgresExecutor
    ) async throws -> (outcome: Outcome?, settledAt: Date?) {
        let row = try await executor.callForRow(Self.closingOf, [caseID])
        return (try row.optionalWord(column: "outcome"), try row.decode(column: "settled_at"))
    }

    /// Changes a referral's status as its sender, by the state machine. Returns the case.
    /// - Throws: `ReferralTransitionError` with the statuses that are allowed; `CaseworkError`.
    public func changeReferral(
        _ referral: ReferralNumber, of number: CaseNumber, to status: ReferralStatus, by actor: CaseActor, at now: Date,
        in transaction: PostgresTransaction
    ) async throws -> UUID {
        let row = try await transaction.callForRow(
            Self.referralToChange, [number.rawValue, actor.client, actor.staff.rawValue, referral.rawValue])
        let from: ReferralStatus = try row.word(column: "status")
        // A revocation is a withdrawal of consent and goes its own way; the rest is the sender's to say.
        let allowed = ReferralStateMachine.allowed(from: from, by: .sender).intersection(Self.bySender)
        guard allowed.contains(status) else {
            throw ReferralTransitionError(code: .notAllowed, from: from, to: status, party: .sender, allowed: allowed)
        }
        let id: UUID = try row.decode(column: "referral_id")
        try await transaction.call(
            Self.changeReferral, [id, actor.client, actor.staff.rawValue, from.rawValue, status.rawValue])
        return try row.decode(column: "case_id")
    }

    /// What staff may set of a referral through a door.
    static let bySender: Set<ReferralStatus> = [.cancelRequested, .cancelled, .closedVerified, .enteredInError]

    /// Something starts a time by law. Returns the case.
    public func record(
        _ milestone: MilestoneBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.recordMilestone,
            [
                number.rawValue, actor.client, actor.staff.rawValue, milestone.kind.rawValue,
                milestone.reachedOn.description, milestone.until?.description,
            ]
        ).decode(UUID.self)
    }

    /// The milestones whose clocks are still to be started: each is handed out once. For routing.
    public func takeMilestones(
        of caseID: UUID, in transaction: PostgresTransaction
    ) async throws -> [ReachedMilestone] {
        try await transaction.call(Self.takeMilestones, [caseID]).map { row in
            let (kind, reached, until) = try row.decode((String, String, String?).self)
            guard let kind = MilestoneKind(rawValue: kind), let day = LocalDate(reached) else {
                throw CaseworkError(code: .unreadableRow, place: "milestone")
            }
            return ReachedMilestone(kind: kind, reachedOn: day, until: until.flatMap { LocalDate($0) })
        }
    }
}

/// A milestone of a case.
public struct ReachedMilestone: Sendable, Equatable {
    public let kind: MilestoneKind
    public let reachedOn: LocalDate
    /// The last day of what began.
    public let until: LocalDate?
}

/// An object of `p_clocks`.
private struct ClockArgument: Encodable {
    let name: String
    let basis: String
    let due_at: Int64

    init(_ clock: NewClock) {
        self.name = clock.name.rawValue
        self.basis = clock.basis
        self.due_at = Int64((clock.dueAt.timeIntervalSince1970 * 1_000_000).rounded())
    }
}

private struct StoredReferral: Decodable {
    let agency_kind: String
    let purpose: String
    let status: ReferralStatus
    let outcome: Outcome?

    var summary: ReferralSummary {
        ReferralSummary(
            agencyKind: AgencyKind(rawValue: self.agency_kind), purpose: Purpose(rawValue: self.purpose),
            status: self.status, outcome: self.outcome)
    }
}
