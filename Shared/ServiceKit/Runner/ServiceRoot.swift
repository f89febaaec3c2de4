import Logging
import Migrations
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle

/// The part of a process that runs above its pool: waits for the database, builds the services, runs them.
struct ServiceRoot: Service, CustomStringConvertible {
    /// How far the process has come, for whoever has to explain its end.
    struct Progress {
        var hasStarted = false
        var wasAskedToStop = false
    }

    /// Service groups log their services by description; the default one would spell out the whole process.
    let description = "ServiceRoot"
    let context: ServiceContext
    let migrations: [MigrationSet]
    let build: @Sendable (ServiceContext) async throws -> [any Service]
    let progress: NIOLockedValueBox<Progress>

    func run() async throws {
        let progress = self.progress
        try await withGracefulShutdownHandler {
            guard let services = try await self.start() else { return }
            self.progress.withLockedValue { $0.hasStarted = true }
            self.context.logger.info("Service starting")
            // The listener first, so that it stops last; and only now, since it would complain of the same database.
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [self.context.listener] + services, logger: self.context.logger)
            ).run()
            self.context.logger.info("Service stopped")
        } onGracefulShutdown: {
            progress.withLockedValue { $0.wasAskedToStop = true }
        }
    }

    /// The services, or nil when the process was asked to stop before it was up.
    private func start() async throws -> [any Service]? {
        do {
            return try await cancelWhenGracefulShutdown {
                let startup = DatabaseStartup(
                    patience: self.context.configuration.startupPatience, logger: self.context.logger)
                try await startup.wait {
                    try await self.context.pool.execute(.ping)
                    guard !self.migrations.isEmpty else { return }
                    try await SchemaVersion.require(self.migrations, on: self.context.pool)
                }
                return try await self.build(self.context)
            }
        } catch {
            if self.progress.withLockedValue({ $0.wasAskedToStop }) { return nil }
            throw error
        }
    }
}
