public import Logging
public import PostgresClient

/// Brings a database to the schema that the code was written for, forward only.
///
/// Any number of migrators may run on one database at once: one advisory lock lets them through one after the other, and
/// whoever comes later finds nothing left to do. Each migration and the record of it commit together. The connection must
/// be a direct one: the lock belongs to the session, which a pooler in transaction mode does not keep.
public struct Migrator: Sendable {
    private let sets: [MigrationSet]
    private let logger: Logger
    private let lockTimeout: Duration

    /// - Parameters:
    ///   - sets: in the order of application: what a module needs comes before it.
    ///   - lockTimeout: how long to wait for another migrator to end.
    public init(sets: [MigrationSet], logger: Logger, lockTimeout: Duration = .seconds(60)) {
        self.sets = sets
        self.logger = logger
        self.lockTimeout = lockTimeout
    }

    /// Applies what the database lacks and reports it, oldest first; an empty report means that it was up to date.
    ///
    /// A dry run changes nothing and reports what would be applied. When a migration fails the ones before it stay.
    /// - Throws: `MigrationError`, or `PostgresError` when the database cannot be reached.
    @discardableResult
    public func apply(_ configuration: PostgresConfiguration, dryRun: Bool = false) async throws -> [MigrationReport] {
        try await MigrationSession.with(configuration) { session in
            guard !dryRun else {
                let plan = try MigrationPlan(sets: self.sets, applied: try await session.applied())
                return plan.pending.map {
                    MigrationReport(module: $0.module, name: $0.migration.name, outcome: .wouldApply)
                }
            }
            return try await session.withLock(timeout: self.lockTimeout) { try await self.applyPending(in: session) }
        }
    }

    /// How each migration stands, in the order of application. Never throws for a contradiction: it shows it.
    public func status(_ configuration: PostgresConfiguration) async throws -> [MigrationStatus] {
        try await MigrationSession.with(configuration) { session in
            MigrationStatus.list(sets: self.sets, applied: try await session.applied())
        }
    }

    private func applyPending(in session: MigrationSession) async throws -> [MigrationReport] {
        let plan = try MigrationPlan(sets: self.sets, applied: try await session.applied())
        try await session.createRoles()
        try await session.createTable()
        var reports: [MigrationReport] = []
        for step in plan.pending {
            let begin = ContinuousClock.now
            try await session.apply(step)
            let duration = ContinuousClock.now - begin
            reports.append(
                MigrationReport(module: step.module, name: step.migration.name, outcome: .applied(duration)))
            self.logger.info(
                "Migration applied",
                metadata: ["migration.module": "\(step.module)", "migration.name": "\(step.migration.name)"])
        }
        return reports
    }
}
