import AgencyDoors
import Logging
import PostgresClient
import ServiceLifecycle

/// Watches over the SQL door: every few seconds it has the sessions of agencies ended that stay too long in a transaction or a
/// statement, since a login can set its own timeouts away. Any number of gateways may do so at once.
struct PartnerWatch: Service {
    struct Settings: Sendable {
        /// How long an agency's transaction or statement may take: `DANDELION_PARTNER_LONGEST_MILLISECONDS` (30000).
        var longest: Duration = .seconds(30)
        var interval: Duration = .seconds(5)
    }

    let pool: PostgresPool
    let settings: Settings
    let logger: Logger

    /// Looks until graceful shutdown. A look that fails is repeated at the next turn.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                do { try await Task.sleep(for: self.settings.interval) } catch { return }
            }
        }
    }

    private func look() async {
        do {
            for ended in try await PartnerGuard().watch(longest: self.settings.longest, on: self.pool) {
                self.logger.warning(
                    "Agency's database session ended",
                    metadata: ["login": "\(ended.login)", "reason": "\(ended.reason)"])
            }
        } catch is CancellationError {
            return
        } catch {
            // Somebody must look when it goes on: until then no session is ended.
            self.logger.error("Agencies' database sessions not looked at", metadata: ["error": "\(error)"])
        }
    }
}
