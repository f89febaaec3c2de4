import AgencyDoors
import CaseworkStore
import FoundationEssentials
import Logging
import PostgresClient
import ServiceLifecycle

/// Forgets what nobody asks for any more: keys of repeated requests after a day, settled webhooks after their time. Every
/// process does it, a little at a time; they skip what another has in hand.
struct ForgettingSweep: Service {
    private static let batch = 1000

    let pool: PostgresPool
    var keepKeys: Duration = .seconds(86_400)
    let keepWebhooks: Duration
    var interval: Duration = .seconds(3600)
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await self.sweep()
                    if count > 0 {
                        self.logger.info("Old keys and webhooks forgotten", metadata: ["row.count": "\(count)"])
                    }
                } catch {
                    self.logger.warning("Old keys and webhooks not forgotten yet", metadata: ["error": "\(error)"])
                }
                // Processes that started together do not sweep together. Cancelled: the loop's condition ends it.
                try? await Task.sleep(for: self.interval * Double.random(in: 0.8...1.2))
            }
        }
    }

    /// Returns how much was forgotten.
    @discardableResult
    func sweep() async throws -> Int {
        let keys = try await self.all {
            try await GatewayDoorStore().forgetKeys(olderThan: self.keepKeys, limit: Self.batch, on: self.pool)
        }
        let webhooks = try await self.all {
            try await GatewayStore().forgetWebhooks(olderThan: self.keepWebhooks, limit: Self.batch, on: self.pool)
        }
        return keys + webhooks
    }

    private func all(_ some: () async throws -> Int) async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            let count = try await some()
            total += count
            if count < Self.batch { break }
        }
        return total
    }
}
