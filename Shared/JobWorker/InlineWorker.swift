import FoundationEssentials
import JobQueue
package import JobTypes
package import Logging
package import PostgresClient

/// A worker without loops: the parts of `JobWorker`, one step at a time. What the test kit stands on.
package struct InlineWorker: Sendable {
    private let pool: PostgresPool
    private let bell: JobBell
    private let handlers: [JobKind: any JobHandler]
    private let logger: Logger
    private let workers = WorkerStore()

    private let surroundings: Surroundings

    package init(
        pool: PostgresPool, handlers: [any JobHandler], middleware: [any JobMiddleware], logger: Logger
    ) {
        self.surroundings = Surroundings(middleware: middleware)
        self.pool = pool
        self.bell = JobBell(pool: pool, logger: logger)
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) })
        self.logger = logger
    }

    /// Makes due jobs available.
    package func makeDue() async throws {
        while try await !self.workers.promoteDue(limit: 1000, on: self.pool).isEmpty {}
    }

    /// Claims and runs one job; false when there was none.
    package func runOne(_ queue: QueueName) async throws -> Bool {
        let worker = UUID()
        try await self.workers.register(
            worker, name: "inline", queues: [queue], slots: 1, aliveFor: .seconds(600), on: self.pool)
        let jobs = try await self.workers.claim(queue: queue, limit: 1, worker: worker, on: self.pool)
        if let job = jobs.first {
            let executor = JobExecutor(
                handlers: self.handlers, pool: self.pool, control: self.pool, store: JobStore(bell: self.bell),
                running: RunningJobs(), surroundings: self.surroundings, logger: self.logger)
            // A task of its own, as in a worker: cancelling the attempt must not reach what writes its outcome.
            let ending = await withTaskGroup(of: JobExecutor.Ending?.self) { group in
                group.addTask { await executor.execute(job, queue: queue) }
                return await group.next() ?? nil
            }
            if let ending { _ = await executor.settle(job, ending) }
        }
        try await self.workers.deregister(worker, on: self.pool)
        return !jobs.isEmpty
    }
}
