import AgencyDoors
import Casework
import FoundationEssentials
import JobTypes
import Logging
import Metrics
import NIOCore
import PostgresClient
import ServiceKit

/// Leases an agency's hand-overs to it, and shows each package after the ledger says so: the lease and the records of what
/// is about to be disclosed commit together, and the bytes are read after that, against those records (invariant 5). The
/// gateway never sees more than ciphertext.
struct Leasing: Sendable {
    /// What one request asks for.
    struct Wish: Sendable {
        let maximum: Int
        let wait: Duration
        let lease: Duration
    }

    let pool: PostgresPool
    let doors: GatewayDoorStore
    let polls: LongPolls
    let rounds: GatewayRounds?
    let logger: Logger
    /// How fast a hand-over comes back whose package cannot be read.
    private let unreadablePolicy = RetryPolicy(initialDelay: .seconds(5), maximumDelay: .seconds(600))
    private let leased = Counter(label: "gateway_leases_total")

    init(
        pool: PostgresPool, doors: GatewayDoorStore, polls: LongPolls, rounds: GatewayRounds? = nil, logger: Logger
    ) {
        self.pool = pool
        self.doors = doors
        self.polls = polls
        self.rounds = rounds
        self.logger = logger
    }

    /// Waits for hand-overs as long as the wish says.
    func lease(
        _ wish: Wish, for agency: Agency, connection: any Channel
    ) async throws -> [LeaseAnswer.Lease] {
        try await self.polls.poll(agency: agency.id, wait: wish.wait, connection: connection) {
            try await self.leaseNow(wish, for: agency)
        }
    }

    private func leaseNow(_ wish: Wish, for agency: Agency) async throws -> LongPolls.Look<LeaseAnswer.Lease> {
        let handOvers: [LeasedHandOver]
        let together = await self.rounds?.lease(
            .init(of: agency.id, limit: wish.maximum, for: wish.lease, requestedBy: agency.code))
        if let together {
            handOvers = together
        } else {
            handOvers = try await self.pool.retryingConflicts {
                try await self.doors.lease(
                    limit: wish.maximum, for: wish.lease, of: agency.id, requestedBy: agency.code, on: self.pool)
            }
        }
        for handOver in handOvers { self.note(handOver) }
        let leases = await self.withPackages(handOvers, for: agency)
        self.leased.increment(by: leases.count)
        if let together { await self.rounds?.shortenLanes(of: agency.id, together.count) }
        return LongPolls.Look(found: leases, tookAll: handOvers.count < wish.maximum)
    }

    /// Those whose package could be read. What was leased and cannot be delivered is given back and does not keep the
    /// others from being.
    private func withPackages(_ handOvers: [LeasedHandOver], for agency: Agency) async -> [LeaseAnswer.Lease] {
        let records = handOvers.compactMap { $0.referral?.disclosure }
        guard !records.isEmpty else { return [] }
        let packages: [UUID: DisclosedPackage]
        let failure: String?
        do {
            if let read = await self.rounds?.read(records, of: agency.id) {
                packages = read
            } else {
                packages = try await self.pool.retryingConflicts {
                    try await self.doors.readPackages(records, of: agency.id, on: self.pool)
                }
            }
            failure = "package_unreadable"
        } catch {
            self.logger.warning("Packages not read", metadata: ["error": .string(SafeDiagnosis.of(error))])
            packages = [:]
            failure = nil  // The database was away: no attempt of the agency's.
        }
        var leases: [LeaseAnswer.Lease] = []
        for handOver in handOvers {
            guard let referral = handOver.referral else { continue }
            if let package = packages[referral.disclosure] {
                leases.append(LeaseAnswer.Lease(handOver, referral, package, agency: agency.id))
            } else {
                await self.giveBack(handOver, referral, of: agency, failure: failure)
            }
        }
        return leases
    }

    private func giveBack(
        _ handOver: LeasedHandOver, _ referral: LeasedHandOver.Referral, of agency: Agency, failure: String?
    ) async {
        var generator = SystemRandomNumberGenerator()
        let delay =
            failure == nil
            ? Duration.seconds(1) : self.unreadablePolicy.delay(afterAttempt: handOver.attempt, using: &generator)
        let number: Logger.Metadata = ["referral": .stringConvertible(referral.number)]
        do {
            let result = try await self.doors.handBack(
                referral.number, lease: handOver.lease, of: agency.id, delay: delay, failure: failure, on: self.pool)
            // Withdrawn between the two transactions: its job went with it.
            guard result == .done else { return }
            self.logger.error("Hand-over not delivered: its package was not read", metadata: number)
        } catch {
            // The lease runs out by itself, and the hand-over comes back then.
            self.logger.warning(
                "Hand-over not given back",
                metadata: number.merging(["error": .string(SafeDiagnosis.of(error))]) { $1 })
        }
    }

    /// Says what the database settled without delivering it.
    private func note(_ handOver: LeasedHandOver) {
        guard let refused = handOver.refused else { return }
        let metadata: Logger.Metadata = ["code": .string(refused), "attempt": .stringConvertible(handOver.attempt)]
        switch refused {
        case "referral_not_open", "consent_gone":
            self.logger.info("Hand-over no longer wanted", metadata: metadata)
        default:
            self.logger.error("Hand-over cannot be delivered", metadata: metadata)
        }
    }
}
