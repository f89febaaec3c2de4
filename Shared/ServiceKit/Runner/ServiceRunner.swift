import CoreMetrics
import FoundationEssentials
import Glibc
public import Logging
public import Migrations
public import ServiceLifecycle

/// Makes a process of a service. A `Main` is one call:
///
/// ```swift
/// @main struct Main {
///     static func main() async {
///         await ServiceRunner.run("intake", port: 8081, migrations: [QueueMigrations.set, CaseworkMigrations.set]) {
///             context in [try IntakeService(context).door]
///         }
///     }
/// }
/// ```
public enum ServiceRunner {
    /// Reads the settings, sets up logging and metrics, waits for the database, checks its schema, builds the services
    /// and runs them until SIGTERM or SIGINT; then exits.
    ///
    /// On a signal the services stop taking work and finish what they have, for as long as `DANDELION_DRAIN_SECONDS`
    /// says; then their tasks are cancelled. A database that goes away later does not end the process.
    /// - Parameters:
    ///   - name: the service's name, as in logs: `intake`.
    ///   - port: where it listens when `DANDELION_HTTP_PORT` is not set.
    ///   - migrations: the sets that must be applied.
    ///   - build: makes the services; they start in this order and stop in reverse.
    public static func run(
        _ name: String, port: Int, migrations: [MigrationSet],
        build: @escaping @Sendable (ServiceContext) async throws -> [any Service]
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)  // A reader of our log or a peer that goes away is an error code, not the end.
        let startedAt = Date()
        let configuration: ServiceConfiguration
        do throws(ConfigurationError) {
            let settings = try await Settings(environment: ProcessInfo.processInfo.environment)
            configuration = try ServiceConfiguration(service: name, defaultPort: port, settings: settings)
        } catch {
            Self.leave(ServiceExit(.configuration, error.description), name: name, logger: nil)
        }
        let metrics = MetricsRegistry()
        metrics.observeProcess(startedAt: startedAt)
        MetricsSystem.bootstrap(metrics)
        Self.bootstrapLogging(configuration)
        let logger = Logger(label: name)
        let process = ServiceProcess(
            configuration: configuration, migrations: migrations, logger: logger, metrics: metrics, build: build)
        let exit = await process.run()
        Self.leave(exit, name: name, logger: configuration.logFormat == .json ? logger : nil)
    }

    /// Makes ``ServiceLogHandler`` the process's log handler. For executables that do not use ``run(_:port:migrations:build:)``.
    public static func bootstrapLogging(format: LogFormat, level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            ServiceLogHandler(label: label, format: format, level: level)
        }
    }

    private static func bootstrapLogging(_ configuration: ServiceConfiguration) {
        self.bootstrapLogging(format: configuration.logFormat, level: configuration.logLevel)
    }

    /// Says why in one line, unless it was asked to, and exits.
    private static func leave(_ exit: ServiceExit, name: String, logger: Logger?) -> Never {
        if exit.code != .ok {
            if let logger {
                logger.critical(
                    "Service cannot go on",
                    metadata: [
                        "exit.code": .stringConvertible(exit.code.rawValue), "exit.reason": .string(exit.reason),
                    ])
            } else {
                LogSink.standardError.emit(Array("\(name): \(exit.reason)\n".utf8))
            }
        }
        Glibc.exit(exit.code.rawValue)
    }
}
