public import FoundationEssentials

/// What `Migrator.apply` did with one migration.
public struct MigrationReport: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// Applied now, in so much time.
        case applied(Duration)
        /// A dry run: it would be applied.
        case wouldApply
    }

    public let module: String
    public let name: String
    public let outcome: Outcome
}

/// How one migration stands in a database.
public struct MigrationStatus: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case applied(at: Date, by: String)
        case pending
        /// Applied, but the file was changed afterwards.
        case edited(appliedAt: Date)
        /// Applied by a newer program; this one has no such file.
        case unknown(appliedAt: Date)
    }

    public let module: String
    public let name: String
    public let state: State

    /// What the code knows, in order, then what only the database knows. Unlike a plan this never throws: it is for looking.
    static func list(sets: [MigrationSet], applied: [AppliedMigration]) -> [MigrationStatus] {
        sets.flatMap { set in
            let rows = applied.filter { $0.module == set.module }
            let known = set.migrations.map { migration in
                MigrationStatus(
                    module: set.module, name: migration.name,
                    state: Self.state(of: migration, row: rows.first { $0.name == migration.name }))
            }
            let names = Set(set.migrations.map(\.name))
            let unknown = rows.filter { !names.contains($0.name) }.map { row in
                MigrationStatus(module: set.module, name: row.name, state: .unknown(appliedAt: row.appliedAt))
            }
            return known + unknown
        }
    }

    private static func state(of migration: Migration, row: AppliedMigration?) -> State {
        guard let row else { return .pending }
        guard row.checksum == migration.checksum else { return .edited(appliedAt: row.appliedAt) }
        return .applied(at: row.appliedAt, by: row.appliedBy)
    }
}
