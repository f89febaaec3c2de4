/// What is to be done, from what the code knows and what the database remembers. No I/O: the rules are all here.
package struct MigrationPlan: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package let module: String
        package let migration: Migration
    }

    /// What the database lacks, in the order of application: module by module as the sets are given.
    package let pending: [Step]

    /// Compares the two, and throws rather than guess when they contradict each other.
    ///
    /// - Parameter applied: in the order of application. Rows of modules that no set names are somebody else's.
    /// - Throws: `.edited`, `.databaseIsNewer` or `.outOfOrder`.
    package init(sets: [MigrationSet], applied: [AppliedMigration]) throws(MigrationError) {
        var pending: [Step] = []
        for set in sets {
            let rows = applied.filter { $0.module == set.module }
            try Self.check(rows, against: set)
            pending += set.migrations.dropFirst(rows.count).map { Step(module: set.module, migration: $0) }
        }
        self.pending = pending
    }

    private static func check(_ rows: [AppliedMigration], against set: MigrationSet) throws(MigrationError) {
        let known = Dictionary(uniqueKeysWithValues: set.migrations.map { ($0.name, $0) })
        for (position, row) in rows.enumerated() {
            guard let migration = known[row.name] else {
                throw MigrationError(.databaseIsNewer, module: set.module, migration: row.name)
            }
            guard migration.checksum == row.checksum else {
                throw MigrationError(.edited, module: set.module, migration: row.name)
            }
            let expected = set.migrations[position].name
            guard expected == row.name else {
                throw MigrationError(
                    .outOfOrder, module: set.module, migration: expected, context: "after \(row.name) was applied")
            }
        }
    }
}
