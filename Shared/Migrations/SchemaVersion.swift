public import PostgresClient

/// What a service asks before it does anything: does this database carry the schema my code was written for?
public enum SchemaVersion {
    /// Returns when every migration of the sets is applied, with the same contents. A database that knows more is fine:
    /// migrations run while the previous version is running.
    ///
    /// - Throws: `MigrationError` whose description is one line for the log, or `PostgresError` when there is no answer.
    public static func require(_ sets: [MigrationSet], on executor: some PostgresExecutor) async throws {
        let applied: [AppliedMigration]
        do {
            applied = try await MigrationSession.fetchApplied(on: executor)
        } catch {
            switch error.sqlState {
            case "42P01", "3F000": throw MigrationError(.schemaMissing, underlying: error)
            case "42501": throw MigrationError(.unreadable, underlying: error)
            default: throw error
            }
        }
        try Self.check(sets, applied: applied)
    }

    package static func check(_ sets: [MigrationSet], applied: [AppliedMigration]) throws(MigrationError) {
        var missing: [(module: String, name: String)] = []
        for set in sets {
            let rows = applied.filter { $0.module == set.module }
            for migration in set.migrations {
                guard let row = rows.first(where: { $0.name == migration.name }) else {
                    missing.append((set.module, migration.name))
                    continue
                }
                guard row.checksum == migration.checksum else {
                    throw MigrationError(.edited, module: set.module, migration: migration.name)
                }
            }
        }
        guard let first = missing.first else { return }
        throw MigrationError(
            .schemaTooOld, module: first.module, migration: first.name,
            context: missing.count > 1 ? "and \(missing.count - 1) more" : nil)
    }
}
