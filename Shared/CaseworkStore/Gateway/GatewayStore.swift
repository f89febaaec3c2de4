public import Casework
public import FoundationEssentials
public import PostgresClient

/// What the gateway does for an agency. Every method takes the agency and touches nothing that is not its own: another
/// agency's referral throws `CaseworkError.notThisAgencys`, as does one that does not exist.
///
/// The clocks are routing's: its handler of `referral_answered` ends the answer clock and starts the outcome clock as
/// of the time of the answer. Until then the answer clock of a referral answered in time can no longer be breached.
public struct GatewayStore: Sendable {
    public init() {}

    /// The active agencies that bearer keys belong to, by the keys' SHA-256, and what each key is good for. A key that is not
    /// known, was revoked or has ended is missing.
    public func callers(
        keyHashes: [[UInt8]], on executor: some PostgresExecutor
    ) async throws -> [[UInt8]: AgencyCaller] {
        try await executor.call(Self.agenciesByKeys, [keyHashes]).reduce(into: [:]) { callers, row in
            callers[try row.decode(column: "key_hash")] = AgencyCaller(
                agency: Agency(
                    id: try row.decode(column: "id"), code: try row.decode(column: "code"),
                    kind: try row.word(column: "kind"), name: try row.decode(column: "name"),
                    division: try row.word(column: "division_code"), status: .active),
                // A scope of a newer version is none of this one's.
                scopes: Set(try row.decode([String].self, column: "scopes").compactMap(AgencyScope.init(rawValue:))))
        }
    }

    /// The agency's referrals, newest first.
    /// - Parameters:
    ///   - after: those that come after this one of the agency's; none when it has no such referral.
    ///   - statuses: only those in one of these; all of them when it is empty.
    ///   - purpose: only those for this.
    public func referrals(
        of agency: UUID, limit: Int = 100, after: ReferralNumber? = nil, statuses: [ReferralStatus] = [],
        purpose: Purpose? = nil, on executor: some PostgresExecutor
    ) async throws -> [AgencyReferral] {
        let rows = try await executor.call(
            Self.agencyReferrals,
            [
                agency, Optional<String>.none, Optional<UUID>.none, Int32(limit), after?.rawValue,
                statuses.isEmpty ? nil : statuses.map(\.rawValue), purpose?.rawValue,
            ])
        return try rows.map(AgencyReferral.init(row:))
    }

    /// How many referrals the agency has in each state that is not over, and how many of them are past their time.
    public func counts(of agency: UUID, on executor: some PostgresExecutor) async throws -> [AgencyCount] {
        try await executor.call(Self.agencyCounts, [agency]).map { row in
            AgencyCount(
                status: try row.word(column: "status"), referrals: try row.decode(column: "referrals"),
                overdue: try row.decode(column: "overdue"))
        }
    }

    /// One of the agency's referrals by its number; `nil` when it has none of that number.
    public func referral(
        number: ReferralNumber, of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> AgencyReferral? {
        let rows = try await executor.call(
            Self.agencyReferrals,
            [
                agency, number.rawValue, Optional<UUID>.none, Int32(1), Optional<String>.none,
                Optional<[String]>.none, Optional<String>.none,
            ])
        return try rows.first.map(AgencyReferral.init(row:))
    }

    /// One of the agency's referrals by its id; `nil` when it has no such referral.
    public func referral(
        id: UUID, of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> AgencyReferral? {
        let rows = try await executor.call(
            Self.agencyReferrals,
            [
                agency, Optional<String>.none, id, Int32(1), Optional<String>.none, Optional<[String]>.none,
                Optional<String>.none,
            ])
        return try rows.first.map(AgencyReferral.init(row:))
    }

    // What is posted goes with the transaction's next statement, and what is refused comes up there: `CaseworkError` reads
    // `notThisAgencys` and, for a referral that was answered or withdrawn before, `referralState`.

    /// The hand-over was leased under this alias. A repeated lease of a referral not yet answered is recorded again.
    public func postReceived(
        agency: UUID, referral: UUID, lease: UUID, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.markReceived, agency, referral, lease.uuidString.lowercased())
    }

    /// The agency takes it on: once, by one lease.
    public func postAccept(
        agency: UUID, referral: UUID, lease: UUID, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.acceptReferral, agency, referral, lease.uuidString.lowercased())
    }

    /// The agency rejects it or objects to it (`status` is `rejected` or `objected`).
    /// - Parameter notAfter: the last instant at which it may, by the database's clock; `nil` for no such limit. Later it
    ///   is refused as `CaseworkError.objectionTooLate`.
    public func postDecline(
        agency: UUID, referral: UUID, lease: UUID, as status: ReferralStatus, reason: RejectReason,
        suggestedKind: AgencyKind?, notAfter: Date? = nil, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(
            Self.declineReferral, agency, referral, lease.uuidString.lowercased(), status.rawValue, reason.rawValue,
            suggestedKind?.rawValue, notAfter)
    }

    /// The agency reports `scheduled`, `inProgress` or `onHold`; the referral state machine says from where. Returns
    /// the case.
    @discardableResult
    public func progress(
        agency: UUID, referral: UUID, to status: ReferralStatus, in transaction: PostgresTransaction
    ) async throws -> UUID {
        let row = try await transaction.callForRow(
            Self.reportProgress, [agency, referral, Self.sources(of: status), status.rawValue])
        return try row.decode(UUID.self)
    }

    /// The agency reports the end: `completed`, `failed` or `noShow`, with an outcome. Returns the case.
    @discardableResult
    public func outcome(
        agency: UUID, referral: UUID, as status: ReferralStatus, outcome: Outcome, in transaction: PostgresTransaction
    ) async throws -> UUID {
        let row = try await transaction.callForRow(
            Self.reportOutcome, [agency, referral, Self.sources(of: status), status.rawValue, outcome.rawValue])
        return try row.decode(UUID.self)
    }

    private static func sources(of status: ReferralStatus) -> [String] {
        ReferralStateMachine.sources(of: status, by: [.target]).map(\.rawValue)
    }
}
