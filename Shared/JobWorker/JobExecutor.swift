import JobQueue
import JobTypes
import Logging
import PostgresClient

/// Runs attempts, and writes the outcomes that are not plain completions.
struct JobExecutor: Sendable {
    let handlers: [JobKind: any JobHandler]
    let pool: PostgresPool
    let control: PostgresPool
    let store: JobStore
    let running: RunningJobs
    let surroundings: Surroundings
    let logger: Logger

    /// How often settling is tried while the database is away: together about the time after which a lease is lost.
    static let settleDelays: [Duration] = [.milliseconds(100), .milliseconds(400), .seconds(1), .seconds(3)]

    /// How an attempt ended, where that is still to be written.
    struct Ending: Sendable {
        let outcome: JobOutcome
        /// What the job leaves behind, when it is completed.
        var result: JobResult?
    }

    /// Runs one attempt. Returns what is still to be written: nil when the handler has committed its outcome itself.
    func execute(_ job: LeasedJob, queue: QueueName) async -> Ending? {
        let started = ContinuousClock.now
        let context = JobContext(
            job: job, store: self.store, pool: self.pool, control: self.control,
            retryPolicy: self.handlers[job.kind]?.retryPolicy ?? RetryPolicy(), base: self.logger)
        let outcome = context.decide(await self.attempt(job, queue, context))
        let isCommitted = context.isSettled
        self.surroundings.finished(
            FinishedAttempt(
                job: job, queue: queue, outcome: outcome, isCommitted: isCommitted,
                duration: started.duration(to: .now)))
        self.logger.debug(
            "Job attempt finished", metadata: ["job.id": "\(job.alias)", "job.outcome": "\(outcome.label)"])
        return isCommitted ? nil : Ending(outcome: outcome, result: outcome == .completed ? context.result : nil)
    }

    /// One attempt, to its own end or to the reason to stop it. The first to speak decides; the handler is waited for either
    /// way, it may still hold a transaction.
    private func attempt(_ job: LeasedJob, _ queue: QueueName, _ context: JobContext) async -> JobOutcome {
        guard let handler = self.handlers[job.kind] else {
            // Another version of the fleet may know the kind: not a dead letter, but worth a look.
            context.logger.error("No handler for this kind of job")
            return .retry(after: .seconds(30), code: "no_handler")
        }
        let (outcome, stopped) = await self.running.during(job.id, timeout: handler.timeout) {
            do {
                let attempt = JobAttempt(job: job, queue: queue, context: context)
                return try await self.surroundings.run(attempt) { try await handler.attempt(job, $0.context) }
            } catch {
                return Self.outcome(of: error, isPermanent: handler.isPermanent(error), context)
            }
        }
        // A handler that committed before the stop reached it has the last word.
        guard let stopped, !context.isSettled else { return outcome }
        return Self.outcome(of: stopped)
    }

    private static func outcome(of error: any Error, isPermanent: Bool, _ context: JobContext) -> JobOutcome {
        let code: String
        switch error {
        case let error as JobQueueError: code = "\(error.code)"
        case let error as JobFailure: code = error.code
        case let error as PostgresError: code = "database_" + (error.sqlState ?? "\(error.code)")
        case is CancellationError: code = "cancelled"
        default: code = "error"
        }
        // Errors of ours hold no personal data; a foreign one is named by its type only.
        let shown = error is PostgresError || error is JobQueueError ? "\(error)" : "\(type(of: error))"
        context.logger.warning("Job attempt failed", metadata: ["job.code": "\(code)", "error": "\(shown)"])
        return isPermanent ? .discard(code: code) : .retry(after: nil, code: code)
    }

    private static func outcome(of reason: RunningJobs.StopReason) -> JobOutcome {
        switch reason {
        case .cancelRequested: .cancel(code: "cancelled")
        case .timedOut: .retry(after: nil, code: "timed_out")
        case .leaseLost: .retry(after: .zero, code: "lease_lost")
        case .shutdown: .snooze(.zero)
        }
    }

    /// Writes the outcome under the job's token, and keeps trying for a while when the database is away. False when the
    /// job is still leased to this worker: the producer hands it back. Not for the job's own task, which may be cancelled.
    func settle(_ job: LeasedJob, _ ending: Ending) async -> Bool {
        let logger = JobContext.logger(self.logger, for: job)
        for delay in Self.settleDelays {
            do {
                try await self.write(ending, of: job, logger)
                return true
            } catch let error as JobQueueError where error.code == .leaseLost {
                logger.info("Lease lost before the outcome was written; another consumer has the job or it has ended")
                return true
            } catch let error as PostgresError where error.isRetryable {
                logger.warning("Outcome not written yet", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)  // Cancelled: the next try fails at once and the loop ends.
            } catch {
                logger.error("Outcome not written; the job goes back", metadata: ["error": "\(error)"])
                return false
            }
        }
        logger.error("Outcome not written while the database was away; the job goes back")
        return false
    }

    private func write(_ ending: Ending, of job: LeasedJob, _ logger: Logger) async throws {
        switch ending.outcome {
        case .completed:
            if let result = ending.result {
                try await self.store.complete(job, with: result, on: self.control)
            } else {
                try await self.store.complete(job, on: self.control)
            }
        case .retry(let delay, let code):
            let state = try await self.store.fail(
                job, code: code, retryAfter: delay ?? .seconds(1), on: self.control)
            if state == JobState.discarded.rawValue {
                logger.error("Job is a dead letter now: its attempts are used up", metadata: ["job.code": "\(code)"])
            }
        case .snooze(let delay): try await self.store.snooze(job, delay: delay, on: self.control)
        case .cancel(let code): try await self.store.cancel(job, code: code, on: self.control)
        case .discard(let code):
            try await self.store.discard(job, code: code, on: self.control)
            logger.error("Job is a dead letter now: its handler gave it up", metadata: ["job.code": "\(code)"])
        }
    }
}

extension JobOutcome {
    /// For metrics and logs.
    var label: String {
        switch self {
        case .completed: "completed"
        case .retry: "retry"
        case .snooze: "snoozed"
        case .cancel: "cancelled"
        case .discard: "discarded"
        }
    }
}
