import CaseworkStore
import Contracts
import JobQueue
import Logging
import Metrics
import PostgresClient
import ServiceLifecycle

/// Finds messages that reached nobody in time, whatever became of their jobs, and has somebody else told; and what was to
/// be said to agencies together and no digest says. Each is found once, by whichever process looks first.
struct LateMessages: Service {
    private static let batch = 200

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
                    self.logger.warning("Late messages not looked for", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
    }

    /// Returns how many were late.
    @discardableResult
    func sweep() async throws -> Int {
        var found = 0
        var page: Int
        repeat {
            page = try await self.pool.withTransaction("late_messages") { transaction in
                let count = try await MessageStore().followLate(limit: Self.batch, on: transaction)
                if count > 0 { self.ring(transaction) }
                return count
            }
            found += page
        } while page == Self.batch
        if found > 0 {
            Counter(label: "notification_late").increment(by: found)
            self.logger.error("Messages reached nobody in time", metadata: ["message.count": "\(found)"])
        }
        try await self.pool.withTransaction("gather_digests") { transaction in
            if try await MessageRequests().gatherDigests(on: transaction) > 0 { self.ring(transaction) }
        }
        return found
    }

    private func ring(_ transaction: PostgresTransaction) {
        self.jobs.ringAfterCommit([Queues.urgentNotification, Queues.notification], in: transaction)
    }
}
