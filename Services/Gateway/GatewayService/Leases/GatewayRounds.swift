import AgencyDoors
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceKit
import ServiceLifecycle

/// What agencies ask at the same moment, in one transaction each: whose their keys are, leases, readings of packages, and
/// acceptances without a word to them. Where many ask at once, each costs a fraction of what it costs
/// alone; whoever comes while no round is under way goes at once.
///
/// A round does only what is usual and waits for no lock of anybody: whatever somebody else holds, and whatever is out of the
/// ordinary, leaves it before anything is written for it, and goes alone. Whatever goes wrong undoes all of a round, and each
/// goes alone: one agency never decides about another (invariant 11), and what each is answered is what it would be alone.
struct GatewayRounds: Service {
    /// What became of an acceptance in a round.
    enum AnswerFate: Sendable {
        case accepted
        /// Nothing was written for it.
        case untouched
        /// It may have been accepted: the COMMIT's outcome is not known.
        case unknown
    }

    /// Whose a key is.
    enum CallerFate: Sendable {
        case known(AgencyCaller)
        case nobodys
        /// Not looked for.
        case untouched
    }

    typealias Leases = TransactionRounds<UUID, GatewayDoorStore.LeaseWish, [LeasedHandOver]?>
    typealias Readings = TransactionRounds<UUID, Reading, [UUID: DisclosedPackage]?>
    typealias Answers = TransactionRounds<UUID, GatewayDoorStore.Acceptance, AnswerFate>
    typealias Callers = TransactionRounds<[UInt8], Void, CallerFate>

    /// Packages of one agency that are read together.
    struct Reading: Sendable {
        let disclosures: [UUID]
        let agency: UUID
    }

    /// With fewer connections than this there is none to spare.
    static let leastConnections = 8
    /// Rounds last milliseconds, and one that does not hangs.
    static let patience: Duration? = .milliseconds(250)
    /// Agencies wish for twenty hand-overs at most.
    let leases = Leases(connections: 2, RoundPace(largest: 16, atATime: 2), untouched: nil)
    let readings = Readings(connections: 1, RoundPace(atATime: 1), untouched: nil)
    let callers = Callers(connections: 1, RoundPace(atATime: 1), untouched: .untouched)
    let answers = Answers(connections: 1, RoundPace(atATime: 1), untouched: .untouched)
    let pool: PostgresPool
    let doors: GatewayDoorStore
    let bell: JobBell
    let logger: Logger
    private let referrals = GatewayStore()
    /// How long to wait for a round to begin before going alone; nil for ever.
    let patience: Duration?

    init(
        pool: PostgresPool, doors: GatewayDoorStore, bell: JobBell, patience: Duration? = Self.patience, logger: Logger
    ) {
        self.pool = pool
        self.doors = doors
        self.bell = bell
        self.patience = patience
        self.logger = logger
    }

