import CaseworkStore
import Contracts
import JobQueue
import Logging
import Metrics
import PostgresClient
import ServiceLifecycle

/// Finds messages that reached nobody in time, whatever became of their jobs, and has somebody else told: a case's owner,
/// or the station above the one that could not be reached. Each is found once, by whichever process looks first.
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
                let late = try await MessageStore().takeLate(limit: Self.batch, in: transaction)
                for message in late {
                    guard let station = message.tell else { continue }
                    try await Follower().tell(
                        station, of: message.caseID,
                        kind: message.isForPerson ? "contact_failed" : "station_unreachable", store: self.jobs,
                        in: transaction)
                }
                return late.count
            }
            found += page
        } while page == Self.batch
        if found > 0 {
            Counter(label: "notification_late").increment(by: found)
            self.logger.error("Messages reached nobody in time", metadata: ["message.count": "\(found)"])
        }
        return found
    }
}
