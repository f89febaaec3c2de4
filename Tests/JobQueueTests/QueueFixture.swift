import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import PostgresClient
import TestSupport
import Testing

/// The arguments of the tests' one kind of job.
struct ProbeArguments: JobArguments, Equatable {
    static let kind: JobKind = "probe"
    var number: Int
}

/// The queue's functions in a database of the test's own, and short words for what tests do with them.
struct QueueFixture: Sendable {
    static let queue: QueueName = "probes"

    let pool: PostgresPool
    let store: JobStore
    let workers = WorkerStore()

    init(_ database: TestDatabase) {
        self.pool = database.pool
        self.store = JobStore(bell: JobBell(pool: database.pool, logger: Logger(label: "test")))
    }

    // MARK: Producing

    @discardableResult
    func enqueue(
        _ number: Int = 1, queue: QueueName = Self.queue, priority: Int = 4, scheduledAt: Date? = nil,
        maximumAttempts: Int = 25, uniqueKey: String? = nil
    ) async throws -> EnqueuedJob {
        let request = try JobRequest(
            ProbeArguments(number: number), queue: queue, priority: priority, scheduledAt: scheduledAt,
            maximumAttempts: maximumAttempts, uniqueKey: uniqueKey)
        return try await self.pool.withTransaction("test_enqueue") { transaction in
            try await self.store.enqueue(request, in: transaction)
        }
    }

    // MARK: Consuming

    func register(aliveFor: Duration = .seconds(600)) async throws -> UUID {
        let worker = UUID()
        try await self.workers.register(
            worker, name: "test", queues: [Self.queue], slots: 10, aliveFor: aliveFor, on: self.pool)
        return worker
    }

    /// The next job for a worker.
    func claim(worker: UUID) async throws -> LeasedJob? {
        try await self.workers.claim(queue: Self.queue, limit: 1, worker: worker, on: self.pool).first
    }

    /// The next job for a holder with a lease of its own.
    func claim(holder: String, leaseFor: Duration = .seconds(600)) async throws -> LeasedJob? {
        try await self.store.claim(
            queue: Self.queue, limit: 1, leaseFor: leaseFor, holder: holder, on: self.pool
        ).first
    }

    func rescue() async throws -> [QueueName: Int] {
        try await self.workers.rescue(limit: 1000, on: self.pool)
    }

    // MARK: What time does, at once

    func endLease(of job: LeasedJob) async throws {
        try await self.pool.execute(Self.endLease, job.id.rawValue)
    }

    func killWorker(_ worker: UUID) async throws {
        try await self.pool.execute(Self.endWorker, worker)
    }

    func makeDue(_ job: JobID) async throws {
        try await self.pool.execute(Self.makeDue, job.rawValue)
    }

    // MARK: Looking

    /// A job as the overview shows it, live or finished; nil for an unknown one.
    func look(_ alias: UUID) async throws -> Seen? {
        guard let row = try await self.pool.execute(Self.look, alias).first else { return nil }
        let (state, attempt, code, errors, isFinished) = try row.decode(
            (String, Int32, String?, PostgresJSON, Bool).self)
        return Seen(
            state: try #require(JobState(rawValue: state)), attempt: Int(attempt), code: code,
            errors: try errors.decode([Seen.Failure].self), isFinished: isFinished)
    }

    struct Seen: Equatable {
        struct Failure: Decodable, Equatable {
            let attempt: Int
            let code: String
        }

        let state: JobState
        let attempt: Int
        let code: String?
        let errors: [Failure]
        let isFinished: Bool
    }

    private static let endLease = Statement(
        name: "test_end_lease",
        "UPDATE queue.job SET lease_expires_at = clock_timestamp() - interval '1 second' WHERE id = $1")
    private static let endWorker = Statement(
        name: "test_end_worker",
        "UPDATE queue.worker SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1")
    private static let makeDue = Statement(
        name: "test_make_due",
        "UPDATE queue.job SET scheduled_at = clock_timestamp() - interval '1 second' WHERE id = $1")
    private static let look = Statement(
        name: "test_look",
        """
        SELECT state, attempt::integer, code, errors, finished_at IS NOT NULL FROM queue.job_overview WHERE alias = $1
        """)
}

/// Runs the body with the queue in a database of its own.
func withQueue(maximumConnections: Int = 4, _ body: (QueueFixture) async throws -> Void) async throws {
    try await withTestDatabase(maximumConnections: maximumConnections) { database in
        try await body(QueueFixture(database))
    }
}

/// What the queue refused, if that is what stopped the body; other errors are recorded.
func refusal(_ body: () async throws -> Void) async -> JobQueueError.Code? {
    do {
        try await body()
        return nil
    } catch let error as JobQueueError {
        return error.code
    } catch {
        Issue.record(error)
        return nil
    }
}
