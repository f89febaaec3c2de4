public import Casework
public import FoundationEssentials
public import PostgresClient

/// What several agencies ask at the same moment, in one statement: each is given what it would be given alone, or is missing in
/// what is returned, and then nothing was written for it.
extension GatewayDoorStore {
    /// A wish for hand-overs.
    public struct LeaseWish: Sendable {
        public let agency: UUID
        public let limit: Int
        public let time: Duration
        /// Who asked, for the ledger: the agency's code.
        public let requestedBy: String

        public init(of agency: UUID, limit: Int, for time: Duration, requestedBy: String) {
            self.agency = agency
            self.limit = limit
            self.time = time
            self.requestedBy = requestedBy
        }
    }

    /// A hand-over that is accepted without a word to it.
    public struct Acceptance: Sendable {
        public let number: ReferralNumber
        public let lease: UUID
        public let agency: UUID

        public init(_ number: ReferralNumber, lease: UUID, of agency: UUID) {
            self.number = number
            self.lease = lease
            self.agency = agency
        }
    }

    /// What each agency leased; one that is missing is to ask alone. Waits for no lock.
    /// - Parameter wishes: no two of one agency.
    public func lease(
        each wishes: [LeaseWish], on executor: some PostgresExecutor
    ) async throws -> [UUID: [LeasedHandOver]] {
        let rows = try await executor.execute(
            Self.leaseEach, wishes.map(\.agency), wishes.map { Int32($0.limit) },
            wishes.map { PostgresInterval($0.time) }, wishes.map(\.requestedBy))
        var leased = wishes.reduce(into: [UUID: [LeasedHandOver]]()) { $0[$1.agency] = [] }
        for row in rows {
            let agency = try row.decode(UUID.self, column: "agency")
            if try row.decode(Bool.self, column: "alone") {
                leased[agency] = nil
            } else {
                leased[agency, default: []].append(try LeasedHandOver(row: row))
            }
        }
        return leased
    }

    /// The packages of disclosures of whatever agencies, by disclosure; one that is missing is to be read alone. Waits for no lock.
    public func readPackages(
        each wanted: [(disclosure: UUID, agency: UUID)], on executor: some PostgresExecutor
    ) async throws -> [UUID: DisclosedPackage] {
        try Self.packages(
            try await executor.execute(Self.packagesEach, wanted.map(\.agency), wanted.map(\.disclosure)))
    }

    /// The leases that accepted, of those; one that is missing is to answer alone. Waits for no lock.
    public func accept(each acceptances: [Acceptance], on executor: some PostgresExecutor) async throws -> Set<UUID> {
        let rows = try await executor.execute(
            Self.acceptEach, acceptances.map(\.agency), acceptances.map(\.number.rawValue), acceptances.map(\.lease))
        return Set(try rows.map { try $0.decode(UUID.self) })
    }

    /// Has the agency's next leases begin where its queue's first hand-over is that waits. A hint: harmless at any time.
    public func shortenLanes(of queue: String, on executor: some PostgresExecutor) async throws {
        try await executor.execute(Self.advanceLanes, queue)
    }

    static let leaseEach = Statement(
        name: "gateway_lease_each",
        """
        SELECT agency, alone, lease, expires_at, attempt, referral_id, number, purpose, legal_basis, tier, answer_due_at,
            disclosure, NULL::text AS refused
        FROM gateway.lease_each($1, $2, $3, $4)
        """)
    static let packagesEach = Statement(
        name: "gateway_read_packages_each",
        "SELECT disclosure, profile, fields, sealed, checkpoint FROM gateway.read_packages_each($1, $2)")
    static let acceptEach = Statement(
        name: "gateway_accept_each", "SELECT lease FROM gateway.accept_each($1, $2, $3) AS lease")
    static let advanceLanes = Statement(name: "gateway_advance", "SELECT queue.advance($1)")
}
