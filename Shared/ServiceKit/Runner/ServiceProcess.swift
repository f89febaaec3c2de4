import Logging
import Migrations
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle
import UnixSignals

/// One process: pool, listener and services in one group, from start to exit code.
struct ServiceProcess {
    let configuration: ServiceConfiguration
    let migrations: [MigrationSet]
    let logger: Logger
    let metrics: MetricsRegistry
    let build: @Sendable (ServiceContext) async throws -> [any Service]

    /// Runs until SIGTERM or SIGINT, or until a service fails. Never throws: whatever happens is an exit.
    func run(signals: [UnixSignal] = [.sigterm, .sigint]) async -> ServiceExit {
        let pool = PostgresPool(self.configuration.database, logger: self.logger)
        let listener = PostgresListener(self.configuration.database, logger: self.logger)
        let progress = NIOLockedValueBox(ServiceRoot.Progress())
        self.metrics.observe(pool)
        let root = ServiceRoot(
            context: self.context(pool: pool, listener: listener), migrations: self.migrations, build: self.build,
            progress: progress)
        // Shut down in reverse: first the services, which may still need the database, last the pool.
        var configuration = ServiceGroupConfiguration(
            services: [pool, root], gracefulShutdownSignals: signals, logger: self.logger)
        configuration.maximumGracefulShutdownDuration = self.configuration.drain
        configuration.maximumCancellationDuration = .seconds(10)
        do {
            // A service mostly waits for the database.
            try await withTaskExecutorPreference(PostgresThread.taskExecutor) {
                try await ServiceGroup(configuration: configuration).run()
            }
            return ServiceExit(.ok, "stopped")
        } catch {
            return self.exit(for: error, progress: progress.withLockedValue { $0 })
        }
    }

    private func context(pool: PostgresPool, listener: PostgresListener) -> ServiceContext {
        ServiceContext(
            configuration: self.configuration, pool: pool, listener: listener, logger: self.logger,
            metrics: self.metrics,
            operations: Operations(
                metrics: self.metrics,
                checks: self.migrations.isEmpty
                    ? [.database(pool)] : [.database(pool), .schema(self.migrations, on: pool)],
                logger: self.logger))
    }

    private func exit(for error: any Error, progress: ServiceRoot.Progress) -> ServiceExit {
        if error is CancellationError, progress.wasAskedToStop {
            self.logger.warning(
                "Work was cut short because the drain time ran out",
                metadata: ["drain.seconds": .stringConvertible(self.configuration.drain.components.seconds)])
            return ServiceExit(.ok, "stopped before all work was done")
        }
        return ServiceExit(for: error, duringStart: !progress.hasStarted)
    }
}

extension MetricsRegistry {
    /// How full the pool is, read at each scrape.
    func observe(_ pool: PostgresPool) {
        let help = "Database connections of this process by state."
        self.observeGauge("postgres_pool_connections", labels: [("state", "open")], help: help) {
            Double(pool.statistics.open)
        }
        self.observeGauge("postgres_pool_connections", labels: [("state", "idle")], help: help) {
            Double(pool.statistics.idle)
        }
        self.observeGauge("postgres_pool_connections", labels: [("state", "maximum")], help: help) {
            Double(pool.statistics.maximum)
        }
        self.observeGauge("postgres_pool_waiting", help: "Callers waiting for a database connection.") {
            Double(pool.statistics.waiting)
        }
    }
}
