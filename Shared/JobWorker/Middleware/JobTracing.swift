import JobQueue
public import JobTypes
import Logging

/// Continues the trace of whoever enqueued the job: `TraceContext.current` is set around the handler, with a span of its own,
/// and the handler's log lines carry `trace.id` and `span.id`. What the handler enqueues goes on from there.
public struct JobTracing: JobMiddleware {
    public init() {}

    public func attempt(
        _ attempt: JobAttempt, next: (JobAttempt) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        guard let trace = attempt.job.trace?.child() else { return try await next(attempt) }
        var attempt = attempt
        attempt.context = attempt.context.logging(["trace.id": "\(trace.traceID)", "span.id": "\(trace.spanID)"])
        return try await TraceContext.$current.withValue(trace) { try await next(attempt) }
    }
}
