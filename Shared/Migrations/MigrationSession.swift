import FoundationEssentials
import PostgresClient

/// One connection of the migrator's own, open for the length of a run: the advisory lock belongs to the session, and
/// closing the connection gives everything back, whatever happened.
struct MigrationSession {
    let connection: PostgresConnection

    static func with<Result>(
        _ configuration: PostgresConfiguration, _ body: (MigrationSession) async throws -> Result
    ) async throws -> Result {
        var configuration = configuration
        configuration.statementTimeout = nil
        configuration.lockTimeout = nil
        let connection = try await PostgresConnection.connect(configuration)
        do {
            let result = try await body(MigrationSession(connection: connection))
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: The lock

    /// Holds the lock of this database while the body runs; the lock ends with the session at the latest.
    func withLock<Result>(timeout: Duration, _ body: () async throws -> Result) async throws -> Result {
        let deadline = ContinuousClock.now + timeout
        while try await !self.tryToLock() {
            guard ContinuousClock.now < deadline else { throw try await self.lockTimeout(timeout) }
            try await Task.sleep(for: .milliseconds(100))
        }
        let result = try await body()
        try await self.connection.execute(Self.unlock)
        return result
    }

    private func tryToLock() async throws -> Bool {
        let rows = try await self.connection.execute(Self.tryLock)
        return try rows.first?.decode(Bool.self) ?? false
    }

    private func lockTimeout(_ timeout: Duration) async throws -> MigrationError {
        let holder = try await self.connection.execute(Self.lockHolder).first?.decode(Int32.self)
        let process = holder.map { "server process \($0) " } ?? ""
        return MigrationError(.lockTimeout, context: "\(process)held the lock for \(timeout.components.seconds) s")
    }

    // MARK: What was applied

    func createTable() async throws {
        try await self.connection.run(script: Self.createTable, name: "migration_create_table")
    }

    /// In the order of application; empty when the database was never migrated.
    func applied() async throws -> [AppliedMigration] {
        let hasTable = try await self.connection.execute(Self.hasTable).first?.decode(Bool.self) ?? false
        guard hasTable else { return [] }
        return try await Self.fetchApplied(on: self.connection)
    }

    static func fetchApplied(on executor: some PostgresExecutor) async throws(PostgresError) -> [AppliedMigration] {
        var applied: [AppliedMigration] = []
        for row in try await executor.execute(Self.fetchApplied) {
            let (module, name, checksum, at, by) = try row.decode((String, String, String, Date, String).self)
            applied.append(
                AppliedMigration(module: module, name: name, checksum: checksum, appliedAt: at, appliedBy: by))
        }
        return applied
    }

    // MARK: Roles

    /// Creates the group roles that are missing.
    func createRoles() async throws {
        var missing: [String] = []
        for row in try await self.connection.execute(Self.missingRoles, MigrationRoles.all) {
            missing.append(try row.decode(String.self))
        }
        for (position, role) in missing.enumerated() {
            do {
                try await self.connection.run(
                    script: MigrationRoles.creation(of: role), name: "migration_create_role")
            } catch {
                guard error.sqlState == "42501" else { throw error }
                let statements = missing[position...].map { "CREATE ROLE \($0) NOLOGIN;" }.joined(separator: " ")
                throw MigrationError(.roleMissing, context: statements, underlying: error)
            }
        }
    }

    // MARK: One migration

    /// Applies one migration and records it; inside a transaction both or neither.
    func apply(_ step: MigrationPlan.Step) async throws(MigrationError) {
        let migration = step.migration
        let script = String(decoding: migration.sql, as: UTF8.self)
        do {
            if migration.runsInTransaction {
                try await self.connection.execute(Self.begin)
                try await self.connection.execute(Self.limitLockWait)
                try await self.connection.run(script: script, name: migration.name)
                try await self.record(step)
                try await self.connection.execute(Self.commit)
            } else {
                try await self.connection.run(script: script, name: migration.name)
                try await self.record(step)
            }
        } catch {
            throw self.failure(of: step, error)
        }
    }

    private func record(_ step: MigrationPlan.Step) async throws(PostgresError) {
        try await self.connection.execute(
            Self.recordApplied, step.module, step.migration.name, step.migration.checksum)
    }

    private func failure(of step: MigrationPlan.Step, _ error: PostgresError) -> MigrationError {
        let context: String
        if !step.migration.runsInTransaction {
            context =
                "it ran outside a transaction: remove what it left half-made, such as an invalid index, and run again"
        } else if error.sqlState == "55P03" {
            context = "it waited 10 s for a lock and was rolled back: run again when no long query is running"
        } else {
            context = "rolled back; the message is in the server's log"
        }
        return MigrationError(
            .failed, module: step.module, migration: step.migration.name, context: context, underlying: error)
    }
}
