import AgencyDoors
import CaseworkStore
import JobQueue
import Ledger
public import Migrations
import NIOConcurrencyHelpers
import PostgresClient
import Safeguarding

/// The migrated database that every test's database is a copy of. Its name holds the checksum of all migrations, so
/// processes that run the same code share one, and an edited migration makes a new one.
public enum TestTemplate {
    /// Every set of ours, in the order of application.
    public static let sets: [MigrationSet] = [
        QueueMigrations.set, CaseworkMigrations.set, SafeguardingMigrations.set, AgencyDoorMigrations.set,
        LedgerMigrations.set,
    ]

    /// Owns the databases and runs the migrations, as on a managed server: no superuser, but it may create roles.
    static let owner = "dandelion_owner"

    private static let ready = NIOLockedValueBox(false)

    static let name: String = {
        let all = Self.sets.flatMap { set in set.migrations.map { "\(set.module) \($0.name) \($0.checksum)" } }
        let text = all.joined() + PartnerRights.closePublic
        return "ddl_template_\(Migration(name: "all", sql: Array(text.utf8)).checksum.prefix(16))"
    }()

    /// Makes it unless it is there. Concurrent callers, of other processes too, wait for the first.
    static func ensure() async throws {
        guard !self.ready.withLockedValue({ $0 }) else { return }
        try await TestServer.withConnection(dsn: try TestServer.dsn()) { connection in
            try await connection.execute(self.lock)
            let exists = try await connection.execute(self.databaseExists, self.name).first?.decode(Bool.self) ?? false
            if !exists { try await self.build(on: connection) }
        }
        self.ready.withLockedValue { $0 = true }
    }

    private static func build(on connection: PostgresConnection) async throws {
        let half = "\(self.name)_half"
        try await TestServer.run(self.createOwner, name: "test_create_owner", on: connection)
        try await TestServer.run("DROP DATABASE IF EXISTS \(half) WITH (FORCE)", name: "test_drop_half", on: connection)
        try await TestServer.run(
            "CREATE DATABASE \(half) OWNER \(self.owner)", name: "test_create_half", on: connection)
        let configuration = PostgresConfiguration(
            dsn: try TestServer.dsn(database: half, user: self.owner), applicationName: "dandelion-test")
        try await Migrator(sets: self.sets, logger: TestServer.logger).apply(configuration)
        try await TestServer.run(self.openLogins, name: "test_open_logins", on: connection)
        // As the administrator of a server of one's own does.
        try await TestServer.withConnection(dsn: try TestServer.dsn(database: half)) {
            try await PartnerRights.closePublic(on: $0)
        }
        let bells = PartnerGuard.bellDatabase
        if try await connection.execute(self.databaseExists, bells).first?.decode(Bool.self) != true {
            try await TestServer.run("CREATE DATABASE \(bells) OWNER \(self.owner)", name: "test_bells", on: connection)
            try await TestServer.withConnection(dsn: try TestServer.dsn(database: bells)) {
                try await PartnerRights.closePublic(on: $0)
            }
        }
        // The migrator's backend may need a moment to end after its connection was closed.
        try await eventually("nobody is connected to the template") {
            try await connection.execute(self.connections, half).first?.decode(Int64.self) == 0
        }
        try await TestServer.run(
            "ALTER DATABASE \(half) ALLOW_CONNECTIONS false", name: "test_close_half", on: connection)
        try await TestServer.run("ALTER DATABASE \(half) RENAME TO \(self.name)", name: "test_rename", on: connection)
    }

    /// Ends with the connection.
    private static let lock = Statement(
        name: "test_template_lock", "SELECT pg_advisory_lock(hashtextextended('dandelion_test_template', 0))")

    private static let databaseExists = Statement(
        name: "test_database_exists", "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1::text)")

    private static let connections = Statement(
        name: "test_connections", "SELECT count(*) FROM pg_stat_activity WHERE datname = $1::text")

    private static let createOwner = """
        DO $$ BEGIN
            CREATE ROLE \(owner) LOGIN CREATEROLE;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END $$
        """

    /// So that a test can connect as a service does.
    private static let openLogins = """
        DO $$
        DECLARE
            role name;
        BEGIN
            FOR role IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'dandelion\\_%' AND NOT rolcanlogin LOOP
                EXECUTE format('ALTER ROLE %I LOGIN', role);
            END LOOP;
        END $$
        """
}