    /// Until graceful shutdown. While this does not run, everything goes alone.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.leases.run() }
            group.addTask { try await self.readings.run() }
            group.addTask { try await self.answers.run() }
            group.addTask { try await self.callers.run() }
            try await group.waitForAll()
        }
    }

    /// The agency that a key with this SHA-256 belongs to now, if any.
    func caller(keyHash: [UInt8]) async throws -> AgencyCaller? {
        if self.callers.gathered < self.callers.slots {
            switch await self.callers.take(
                .init(keyHash, kind: "caller", ()), patience: self.patience, self.find)
            {
            case .known(let caller): return caller
            case .nobodys: return nil
            case .untouched: break
            }
        }
        return try await self.referrals.callers(keyHashes: [keyHash], on: self.pool)[keyHash]
    }

    /// What the agency leased; nil when it is to ask alone.
    func lease(_ wish: GatewayDoorStore.LeaseWish) async -> [LeasedHandOver]? {
        guard self.leases.gathered < self.leases.slots else { return nil }
        return await self.leases.take(
            .init(wish.agency, kind: "lease", wish), patience: self.patience, self.lease)
    }

    /// The packages of these disclosures, all of them; nil when they are to be read alone.
    func read(_ disclosures: [UUID], of agency: UUID) async -> [UUID: DisclosedPackage]? {
        guard let first = disclosures.first, self.readings.gathered < self.readings.slots else { return nil }
        let reading = Reading(disclosures: disclosures, agency: agency)
        return await self.readings.take(.init(first, kind: "read", reading), patience: self.patience, self.read)
    }

    /// Accepts a hand-over.
    func accept(_ acceptance: GatewayDoorStore.Acceptance) async -> AnswerFate {
        guard self.answers.gathered < self.answers.slots else { return .untouched }
        return await self.answers.take(
            .init(acceptance.lease, kind: "accept", acceptance), patience: self.patience, self.accept)
    }

    @Sendable private func find(_ parts: [Callers.Part]) async -> [[UInt8]: CallerFate] {
        do {
            let known = try await self.referrals.callers(keyHashes: parts.map(\.key), on: self.pool)
            return parts.reduce(into: [:]) { $0[$1.key] = known[$1.key].map(CallerFate.known) ?? .nobodys }
        } catch {
            self.undone(error, parts.count)
            return [:]
        }
    }

    @Sendable private func lease(_ parts: [Leases.Part]) async -> [UUID: [LeasedHandOver]?] {
        let leased = NIOLockedValueBox<[UUID: [LeasedHandOver]]>([:])
        do {
            // Read before the COMMIT: a row that cannot be read undoes the leases of all, instead of leaving them to nobody.
            try await self.pool.withTransaction("gateway_lease_round") { transaction in
                let rows = try await self.doors.lease(each: parts.map(\.item), on: transaction)
                leased.withLockedValue { $0 = rows }
            }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            // Reading the packages finds it out: of disclosures that were not committed there are none to be read.
            self.undone(error, parts.count)
        } catch {
            self.undone(error, parts.count)
            return [:]
        }
        return leased.withLockedValue { $0 }.mapValues { $0 }
    }

    @Sendable private func read(_ parts: [Readings.Part]) async -> [UUID: [UUID: DisclosedPackage]?] {
        do {
            let wanted = parts.flatMap { part in
                part.item.disclosures.map { (disclosure: $0, agency: part.item.agency) }
            }
            let packages = try await self.doors.readPackages(each: wanted, on: self.pool)
            return parts.reduce(into: [:]) { fates, part in
                let own = packages.filter { part.item.disclosures.contains($0.key) }
                if own.count == part.item.disclosures.count { fates[part.key] = own }
            }
        } catch {
            self.undone(error, parts.count)
            return [:]
        }
    }

    @Sendable private func accept(_ parts: [Answers.Part]) async -> [UUID: AnswerFate] {
        let accepted = NIOLockedValueBox<Set<UUID>>([])
        do {
            try await self.pool.withTransaction("gateway_accept_round") { transaction in
                let written = try await self.doors.accept(each: parts.map(\.item), on: transaction)
                accepted.withLockedValue { $0 = written }
                if !written.isEmpty { transaction.afterCommit { self.bell.ring(Queues.routing) } }
            }
            return accepted.withLockedValue { $0 }.reduce(into: [:]) { $0[$1] = .accepted }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            self.undone(error, parts.count)
            // Only of those for which something was written.
            return accepted.withLockedValue { $0 }.reduce(into: [:]) { $0[$1] = .unknown }
        } catch {
            self.undone(error, parts.count)
            return [:]
        }
    }

    /// Each finds out for itself what is wrong, and says so.
    private func undone(_ error: any Error, _ count: Int) {
        self.logger.debug(
            "A round was undone; its requests go one by one",
            metadata: ["request.count": "\(count)", "error": .string(SafeDiagnosis.of(error))])
    }

    /// Now and then, as every claim that is alone in its transaction does: a round's claims leave the marks of their queues' lanes where
    /// they are, since they might wait for them.
    func shortenLanes(of agency: UUID, _ count: Int) async {
        guard Int.random(in: 0..<500) < count else { return }
        do {
            try await self.doors.shortenLanes(of: Queues.agency(agency).rawValue, on: self.pool)
        } catch {
            self.logger.debug("Lanes not shortened", metadata: ["error": .string(SafeDiagnosis.of(error))])
        }
    }
}
