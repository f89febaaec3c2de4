import CaseworkStore
import Contracts
import JobQueue
import Logging
import PostgresClient
import ServiceLifecycle

/// Finds clocks that are due but have no live job (it became a dead letter, or an operator cancelled it) and enqueues it
/// again. A clock's unique key makes it harmless to do so for one that has.
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

    /// Returns how many clocks had lost their job.
    @discardableResult
    func sweep() async throws -> Int {
        let found = try await self.pool.withTransaction("sweep_clocks") { transaction in
            var found = 0
            for clock in try await ClockStore().overdue(limit: Self.batch, on: transaction) {
                let job = try await self.jobs.enqueue(
                    JobRequest(
                        ClockDue(clockID: clock.id), queue: Queues.routing, priority: 1,
                        uniqueKey: ClockDue.uniqueKey(clockID: clock.id)), in: transaction)
                if job.isNew { found += 1 }
            }
            return found
        }
        if found > 0 {
            self.logger.error("Overdue clocks had no job and got one", metadata: ["clock.count": "\(found)"])
        }
        return found
    }
}
