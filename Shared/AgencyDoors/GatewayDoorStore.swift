public import Casework
public import FoundationEssentials
public import PostgresClient

/// The doors' functions for the gateway, which says for which agency it calls. What they refuse is a `DoorResult`; what is
/// thrown is a `PostgresError`, or an `AgencyDoorError` for a word that this version does not know.
public struct GatewayDoorStore: Sendable {
    public init() {}

    /// What became of an answer to a hand-over, and where its referral stands.
    public struct Answered: Sendable, Equatable {
        public let result: DoorResult
        /// `nil` when the referral is not the agency's.
        public let status: ReferralStatus?
        public let reasonCode: String?
    }

    /// What became of a report on a referral, and where it stands.
    public struct Reported: Sendable, Equatable {
        public let result: DoorResult
        public let status: ReferralStatus?
    }

    /// Leases up to `limit` hand-overs, and enters each disclosure in the ledger; one per job that was claimed, delivered
    /// or not.
    /// - Parameter requestedBy: who asked, for the ledger: the agency's code.
    public func lease(
        limit: Int, for time: Duration, of agency: UUID, requestedBy: String, on executor: some PostgresExecutor
    ) async throws -> [LeasedHandOver] {
        let rows = try await executor.execute(
            Self.leaseHandOvers, agency, Int32(limit), PostgresInterval(time), requestedBy)
        return try rows.map(LeasedHandOver.init(row:))
    }

    /// The packages of disclosures that earlier transactions entered in the ledger, by disclosure. One that is not there may not
    /// be disclosed any more, or cannot be read.
    public func readPackages(
        _ disclosures: [UUID], of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> [UUID: DisclosedPackage] {
        try Self.packages(try await executor.execute(Self.packages, agency, disclosures))
    }

    static func packages(_ rows: PostgresRows) throws -> [UUID: DisclosedPackage] {
        Dictionary(
            try rows.map { row in
                (
                    try row.decode(UUID.self, column: "disclosure"),
                    DisclosedPackage(
                        profile: try row.decode(column: "profile"), fields: try row.decode(column: "fields"),
                        sealed: try row.decode(column: "sealed"), checkpoint: try row.decode(column: "checkpoint"))
                )
            }, uniquingKeysWith: { $1 })
    }

    /// Accepts, rejects or objects (`status` is that status), ends the hand-over's job and tells routing.
    /// - Parameters:
    ///   - notAfter: the last instant for an objection, by the database's clock.
    ///   - staff: who answers, at the agency's desk: it is recorded with the answer.
    ///   - text: what came with it, sealed.
    public func answer(
        _ number: ReferralNumber, lease: UUID, of agency: UUID, as status: ReferralStatus, reason: RejectReason? = nil,
        suggestedKind: AgencyKind? = nil, notAfter: Date? = nil, by staff: StaffID? = nil, text: SentText? = nil,
        on executor: some PostgresExecutor
    ) async throws -> Answered {
        var parameters: [(any PostgresEncodable)?] = [
            agency, number.rawValue, lease, status.rawValue, reason?.rawValue, suggestedKind?.rawValue, notAfter,
        ]
        if let staff { parameters.append(staff.rawValue) }
        if let text { parameters += try text.parameters }
        let statement =
            switch (staff, text) {
            case (nil, nil): Self.answerHandOver
            case (nil, _): Self.answerWithText
            case (_, nil): Self.deskAnswer
            case (_, _): Self.deskAnswerWithText
            }
        let row = try await Self.only(executor.execute(statement, parameters: parameters))
        return Answered(
            result: try Self.result(row), status: try Self.status(row),
            reasonCode: try row.decode(column: "reason_code"))
    }

    /// Makes a lease longer, never shorter. The new end is there when the result is `done`.
    public func extend(
        _ number: ReferralNumber, lease: UUID, of agency: UUID, by time: Duration, on executor: some PostgresExecutor
    ) async throws -> (result: DoorResult, expiresAt: Date?) {
        let row = try await Self.only(
            executor.execute(Self.extendLease, agency, number.rawValue, lease, PostgresInterval(time)))
        return (try Self.result(row), try row.decode(column: "expires_at"))
    }

    /// Gives a hand-over back unanswered, to come again after `delay`.
    /// - Parameter failure: why it could not be delivered; it then counts as a failed attempt.
    public func handBack(
        _ number: ReferralNumber, lease: UUID, of agency: UUID, delay: Duration, failure: String? = nil,
        on executor: some PostgresExecutor
    ) async throws -> DoorResult {
        let row = try await Self.only(
            executor.execute(Self.handBack, agency, number.rawValue, lease, PostgresInterval(delay), failure))
        return try Self.word(row.decode(String.self), "hand_back")
    }

    /// Reports `scheduled`, `inProgress` or `onHold`; or `completed`, `failed` or `noShow` with an outcome, of which routing
    /// hears.
    /// - Parameters:
    ///   - staff: who reports, at the agency's desk: it is recorded with the report.
    ///   - text: what came with it, sealed.
    public func report(
        _ number: ReferralNumber, of agency: UUID, as status: ReferralStatus, outcome: Outcome? = nil,
        by staff: StaffID? = nil, text: SentText? = nil, on executor: some PostgresExecutor
    ) async throws -> Reported {
        var parameters: [(any PostgresEncodable)?] = [agency, number.rawValue, status.rawValue, outcome?.rawValue]
        if let staff { parameters.append(staff.rawValue) }
        if let text { parameters += try text.parameters }
        let statement =
            switch (staff, text) {
            case (nil, nil): Self.reportReferral
            case (nil, _): Self.reportWithText
            case (_, nil): Self.deskReport
            case (_, _): Self.deskReportWithText
            }
        let row = try await Self.only(executor.execute(statement, parameters: parameters))
        return Reported(result: try Self.result(row), status: try Self.status(row))
    }

    static func only(_ rows: PostgresRows) throws -> PostgresRow {
        guard let row = rows.first else { throw AgencyDoorError(place: "no row") }
        return row
    }

    static func result(_ row: PostgresRow) throws -> DoorResult {
        try Self.word(row.decode(String.self, column: "result"), "result")
    }

    private static func status(_ row: PostgresRow) throws -> ReferralStatus? {
        try row.decode(String?.self, column: "status").map { try Self.word($0, "status") }
    }

    static func word<Word: RawRepresentable<String>>(_ text: String, _ place: String) throws -> Word {
        guard let word = Word(rawValue: text) else { throw AgencyDoorError(place: place) }
        return word
    }
}
