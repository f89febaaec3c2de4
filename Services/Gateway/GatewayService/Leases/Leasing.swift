import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import Metrics
import NIOCore
import PostgresClient
import ServiceKit

/// Leases an agency's hand-overs to it, and discloses each package after the ledger says so.
struct Leasing: Sendable {
    /// What one request asks for.
    struct Wish: Sendable {
        let maximum: Int
        let wait: Duration
        let lease: Duration
    }

    let pool: PostgresPool
    let jobs: JobStore
    let referrals: GatewayStore
    let disclosure: HandOverDisclosure
    let polls: LongPolls
    let logger: Logger
    /// How fast a hand-over comes back whose package cannot be read.
    private let unreadablePolicy = RetryPolicy(initialDelay: .seconds(5), maximumDelay: .seconds(600))
    private let leased = Counter(label: "gateway_leases_total")

    init(
        pool: PostgresPool, jobs: JobStore, referrals: GatewayStore, disclosure: HandOverDisclosure, polls: LongPolls,
        logger: Logger
    ) {
        self.pool = pool
        self.jobs = jobs
        self.referrals = referrals
        self.disclosure = disclosure
        self.polls = polls
        self.logger = logger
    }

    /// Who holds an agency's leases in the job table: no other agency's door finds them.
    static func holder(_ agency: Agency) -> String { Queues.agency(agency.id).rawValue }

    /// Waits for hand-overs as long as the wish says.
    func lease(
        _ wish: Wish, for agency: Agency, connection: any Channel
    ) async throws -> [LeaseAnswer.Lease] {
        try await self.polls.poll(agency: agency.id, wait: wish.wait, connection: connection) {
            try await self.leaseNow(wish, for: agency)
        }
    }

    private func leaseNow(_ wish: Wish, for agency: Agency) async throws -> LongPolls.Look<LeaseAnswer.Lease> {
        let claimed = try await self.jobs.claim(
            queue: Queues.agency(agency.id), limit: wish.maximum, leaseFor: wish.lease, holder: Self.holder(agency),
            on: self.pool)
        guard !claimed.isEmpty else { return LongPolls.Look(found: [], tookAll: true) }
        // A few at a time: each takes two transactions, and the pool is everybody's.
        let delivered = await withTaskGroup(of: (Int, LeaseAnswer.Lease?).self) { group in
            var leases: [Int: LeaseAnswer.Lease] = [:]
            for (index, job) in claimed.enumerated() {
                if index >= 4, let (done, lease) = await group.next() { leases[done] = lease }
                group.addTask { (index, await self.deliver(job, to: agency)) }
            }
            for await (done, lease) in group { leases[done] = lease }
            return leases.sorted { $0.key < $1.key }.map(\.value)
        }
        self.leased.increment(by: delivered.count)
        return LongPolls.Look(found: delivered, tookAll: claimed.count < wish.maximum)
    }

    /// Discloses one hand-over. What cannot be delivered is settled here and does not keep the others from being.
    private func deliver(_ job: LeasedJob, to agency: Agency) async -> LeaseAnswer.Lease? {
        do {
            let offered = try job.decode(ReferralOffered.self)
            let disclosed = try await self.disclosure.disclose(offered.referralID, to: agency, job: job)
            let referral = disclosed.referral
            return LeaseAnswer.Lease(
                lease: LeaseHandle(number: referral.number, alias: job.leaseAlias).description,
                expiresAt: job.leaseExpiresAt ?? job.createdAt, attempt: job.attempt,
                referral: LeaseAnswer.Referral(
                    number: referral.number.rawValue, purpose: referral.purpose.rawValue,
                    legalBasis: referral.legalBasis, status: ReferralStatus.received.rawValue,
                    answerDueAt: referral.answerDueAt, tier: referral.tier.rawValue),
                package: disclosed.package)
        } catch {
            await self.giveBack(job, because: error)
            return nil
        }
    }

    private func giveBack(_ job: LeasedJob, because error: any Error) async {
        let ending = Ending(error)
        var metadata: Logger.Metadata = [
            "job.alias": .stringConvertible(job.alias), "error": .string(SafeDiagnosis.of(error)),
        ]
        if let casework = error as? CaseworkError { metadata["error"] = .string(casework.description) }
        do {
            switch ending {
            case .lost:
                return
            case .notWanted(let code):
                try await self.jobs.cancel(job, code: code, on: self.pool)
                self.logger.info("Hand-over no longer wanted", metadata: metadata)
            case .impossible(let code):
                try await self.jobs.discard(job, code: code, on: self.pool)
                self.logger.error("Hand-over cannot be delivered", metadata: metadata)
            case .unreadable(let code):
                var generator = SystemRandomNumberGenerator()
                let delay = self.unreadablePolicy.delay(afterAttempt: job.attempt, using: &generator)
                try await self.jobs.fail(job, code: code, retryAfter: delay, on: self.pool)
                self.logger.error("Package cannot be read", metadata: metadata)
            case .later:
                try await self.jobs.snooze(job, delay: .seconds(1), on: self.pool)
                self.logger.warning("Hand-over not delivered", metadata: metadata)
            }
        } catch {
            // The lease runs out by itself, and the hand-over comes back then.
            self.logger.warning(
                "Hand-over not given back",
                metadata: [
                    "job.alias": .stringConvertible(job.alias), "error": .string(SafeDiagnosis.of(error)),
                ])
        }
    }
}

extension Leasing {
    /// What becomes of a hand-over that could not be delivered.
    enum Ending: Equatable {
        /// Somebody else's by now.
        case lost
        /// The referral was withdrawn or answered: its job goes.
        case notWanted(code: String)
        /// No later delivery can succeed: a dead letter.
        case impossible(code: String)
        /// The package may be repaired: it comes back after a pause, counted as a failed attempt.
        case unreadable(code: String)
        /// The database was away: it comes back soon.
        case later

        init(_ error: any Error) {
            switch error {
            case let error as JobQueueError where error.code == .leaseLost: self = .lost
            // Of a newer version than this process knows: a gateway that does gets its chance.
            case is JobQueueError: self = .unreadable(code: "undecodable_arguments")
            case let error as CaseworkError where error.code == .referralState:
                self = .notWanted(code: "referral_not_open")
            case let error as CaseworkError where error.code == .consentGone:
                self = .notWanted(code: "consent_gone")
            case let error as CaseworkError where error.code == .notThisAgencys:
                self = .impossible(code: "referral_not_of_this_agency")
            case is CaseworkError: self = .unreadable(code: "referral_unreadable")
            case is UnreadablePackage: self = .unreadable(code: "package_unreadable")
            default: self = .later
            }
        }
    }
}
