import ArgumentParser
import FoundationEssentials
import Logging
import PostgresClient
import ServiceKit

/// How a command reaches the database.
struct DatabaseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The database (libpq connection string).", valueName: "dsn"))
    var database: String?

    /// - Throws: `ConfigurationError` when no database is named.
    func configuration() async throws -> PostgresConfiguration {
        let dsn: String
        if let database {
            dsn = database
        } else {
            let settings = try await Settings(environment: ProcessInfo.processInfo.environment)
            dsn = try settings.requiredSecret(
                "DANDELION_DATABASE", remedy: "set it, or give --database, such as 'host=db dbname=dandelion'")
        }
        var configuration = PostgresConfiguration(dsn: dsn, applicationName: "dandelion-cli")
        configuration.maximumConnections = 4
        return configuration
    }

    /// Lends a pool for the length of the command.
    func withPool<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        let pool = PostgresPool(try await self.configuration(), logger: Logger.quiet)
        do {
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}

/// Whether a person or a script reads.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of tables.")
    var json = false

    /// Prints the document, or the text for people.
    func show(_ document: some Encodable, else text: () -> String) throws {
        Terminal.line(self.json ? try JSONText.of(document) : text())
    }
}

extension Logger {
    /// Commands speak through their output; only what is seriously wrong is logged beside it.
    static let quiet: Logger = {
        var logger = Logger(label: "dandelion") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        return logger
    }()
}
