import JobQueue
import JobTypes
import JobWorker
import Logging
import PostgresClient
import ServiceLifecycle
import TestSupport

struct Errand: JobArguments {
    static let kind: JobKind = "errand"
    var name: String
}

/// A handler made of a closure.
struct ErrandHandler: JobHandler {
    var timeout: Duration = .seconds(60)
    var retryPolicy = RetryPolicy(initialDelay: .milliseconds(10), factor: 1, jitter: 0)
    let body: @Sendable (Errand, JobContext) async throws -> JobOutcome

    func run(_ arguments: Errand, _ context: JobContext) async throws -> JobOutcome {
        try await self.body(arguments, context)
    }
}

/// A worker process's parts around one database.
struct WorkerFixture {
    static let queue: QueueName = "errands"
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let database: TestDatabase
    let store: JobStore
    let bell: JobBell

    init(_ database: TestDatabase) {
        self.database = database
        self.bell = JobBell(pool: database.pool, logger: Self.logger)
        self.store = JobStore(bell: self.bell)
    }

    @discardableResult
    func enqueue(_ name: String = "one", maximumAttempts: Int = 25) async throws -> EnqueuedJob {
        try await self.database.pool.withTransaction("enqueue") { transaction in
            try await self.store.enqueue(
                JobRequest(Errand(name: name), queue: Self.queue, maximumAttempts: maximumAttempts), in: transaction)
        }
    }

    /// Runs a worker while `body` does its work; then shuts it down gracefully and waits for its end.
    func withWorker(
        _ handler: ErrandHandler, periodic: [PeriodicJob] = [],
        adjust: (inout JobWorkerConfiguration) -> Void = { _ in },
        _ body: @Sendable () async throws -> Void
    ) async throws {
        var configuration = JobWorkerConfiguration(
            name: "test", queues: [Self.queue: 4], database: self.database.configuration())
        configuration.beatInterval = .milliseconds(100)
        configuration.aliveFor = .seconds(5)
        adjust(&configuration)
        let listener = PostgresListener(self.database.configuration(), logger: Self.logger)
        let worker = JobWorker(
            configuration, pool: self.database.pool, listener: listener, bell: self.bell, handlers: [handler],
            periodic: periodic, logger: Self.logger)
        let group = ServiceGroup(services: [self.bell, listener, worker], logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    func waitUntil(_ job: EnqueuedJob, is state: JobState) async throws {
        try await eventually("the job is \(state)") { try await self.state(of: job) == state.rawValue }
    }

    func state(of job: EnqueuedJob) async throws -> String? {
        try await self.database.pool.execute(Self.stateOfJob, job.id.rawValue).first?.decode(String.self)
    }

    private static let stateOfJob = Statement(
        name: "test_state_of_job", "SELECT state FROM queue.job_overview WHERE id = $1")
}
