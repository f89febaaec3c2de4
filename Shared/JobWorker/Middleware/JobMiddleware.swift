public import JobQueue
public import JobTypes

/// One attempt at a job, as middleware and observers see it.
public struct JobAttempt: Sendable {
    public let job: LeasedJob
    public let queue: QueueName
    /// What the handler gets. Middleware may hand another one on, with a logger of its own.
    public var context: JobContext

    init(job: LeasedJob, queue: QueueName, context: JobContext) {
        self.job = job
        self.queue = queue
        self.context = context
    }
}

/// Work around the handlers of a worker: a trace, a log line, a check that stops an attempt before it begins.
///
/// Called in the order given, the first outermost, inside the task that is cancelled with the attempt. What it throws counts
/// like an error of the handler.
public protocol JobMiddleware: Sendable {
    /// Calls `next` once, or not at all and says itself how the attempt ends.
    func attempt(_ attempt: JobAttempt, next: (JobAttempt) async throws -> JobOutcome) async throws -> JobOutcome
}

/// Hears what becomes of jobs. Called on the worker's own tasks: it must not block, and has no part in the outcome.
public protocol JobObserver: Sendable {
    /// Jobs were leased to this worker.
    func claimed(_ jobs: [LeasedJob], queue: QueueName)
    /// An attempt is over.
    func finished(_ attempt: FinishedAttempt)
}

extension JobObserver {
    public func claimed(_ jobs: [LeasedJob], queue: QueueName) {}
    public func finished(_ attempt: FinishedAttempt) {}
}

/// An attempt that is over.
public struct FinishedAttempt: Sendable {
    public let job: LeasedJob
    public let queue: QueueName
    /// What was decided, with the kind's retry policy applied.
    public let outcome: JobOutcome
    /// Whether the handler committed it with its effect; otherwise the worker writes it next.
    public let isCommitted: Bool
    /// From the start of the attempt to its end.
    public let duration: Duration
}

/// Middleware and observers together: the first middleware outermost.
struct Surroundings: Sendable {
    var middleware: [any JobMiddleware] = []
    var observers: [any JobObserver] = []

    /// Runs the attempt inside the middleware from this place on.
    func run(
        _ attempt: JobAttempt, from place: Int = 0, _ handler: (JobAttempt) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        guard place < self.middleware.count else { return try await handler(attempt) }
        return try await self.middleware[place].attempt(attempt) { attempt in
            try await self.run(attempt, from: place + 1, handler)
        }
    }

    func claimed(_ jobs: [LeasedJob], queue: QueueName) {
        for observer in self.observers { observer.claimed(jobs, queue: queue) }
    }

    func finished(_ attempt: FinishedAttempt) {
        for observer in self.observers { observer.finished(attempt) }
    }
}
