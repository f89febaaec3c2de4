import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import Logging
import PostgresClient
import ServiceLifecycle

/// Finds clocks that are due, and cases not decided on, whose job is gone (it became a dead letter, or an operator
/// cancelled it) and enqueues it again. Unique keys and handlers that look at the state make a needless one harmless.
struct ClockSweep: Service {
    private static let batch = 500

    let pool: PostgresPool
    let jobs: JobStore
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.sweep()
                } catch {
                    self.logger.warning("Overdue clocks not looked for", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
    }

    /// Returns how many clocks, and cases nobody had decided on, had lost their job.
    @discardableResult
    func sweep() async throws -> Int {
        var found = 0
        var last: OverdueClock?
        repeat {
            let (page, lost) = try await self.sweepClocks(after: last)
            found += lost
            last = page.count == Self.batch ? page.last : nil
        } while last != nil
        found += try await self.sweepCases()
        try await self.sweepWarnings()
        if found > 0 {
            self.logger.error("Work that was due had no job and got one", metadata: ["job.count": "\(found)"])
        }
        return found
    }

    private func sweepClocks(after last: OverdueClock?) async throws -> (page: [OverdueClock], lost: Int) {
        try await self.pool.withTransaction("sweep_clocks") { transaction in
            let page = try await ClockStore().overdue(limit: Self.batch, after: last, on: transaction)
            var lost = 0
            for clock in page {
                let key = ClockDue.uniqueKey(clockID: clock.id)
                let request =
                    try clock.kind == .followUp
                    ? JobRequest(
                        FollowUpDue(caseID: clock.caseID, followUpID: clock.id), queue: Queues.routing, uniqueKey: key)
                    : JobRequest(ClockDue(clockID: clock.id), queue: Queues.routing, priority: 1, uniqueKey: key)
                if try await self.jobs.enqueue(request, in: transaction).isNew { lost += 1 }
            }
            return (page, lost)
        }
    }

    /// Clocks of which people may have to be warned get a job; there is no other that does this.
    private func sweepWarnings() async throws {
        try await self.pool.withTransaction("sweep_warnings") { transaction in
            for id in try await ClockStore().toWarn(limit: Self.batch, on: transaction) {
                _ = try await self.jobs.enqueue(
                    JobRequest(
                        ClockWarning(clockID: id), queue: Queues.routing, priority: 2,
                        uniqueKey: ClockWarning.uniqueKey(clockID: id)), in: transaction)
            }
        }
    }

    private func sweepCases() async throws -> Int {
        try await self.pool.withTransaction("sweep_cases") { transaction in
            var lost = 0
            for id in try await CaseStore().unrouted(olderThan: .seconds(300), limit: Self.batch, on: transaction) {
                let request = try JobRequest(
                    CaseOpened(caseID: id), queue: Queues.routing, priority: 1,
                    uniqueKey: "case:" + id.uuidString.lowercased())
                if try await self.jobs.enqueue(request, in: transaction).isNew { lost += 1 }
            }
            return lost
        }
    }
}
