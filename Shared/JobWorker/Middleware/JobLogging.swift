public import JobTypes
import Logging

/// A line at `debug` when an attempt begins and one when its handler has ended. Warnings and errors of attempts are written
/// by the worker itself.
public struct JobLogging: JobMiddleware {
    public init() {}

    public func attempt(
        _ attempt: JobAttempt, next: (JobAttempt) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        attempt.context.logger.debug("Job attempt begins", metadata: ["queue": "\(attempt.queue)"])
        let outcome = try await next(attempt)
        attempt.context.logger.debug("Job attempt ended", metadata: ["job.outcome": "\(outcome.label)"])
        return outcome
    }
}
