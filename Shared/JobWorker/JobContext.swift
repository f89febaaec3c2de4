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

    private let base: Logger
    private let isSettledBox = NIOLockedValueBox(false)

    /// - Parameter base: the worker's logger.
    init(job: LeasedJob, store: JobStore, pool: PostgresPool, base: Logger) {
        self.job = job
        self.store = store
        self.pool = pool
        self.base = base
    }

    /// Carries the job's id, kind and attempt. Made when it is asked for: most jobs log nothing.
    public var logger: Logger { Self.logger(self.base, for: self.job) }

    static func logger(_ base: Logger, for job: LeasedJob) -> Logger {
        var logger = base
        logger[metadataKey: "job.id"] = "\(job.alias)"
        logger[metadataKey: "job.kind"] = "\(job.kind)"
        logger[metadataKey: "job.attempt"] = "\(job.attempt)"
        return logger
    }

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
                try self.store.postCompletion(self.job, in: transaction)
                try await body(transaction)
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
        self.isSettledBox.withLockedValue { $0 = true }
        return outcome
    }

    /// The lease travels with the first statement of `body`, the completion with COMMIT.
    private func settle(
        _ name: StaticString, _ body: @Sendable (PostgresTransaction) async throws -> JobOutcome
    ) async throws -> JobOutcome {
        try await self.pool.withTransaction(name) { transaction in
            try self.store.postHold(self.job, in: transaction)
            let outcome = try await body(transaction)
            switch outcome {
            case .completed: try self.store.postCompletion(self.job, in: transaction)
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
        self.isSettledBox.withLockedValue { $0 }
    }
}
