/// Where the server is and how to talk to it.
public struct PostgresConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    /// A libpq connection string or URI: several hosts, TLS, service files and `PG*` variables all work. May hold a
    /// password, so it is never printed.
    public var dsn: String
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// For all hosts of the address together.
    public var connectTimeout: Duration = .seconds(5)
    /// The server cancels statements that take longer. nil: no limit.
    public var statementTimeout: Duration? = .seconds(30)
    /// The server gives up waiting for a lock after this. nil: no limit.
    public var lockTimeout: Duration?
    /// The server ends a session that leaves a transaction without a statement for so long: what it holds locked is free
    /// again though its client hangs. nil: no limit.
    public var idleInTransactionTimeout: Duration? = .seconds(60)
    /// False behind a pooler in transaction mode that does not carry prepared statements.
    public var preparesStatements = true
    /// Of one pool; at least 1.
    public var maximumConnections = 8
    /// More callers than this waiting for a connection are refused at once.
    public var maximumWaiters = 256
    /// How long a caller waits for a connection.
    public var acquireTimeout: Duration = .seconds(10)
    /// A connection that was idle for longer is asked whether it lives before it is handed out.
    public var healthCheckAfter: Duration = .seconds(30)
    /// Asked at the beginning of each transaction of a pool, in the task that runs it; its statement travels with BEGIN. For what
    /// the server's functions are to know of the caller, such as `SELECT set_config('queue.traceparent', $1, true)`.
    public var transactionPrologue: (@Sendable () -> BoundStatement?)?

    /// The rest has defaults that suit a service.
    public init(dsn: String, applicationName: String) {
        self.dsn = dsn
        self.applicationName = applicationName
    }

    /// Without the address.
    public var description: String { "PostgresConfiguration(applicationName: \(self.applicationName))" }
    /// The same.
    public var debugDescription: String { self.description }
    /// Nothing: the address may hold a password.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
