import FoundationEssentials
public import PostgresClient

/// A database of one test's own: real PostgreSQL, all migrations applied, gone when the test is over. Nothing that the
/// test commits, locks or notifies is seen by another test; roles are the server's and shared.
public struct TestDatabase: Sendable {
    public let name: String

    /// For a process under test: the superuser's DSN of this database.
    public let dsn: String

    /// A running pool, connected as the superuser, so that a test can look behind the functions.
    public let pool: PostgresPool

    /// The DSN of a service, such as `dandelion_intake`, or of `dandelion_owner`, who ran the migrations.
    public func dsn(user: String) -> String { "\(self.dsn) user=\(user)" }

    /// - Parameter user: nil is the superuser.
    public func configuration(user: String? = nil, maximumConnections: Int = 4) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(
            dsn: user.map { self.dsn(user: $0) } ?? self.dsn, applicationName: "dandelion-test")
        configuration.maximumConnections = maximumConnections
        return configuration
    }

    /// Another running pool, with the rights of that role: what a service may do is tested with its own login.
    ///
    /// - Parameter detour: of a `FaultProxy`, for links that are to be harmed.
    public func withPool<Result>(
        user: String, maximumConnections: Int = 4, detour: String? = nil,
        _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        var configuration = self.configuration(user: user, maximumConnections: maximumConnections)
        if let detour { configuration.dsn += " \(detour)" }
        return try await Self.run(PostgresPool(configuration, logger: TestServer.logger), body)
    }

    /// What the database holds when the test begins.
    public enum Content: Sendable {
        /// All migrations of ours.
        case migrated
        /// Nothing; `dandelion_owner` owns it.
        case empty
    }

    /// At most this many databases at once in one process; a test that opens a second one inside goes through.
    private static let gate = TestGate(limit: 12)
    @TaskLocal private static var isInside = false

    static func with<Result>(
        _ content: Content, maximumConnections: Int, _ body: (TestDatabase) async throws -> Result
    ) async throws -> Result {
        let isOutermost = !Self.isInside
        if isOutermost { await Self.gate.enter() }
        defer { if isOutermost { Self.gate.leave() } }
        return try await Self.$isInside.withValue(true) {
            try await Self.createAndDrop(content, maximumConnections: maximumConnections, body)
        }
    }

    private static func createAndDrop<Result>(
        _ content: Content, maximumConnections: Int, _ body: (TestDatabase) async throws -> Result
    ) async throws -> Result {
        let name = "ddl_test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await TestTemplate.ensure()
        let template = content == .migrated ? "TEMPLATE \(TestTemplate.name)" : ""
        try await Self.onServer("CREATE DATABASE \(name) OWNER \(TestTemplate.owner) \(template)", name: "test_create")
        // A copy of a database does not have its rights.
        try await Self.onServer("REVOKE TEMPORARY ON DATABASE \(name) FROM PUBLIC", name: "test_revoke")
        let dsn = try TestServer.dsn(database: name)
        var configuration = PostgresConfiguration(dsn: dsn, applicationName: "dandelion-test")
        configuration.maximumConnections = maximumConnections
        do {
            let result = try await Self.run(PostgresPool(configuration, logger: TestServer.logger)) { pool in
                try await body(TestDatabase(name: name, dsn: dsn, pool: pool))
            }
            try await Self.onServer("DROP DATABASE \(name) WITH (FORCE)", name: "test_drop")
            return result
        } catch {
            // The test's own error is the one to report; a database that stays is gone with the throw-away cluster.
            try? await Self.onServer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", name: "test_drop")
            throw error
        }
    }

    private static func onServer(_ sql: String, name: String) async throws {
        try await TestServer.withConnection(dsn: try TestServer.dsn()) { connection in
            try await TestServer.run(sql, name: name, on: connection)
        }
    }

    /// Keeps the pool running while the body does its work.
    private static func run<Result>(
        _ pool: PostgresPool, _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await pool.run() } catch is CancellationError {}
            }
            let result = try await body(pool)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }
}

/// Runs the body with a database of its own and drops it afterwards, whatever happened.
///
/// - Parameter maximumConnections: of the pool in `db.pool`.
public func withTestDatabase<Result>(
    _ content: TestDatabase.Content = .migrated, maximumConnections: Int = 4,
    _ body: (TestDatabase) async throws -> Result
) async throws -> Result {
    try await TestDatabase.with(content, maximumConnections: maximumConnections, body)
}
