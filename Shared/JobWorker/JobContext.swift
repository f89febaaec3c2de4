public import JobQueue
public import JobTypes
public import Logging
import NIOConcurrencyHelpers
public import PostgresClient

/// What a handler has besides its arguments: the job, the store, and the way to commit effect and completion together.
public final class JobContext: Sendable {
    public let job: LeasedJob
    /// For enqueuing follow-up jobs inside `completing`.
    public let store: JobStore
    public let pool: PostgresPool

    private let control: PostgresPool
    private let retryPolicy: RetryPolicy
    private let base: Logger
    private let state: NIOLockedValueBox<State>

    private struct State {
        var isSettled = false
        var result: JobResult?
        var lastReport: ContinuousClock.Instant?
    }

    /// - Parameters:
    ///   - control: for what must not wait for the handlers' own connections.
    ///   - base: the worker's logger.
    convenience init(
        job: LeasedJob, store: JobStore, pool: PostgresPool, control: PostgresPool, retryPolicy: RetryPolicy,
        base: Logger
    ) {
        self.init(
            job: job, store: store, pool: pool, control: control, retryPolicy: retryPolicy, base: base,
            state: NIOLockedValueBox(State()))
    }

    private init(
        job: LeasedJob, store: JobStore, pool: PostgresPool, control: PostgresPool, retryPolicy: RetryPolicy,
        base: Logger, state: NIOLockedValueBox<State>
    ) {
        self.job = job
        self.store = store
        self.pool = pool
        self.control = control
        self.retryPolicy = retryPolicy
        self.base = base
        self.state = state
    }

    /// Of the first priority: it goes alone and waits for no other job.
    public var isUrgent: Bool { self.job.priority == 0 }

    /// Carries the job's id, kind and attempt. Made when it is asked for: most jobs log nothing.
    public var logger: Logger { Self.logger(self.base, for: self.job) }

    static func logger(_ base: Logger, for job: LeasedJob) -> Logger {
        var logger = base
        logger[metadataKey: "job.id"] = "\(job.alias)"
        logger[metadataKey: "job.kind"] = "\(job.kind)"
        logger[metadataKey: "job.attempt"] = "\(job.attempt)"
        return logger
    }

    /// The same attempt whose log lines carry more, for middleware.
    public func logging(_ metadata: Logger.Metadata) -> JobContext {
        var base = self.base
        for (key, value) in metadata { base[metadataKey: key] = value }
        return JobContext(
            job: self.job, store: self.store, pool: self.pool, control: self.control, retryPolicy: self.retryPolicy,
            base: base, state: self.state)
    }

    // MARK: - Reports

    /// Says how far the job has come. Reports that come within a second after another are dropped, but for one that says
    /// that all is done; so a handler may report in every turn of its loop.
    ///
    /// - Throws: `JobQueueError.leaseLost` when the job is somebody else's by now, `badArgument` for a report that is too
    ///   long or contradicts itself.
    public func report(_ progress: JobProgress) async throws {
        let isLast = progress.done != nil && progress.done == progress.total
        let isDue = self.state.withLockedValue { state in
            if !isLast, let last = state.lastReport, last.advanced(by: .seconds(1)) > .now { return false }
            state.lastReport = .now
            return true
        }
        if isDue { try await self.store.report(progress, of: self.job, on: self.control) }
    }

    /// What the job leaves behind when it is completed; the last one counts. Codes, numbers, opaque bytes: operators see
    /// it. With `completing` it is written first, so it must be known before; with `settling`, by the end of its body.
    ///
    /// - Throws: `JobQueueError.badArgument` when the code is none or the bytes are too many.
    public func leave(_ result: JobResult) throws(JobQueueError) {
        guard result.code.map(JobResult.isCode) ?? true, (result.detail?.count ?? 0) <= JobResult.mostBytes else {
            throw JobQueueError(code: .badArgument)
        }
        self.state.withLockedValue { $0.result = result }
    }

    // MARK: - Ending

    /// Runs `body` and completes the job in one transaction: both commit or neither does, and only under a lease that is
    /// still this one. The completion travels with the first statement of `body`, before it: from then on nobody can take
    /// the job back, and it is undone with everything else when `body` throws. An effect outside the database belongs after
    /// that statement: before it, the lease may be lost.
    ///
    /// - Returns: the outcome for the handler to return.
    /// - Throws: `JobQueueError.leaseLost` when the job is somebody else's by now; whatever `body` throws; nothing of
    ///   either is then committed. `PostgresError.commitOutcomeUnknown` when the link died in the COMMIT: the next
    ///   attempt, if there is one, finds out.
    public func completing(
        _ name: StaticString, _ body: @Sendable (PostgresTransaction) async throws -> Void
    ) async throws -> JobOutcome {
        try await self.settled {
            try await self.pool.withTransaction(name) { transaction in
                let result = self.result
                try self.store.postCompletion(self.job, with: result, in: transaction)
                try await body(transaction)
                guard self.result == result else { throw JobFailure(code: "result_left_too_late", isPermanent: true) }
                return .completed
            }
        }
    }

    /// Like `completing`, but `body` says how the job ends: its outcome is written in the same transaction.
    public func settling(
        _ name: StaticString, _ body: @Sendable (PostgresTransaction) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        try await self.settled { try await self.settle(name, body) }
    }

    private func settled(_ settle: () async throws -> JobOutcome) async throws -> JobOutcome {
        let outcome: JobOutcome
        do {
            outcome = try await settle()
        } catch let error as PostgresError {
            throw JobQueueError(error) ?? error
        }
        self.noteCommitted()
        return outcome
    }

    /// The outcome is committed with its effect.
    func noteCommitted() {
        self.state.withLockedValue { $0.isSettled = true }
    }

    /// The lease travels with the first statement of `body`, the completion with COMMIT.
    private func settle(
        _ name: StaticString, _ body: @Sendable (PostgresTransaction) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        try await self.pool.withTransaction(name) { transaction in
            try self.store.postHold(self.job, in: transaction)
            let outcome = self.decide(try await body(transaction))
            switch outcome {
            case .completed:
                try self.store.postCompletion(self.job, with: self.result, in: transaction)
            case .snooze(let delay): try await self.store.snooze(self.job, delay: delay, on: transaction)
            case .cancel(let code): try await self.store.cancel(self.job, code: code, on: transaction)
            case .discard(let code): try await self.store.discard(self.job, code: code, on: transaction)
            case .retry(let delay, let code):
                try await self.store.fail(
                    self.job, code: code, retryAfter: delay ?? .seconds(1), on: transaction)
            }
            return outcome
        }
    }

    /// Whether the outcome is committed already.
    var isSettled: Bool {
        self.state.withLockedValue { $0.isSettled }
    }

    /// What the job leaves behind, if it is completed.
    var result: JobResult? {
        self.state.withLockedValue { $0.result }
    }

    /// What the outcome comes to under the kind's retry policy.
    func decide(_ outcome: JobOutcome) -> JobOutcome {
        self.retryPolicy.decide(outcome, attempt: self.job.attempt)
    }
}
