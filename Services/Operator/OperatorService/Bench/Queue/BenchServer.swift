import FoundationEssentials
import Glibc
import JobQueue
import Logging
import Migrations
import PostgresClient

/// The server that is measured: makes a database for each measurement, and drops all of them at the end.
struct BenchServer: Sendable {
    static let readings = Statement(
        name: "bench_readings",
        """
        SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8, d.xact_commit, pg_backend_pid()
        FROM pg_stat_database AS d WHERE d.datname = current_database()
        """)
    static let deadRows = Statement(
        name: "bench_dead_rows",
        """
        SELECT relname::text, n_dead_tup FROM pg_stat_user_tables
        WHERE n_dead_tup > 0 AND schemaname = 'queue' ORDER BY n_dead_tup DESC
        """)
    static let fill = Statement(
        name: "bench_fill",
        """
        SELECT queue.enqueue_many($1, 'bench', ARRAY(
            SELECT jsonb_build_object('n', n) FROM generate_series(1, $2::int8) AS n))
        """)
    static let fillQueues = Statement(
        name: "bench_fill_queues",
        """
        SELECT queue.enqueue_many('bench-' || q, 'bench', ARRAY(
            SELECT jsonb_build_object('n', n) FROM generate_series(1, $2::int8) AS n))
        FROM generate_series(0, $1::int8 - 1) AS q
        """)
    static let fillScheduled = Statement(
        name: "bench_fill_scheduled",
        """
        INSERT INTO queue.job (queue, kind, args, state, position, scheduled_at)
        SELECT $1, 'bench', '{"n": 0}', 'scheduled', NULL, clock_timestamp() + interval '1 day'
        FROM generate_series(1, $2::int8)
        """)
    static let fillLimit = Statement(
        name: "bench_fill_limit", "INSERT INTO job (payload) SELECT '{\"n\": 1}' FROM generate_series(1, $1::int8)")

    /// Every statement that needs no table of the limit's, for the test that prepares each.
    static let statements = [readings, deadRows, fill, fillQueues, fillScheduled]

    let configuration: PostgresConfiguration
    let name = "dandelion_bench_" + String(UUID().uuidString.lowercased().prefix(8))
    let limitDirectory: String

    /// The measured database's address.
    var database: PostgresConfiguration {
        var configuration = self.configuration
        configuration.dsn = self.dsn
        configuration.statementTimeout = nil
        configuration.idleInTransactionTimeout = nil
        configuration.maximumConnections = 24
        return configuration
    }

    /// libpq takes the last word for a database's name.
    var dsn: String { self.configuration.dsn + " dbname=\(self.name)" }

    /// Runs `body` with the migrated template in place; drops everything then.
    func withTemplate<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard !self.configuration.dsn.contains("://") else {
            throw CommandFailure(.configuration, "--database must be of the form 'host=… user=…' here, not a URI")
        }
        do {
            try await self.command("CREATE DATABASE \(self.name)_template")
            var template = self.configuration
            template.dsn += " dbname=\(self.name)_template"
            _ = try await Migrator(sets: [QueueMigrations.set], logger: Logger.quiet).apply(template)
            let value = try await body()
            try await self.drop()
            return value
        } catch {
            // The first failure is the one to show; what is left behind has a name that says what it was.
            try? await self.drop()
            throw error
        }
    }

    /// A new database with the queue in it, and a pool for it.
    func withDatabase<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        try await self.command("DROP DATABASE IF EXISTS \(self.name) WITH (FORCE)")
        try await self.command("CREATE DATABASE \(self.name) TEMPLATE \(self.name)_template")
        let pool = PostgresPool(self.database, logger: Logger.quiet)
        do {
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Leaves no work of the filling to the measurement.
    func settle(_ pool: PostgresPool) async throws {
        try await pool.execute(Statement(name: "bench_vacuum", unchecked: "VACUUM ANALYZE"))
        try await pool.execute(Statement(name: "bench_checkpoint", unchecked: "CHECKPOINT"))
    }

    func runLimitSchema(on pool: PostgresPool) async throws {
        let sql = try TextFile.read("\(self.limitDirectory)/schema.sql")
        try await pool.withConnection { try await $0.run(script: sql, name: "bench_limit_schema") }
    }

    private func drop() async throws {
        try await self.command("DROP DATABASE IF EXISTS \(self.name) WITH (FORCE)")
        try await self.command("DROP DATABASE IF EXISTS \(self.name)_template WITH (FORCE)")
    }

    /// Names are of our own making: letters and digits.
    private func command(_ sql: String) async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 1
        configuration.statementTimeout = nil
        let pool = PostgresPool(configuration, logger: Logger.quiet)
        do {
            try await pool.execute(Statement(name: "bench_command", unchecked: sql))
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }
}
