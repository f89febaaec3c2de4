package import FoundationEssentials

/// One row of `dandelion_migrations.applied`: what a database remembers.
package struct AppliedMigration: Sendable, Hashable {
    package let module: String
    package let name: String
    package let checksum: String
    package let appliedAt: Date
    package let appliedBy: String

    package init(module: String, name: String, checksum: String, appliedAt: Date, appliedBy: String) {
        self.module = module
        self.name = name
        self.checksum = checksum
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
    }
}
