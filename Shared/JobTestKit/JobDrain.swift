public import JobTypes
public import JobWorker
public import Logging
public import PostgresClient

/// Runs jobs in the calling task until none is left: for tests of handlers, without a worker process.
///
/// It claims through the same SQL functions as a worker and settles through the same executor, so what a test sees is
/// what the fleet does.
public struct JobDrain: Sendable {
    private let pool: PostgresPool
    private let worker: InlineWorker

    /// - Parameter middleware: as the worker has it; the first outermost.
    public init(
        pool: PostgresPool, handlers: [any JobHandler], middleware: [any JobMiddleware] = [JobTracing()],
        logger: Logger
    ) {
        self.pool = pool
        self.worker = InlineWorker(pool: pool, handlers: handlers, middleware: middleware, logger: logger)
    }

    /// Runs everything available on the queues, and what that enqueues there, one job at a time.
    ///
    /// - Parameters:
    ///   - makingDue: also runs jobs whose time has come meanwhile (scheduled and retryable ones).
    ///   - limit: stops after this many attempts, so that a handler that feeds itself ends.
    /// - Returns: the number of attempts.
    @discardableResult
    public func run(_ queues: [QueueName], makingDue: Bool = true, limit: Int = 1000) async throws -> Int {
        var attempts = 0
        while attempts < limit {
            if makingDue { try await self.worker.makeDue() }
            var found = 0
            for queue in queues {
                found += try await self.worker.runOne(queue) ? 1 : 0
            }
            attempts += found
            if found == 0 { break }
        }
        return attempts
    }
}
