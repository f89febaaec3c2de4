import CaseworkStore
import FoundationEssentials
import Logging
import PostgresClient
import ServiceLifecycle

/// Forgets idempotency keys that are older than any client repeats a request. Every process does it, a little at a time;
/// they skip what another has in hand.
struct IdempotencySweep: Service {
    private static let batch = 1000

    let pool: PostgresPool
    let keep: Duration
    var interval: Duration = .seconds(3600)
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await self.sweep()
                    if count > 0 {
                        self.logger.info("Old idempotency keys forgotten", metadata: ["key.count": "\(count)"])
                    }
                } catch {
                    self.logger.warning("Old idempotency keys not forgotten yet", metadata: ["error": "\(error)"])
                }
                // Processes that started together do not sweep together. Cancelled: the loop's condition ends it.
                try? await Task.sleep(for: self.interval * Double.random(in: 0.8...1.2))
            }
        }
    }

    /// Returns how many were forgotten.
    @discardableResult
    func sweep() async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            let count = try await IntakeStore().forgetIdempotencyKeys(
                olderThan: self.keep, limit: Self.batch, on: self.pool)
            total += count
            if count < Self.batch { break }
        }
        return total
    }
}
