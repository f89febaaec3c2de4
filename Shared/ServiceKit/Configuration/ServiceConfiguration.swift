import JobTypes
public import Logging
public import PostgresClient

/// What every service of the backbone is told by its environment.
///
/// A service reads its own further settings from ``settings``.
public struct ServiceConfiguration: Sendable {
    /// The service's name, such as `intake`. Shown in logs and to PostgreSQL as the application name.
    public let service: String
    /// For the settings that only this service has.
    public let settings: Settings
    /// How to reach the database: `DANDELION_DATABASE` (or `DANDELION_DATABASE_FILE`), `DANDELION_POOL_SIZE`,
    /// `DANDELION_PREPARED_STATEMENTS`.
    public let database: PostgresConfiguration
    /// Where to listen: `DANDELION_HTTP_HOST`, `DANDELION_HTTP_PORT`.
    public let http: HTTPAddress
    /// The least severe level that is logged: `DANDELION_LOG_LEVEL`.
    public let logLevel: Logger.Level
    /// How log lines look: `DANDELION_LOG_FORMAT`.
    public let logFormat: LogFormat
    /// How long work that has begun may take to finish after SIGTERM: `DANDELION_DRAIN_SECONDS`.
    public let drain: Duration
    /// How long to wait for the database at start: `DANDELION_STARTUP_PATIENCE`, in seconds.
    public let startupPatience: Duration

    /// Reads and checks everything, before anything is opened.
    /// - Parameter defaultPort: the service's own port when `DANDELION_HTTP_PORT` is not set.
    public init(service: String, defaultPort: Int, settings: Settings) throws(ConfigurationError) {
        self.service = service
        self.settings = settings
        self.logLevel = try settings.choice("DANDELION_LOG_LEVEL", default: Logger.Level.info)
        self.logFormat = try settings.choice("DANDELION_LOG_FORMAT", default: LogFormat.text)
        self.http = HTTPAddress(
            host: settings.string("DANDELION_HTTP_HOST") ?? "127.0.0.1",
            port: try settings.integer("DANDELION_HTTP_PORT", default: defaultPort, in: 0...65535))
        self.drain = try settings.seconds("DANDELION_DRAIN_SECONDS", default: 20, in: 0...3600)
        self.startupPatience = try settings.seconds("DANDELION_STARTUP_PATIENCE", default: 60, in: 0...86400)
        self.database = try Self.database(service: service, settings: settings)
    }

    static let carryTrace = Statement(
        name: "carry_trace", "SELECT set_config('queue.traceparent', $1, true)")

    private static func database(
        service: String, settings: Settings
    ) throws(ConfigurationError) -> PostgresConfiguration {
        let dsn = try settings.requiredSecret(
            "DANDELION_DATABASE", remedy: "set it to a libpq connection string, such as host=db dbname=dandelion")
        var database = PostgresConfiguration(dsn: dsn, applicationName: "dandelion-\(service)")
        database.maximumConnections = try settings.integer(
            "DANDELION_POOL_SIZE", default: database.maximumConnections, in: 1...500)
        database.preparesStatements = try settings.boolean(
            "DANDELION_PREPARED_STATEMENTS", default: database.preparesStatements)
        // So that jobs which the database's own functions enqueue belong to the trace, too.
        database.transactionPrologue = {
            TraceContext.current.map { BoundStatement(Self.carryTrace, $0.traceparent) }
        }
        return database
    }
}

/// An address to listen on.
public struct HTTPAddress: Sendable, Hashable {
    /// A host name or address; `0.0.0.0` or `::` for every interface.
    public let host: String
    /// A TCP port; 0 lets the system choose one.
    public let port: Int

    /// An address to listen on.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
