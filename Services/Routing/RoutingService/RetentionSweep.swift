import CaseworkStore
import FoundationEssentials
import Ledger
import Logging
import PostgresClient
import Safeguarding
import ServiceLifecycle

/// Takes out of cases that are over what identifies people, when their time has come and nobody holds them, has what opens
/// their entries in the ledger destroyed, and deletes impact assessments whose time is over (S33). Every process does it, a few
/// at a time; they skip what another has in hand.
struct RetentionSweep: Service {
    private static let batch = 50

    let pool: PostgresPool
    /// How long after its closing a case keeps what identifies people.
    let keep: Duration
    var interval: Duration = .seconds(3600)
    let logger: Logger
    private let packages = SealedPackageStore()

    init(pool: PostgresPool, keep: Duration, logger: Logger) {
        self.pool = pool
        self.keep = keep
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await self.sweep()
                    if count > 0 {
                        self.logger.info("Cases anonymised", metadata: ["case.count": "\(count)"])
                    }
                } catch {
                    self.logger.warning("Cases not anonymised yet", metadata: ["error": "\(error)"])
                }
                do {
                    let count = try await self.forgetAssessments(now: Date())
                    if count > 0 {
                        self.logger.info("Impact assessments deleted", metadata: ["assessment.count": "\(count)"])
                    }
                } catch {
                    self.logger.warning("Impact assessments not deleted yet", metadata: ["error": "\(error)"])
                }
                // Processes that started together do not sweep together. Cancelled: the loop's condition ends it.
                try? await Task.sleep(for: self.interval * Double.random(in: 0.8...1.2))
            }
        }
    }

    /// Returns how many cases hold nothing of people any more.
    @discardableResult
    func sweep() async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            let count = try await self.pool.withTransaction("anonymise_cases") { transaction in
                let cases = try await RetentionStore().anonymise(
                    closedFor: self.keep, limit: Self.batch, in: transaction)
                for caseID in cases {
                    try await LedgerStore().erase(caseID, on: transaction)
                    for referral in try await ReferralStore().of(caseID: caseID, on: transaction) {
                        _ = try await self.packages.discard(referral: referral.id, on: transaction)
                    }
                }
                return cases.count
            }
            total += count
            if count < Self.batch { break }
        }
        return total
    }

    /// Deletes the impact assessments whose time is over at `now`. Returns how many.
    @discardableResult
    func forgetAssessments(now: Date) async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            let count = try await AssessmentStore().forget(now: now, limit: Self.batch, on: self.pool)
            total += count
            if count < Self.batch { break }
        }
        return total
    }
}
