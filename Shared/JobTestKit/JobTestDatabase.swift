public import JobQueue
public import JobTypes
public import Logging
import Migrations
public import PostgresClient

/// A database with the queue in it, for tests of handlers, and the words that such tests need.
public struct JobTestDatabase: Sendable {
    public let pool: PostgresPool
    public let store: JobStore
    public let time: JobTestTime

    /// Brings the queue's tables and functions into the database that the configuration names, if they are not there.
    ///
    /// - Parameter pool: of the same database, running.
    public init(_ configuration: PostgresConfiguration, pool: PostgresPool, logger: Logger) async throws {
        try await Migrator(sets: [QueueMigrations.set], logger: logger).apply(configuration)
        self.pool = pool
        self.store = JobStore(bell: JobBell(pool: pool, logger: logger))
        self.time = JobTestTime(pool: pool)
    }

    /// Enqueues in a transaction of its own.
    @discardableResult
    public func enqueue(_ request: JobRequest) async throws -> EnqueuedJob {
        try await self.pool.withTransaction("jobtestkit_enqueue") { transaction in
            try await self.store.enqueue(request, in: transaction)
        }
    }

    /// Where the job is in its life; nil when the history has forgotten it.
    public func state(of job: EnqueuedJob) async throws -> JobState? {
        guard let row = try await self.pool.execute(Self.state, job.alias).first else { return nil }
        return JobState(rawValue: try row.decode(String.self))
    }

    private static let state = Statement(
        name: "jobtestkit_state", "SELECT state FROM queue.job_overview WHERE alias = $1")
}
