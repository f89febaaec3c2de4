public import FoundationEssentials
public import JobTypes
public import PostgresClient

/// The job table for producers and for consumers with leases of their own: the SQL functions of `queue`, typed.
///
/// Every method is one statement. What changes a leased job throws `JobQueueError.leaseLost` when the token is stale, and
/// inside a transaction holds the job's row to its end, so that effect and completion commit together or not at all.
public struct JobStore: Sendable {
    private let bell: JobBell

    public init(bell: JobBell) {
        self.bell = bell
    }

    // MARK: - Producers

    /// Enqueues in the caller's transaction. Workers are woken by themselves once the transaction has committed.
    @discardableResult
    public func enqueue(
        _ request: JobRequest, notify: JobNotification = .afterCommit, in transaction: PostgresTransaction
    ) async throws -> EnqueuedJob {
        let call = request.call
        let rows = try await Self.run(call.statement, on: transaction, call.parameters)
        let (id, alias, isNew) = try Self.only(rows).decode((Int64, UUID, Bool).self)
        if isNew {
            switch notify {
            case .afterCommit:
                let bell = self.bell
                transaction.afterCommit { bell.ring(request.queue) }
            case .inTransaction:
                try transaction.post(Self.ringAtCommit, [request.queue.rawValue])
            }
        }
        return EnqueuedJob(id: JobID(id), alias: alias, isNew: isNew)
    }

    /// Enqueues in a transaction of its own: one statement, one round trip. When the link breaks under it the job may have
    /// been enqueued or not; a unique key makes a second try harmless.
    @discardableResult
    public func enqueue(_ request: JobRequest, on pool: PostgresPool) async throws -> EnqueuedJob {
        let call = request.call
        let rows = try await Self.run(call.statement, on: pool, call.parameters)
        let (id, alias, isNew) = try Self.only(rows).decode((Int64, UUID, Bool).self)
        if isNew { self.bell.ring(request.queue) }
        return EnqueuedJob(id: JobID(id), alias: alias, isNew: isNew)
    }

    /// Enqueues without waiting for the answer: sent with the transaction's next statement or with COMMIT. For a caller that
    /// need not know the job, or whether its unique key was taken.
    public func post(_ request: JobRequest, in transaction: PostgresTransaction) throws {
        let call = request.call
        try transaction.post(call.statement, parameters: call.parameters)
        // The scheduler rings for what is due later.
        guard request.scheduledAt == nil else { return }
        let bell = self.bell
        transaction.afterCommit { bell.ring(request.queue) }
    }

    /// Enqueues jobs of whatever queues and kinds in one statement, without waiting for the answer.
    public func post(_ requests: [JobRequest], in transaction: PostgresTransaction) throws {
        let together = requests.filter(\.isPlain)
        for request in requests where !request.isPlain { try self.post(request, in: transaction) }
        guard !together.isEmpty else { return }
        try transaction.post(
            Self.enqueueEach, together.map(\.queue.rawValue), together.map(\.kind.rawValue), together.map(\.arguments),
            together.map { Int32($0.priority) }, together.map { Int32($0.maximumAttempts) }, together.map(\.uniqueKey))
        self.ringAfterCommit(Array(Set(together.map(\.queue))), in: transaction)
    }

    /// Enqueues many jobs of one kind in one statement, without unique keys. Returns how many.
    @discardableResult
    public func enqueue<Arguments: JobArguments>(
        many arguments: [Arguments], queue: QueueName, priority: Int = 4, in transaction: PostgresTransaction
    ) async throws -> Int {
        let trace = TraceContext.current
        let encoder = PostgresJSON.encoder()
        let encoded = try arguments.map { try JobEnvelope.seal($0, trace: trace, by: encoder) }
        let rows = try await Self.run(
            Self.enqueueMany, on: transaction,
            [queue.rawValue, Arguments.kind.rawValue, encoded, Int32(priority)])
        let bell = self.bell
        transaction.afterCommit { bell.ring(queue) }
        return try Int(Self.only(rows).decode(Int64.self))
    }

    /// Rings for queues once the transaction has committed: for jobs that a function of the database enqueued.
    public func ringAfterCommit(_ queues: [QueueName], in transaction: PostgresTransaction) {
        let bell = self.bell
        transaction.afterCommit { for queue in queues { bell.ring(queue) } }
    }

    /// Withdraws the live job with this unique key, if there is one.
    /// - Returns: `cancelled`, `requested` (it is running and was asked to stop) or `absent`.
    @discardableResult
    public func cancel(
        kind: JobKind, uniqueKey: String, code: String, in executor: some PostgresExecutor
    ) async throws -> String {
        let rows = try await Self.run(Self.cancelUnique, on: executor, [kind.rawValue, uniqueKey, code])
        return try Self.only(rows).decode(String.self)
    }

    /// Withdraws the job with this unique key if it waits. One that is being worked is left alone: use this where the
    /// caller holds locks which the job's handler may want.
    public func cancelWaiting(
        kind: JobKind, uniqueKey: String, code: String, in transaction: PostgresTransaction
    ) async throws {
        _ = try await Self.run(Self.cancelWaitingJob, on: transaction, [kind.rawValue, uniqueKey, code])
    }

    /// The same without waiting for the answer.
    public func postCancelWaiting(
        kind: JobKind, uniqueKey: String, code: String, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.cancelWaitingJob, kind.rawValue, uniqueKey, code)
    }

    /// Holds the job with this unique key to the end of the transaction, to keep an order of locks.
    public func hold(kind: JobKind, uniqueKey: String, in transaction: PostgresTransaction) async throws {
        _ = try await Self.run(Self.lockUnique, on: transaction, [kind.rawValue, uniqueKey])
    }

    // MARK: - Consumers with leases of their own (the agencies' doors)

    /// Leases up to `limit` available jobs to `holder` until `leaseFor` has passed or it is extended.
    public func claim(
        queue: QueueName, limit: Int, leaseFor: Duration, holder: String, on executor: some PostgresExecutor
    ) async throws -> [LeasedJob] {
        let rows = try await Self.run(
            Self.claimJobs, on: executor,
            [
                queue.rawValue, Int32(limit), Optional<UUID>.none, PostgresInterval(leaseFor), holder,
                Optional<[Int64]>.none,
            ])
        return try rows.map(LeasedJob.init(row:))
    }

    /// The job leased to `holder` under this alias. Holds the job's row to the end of the transaction.
    /// - Throws: `JobQueueError.leaseLost` when the lease is unknown, another holder's, or over.
    public func lease(alias: UUID, holder: String, in transaction: PostgresTransaction) async throws -> LeasedJob {
        let rows = try await Self.run(Self.leaseByAlias, on: transaction, [alias, holder])
        guard let row = rows.first else { throw JobQueueError(code: .leaseLost) }
        return try LeasedJob(row: row)
    }

    /// Holds the lease to the end of the transaction: nobody can take the job back before it commits.
    public func hold(_ job: LeasedJob, in transaction: PostgresTransaction) async throws {
        _ = try await Self.run(Self.withLease, on: transaction, job.tokenParameters)
    }

    /// The same without waiting for the answer: a lost lease comes up with the transaction's next statement, as SQLSTATE
    /// DQ001, which `JobQueueError` reads.
    public func postHold(_ job: LeasedJob, in transaction: PostgresTransaction) throws {
        try transaction.post(Self.withLease, parameters: job.tokenParameters)
    }

    /// Holds a batch's leases to the end of the transaction: those that are still these, and whose rows nobody else has under
    /// lock. Waits for none of the jobs. Returns which are held.
    public func hold(_ jobs: [LeasedJob], in transaction: PostgresTransaction) async throws -> Set<JobID> {
        let rows = try await Self.run(Self.holdMany, on: transaction, LeasedJob.tokenParameters(jobs))
        return Set(try rows.map { JobID(try $0.decode(Int64.self)) })
    }

    /// A batch that is held is done, all of it or none: sent with the transaction's next statement or with COMMIT.
    public func postCompletion(_ jobs: [LeasedJob], in transaction: PostgresTransaction) throws {
        try transaction.post(Self.completeAll, parameters: LeasedJob.tokenParameters(jobs))
    }

    /// Lengthens a lease that has its own end; never shortens it. Returns the new end.
    public func extend(_ job: LeasedJob, by time: Duration, on executor: some PostgresExecutor) async throws -> Date {
        let rows = try await Self.run(Self.extendLease, on: executor, job.tokenParameters + [PostgresInterval(time)])
        return try Self.only(rows).decode(Date.self)
    }

    /// The work is done.
    public func complete(_ job: LeasedJob, on executor: some PostgresExecutor) async throws {
        _ = try await Self.run(Self.completeJob, on: executor, job.tokenParameters)
    }

    /// The work is done, and this is what it leaves behind in the history.
    public func complete(_ job: LeasedJob, with result: JobResult, on executor: some PostgresExecutor) async throws {
        _ = try await Self.run(
            Self.completeWith, on: executor, job.tokenParameters + [result.code, result.detail])
    }

    /// Says how far the job has come. Returns whether somebody wants it cancelled.
    ///
    /// Each report rewrites the job's row: for a person who watches, one in a second is plenty.
    @discardableResult
    public func report(
        _ progress: JobProgress, of job: LeasedJob, on executor: some PostgresExecutor
    ) async throws -> Bool {
        let rows = try await Self.run(
            Self.reportProgress, on: executor,
            job.tokenParameters + [progress.done, progress.total, progress.code, progress.detail])
        return try Self.only(rows).decode(Bool.self)
    }

    /// The same without waiting for the answer, for the last step of a transaction.
    public func postCompletion(
        _ job: LeasedJob, with result: JobResult? = nil, in transaction: PostgresTransaction
    ) throws {
        guard let result else { return try transaction.post(Self.completeJob, parameters: job.tokenParameters) }
        try transaction.post(Self.completeWith, parameters: job.tokenParameters + [result.code, result.detail])
    }

    /// The attempt failed; `code` says why and holds no data. Returns the state it led to: retryable, discarded when no
    /// attempt is left, or cancelled when somebody had asked for that.
    @discardableResult
    public func fail(
        _ job: LeasedJob, code: String, retryAfter: Duration, on executor: some PostgresExecutor
    ) async throws -> String {
        let rows = try await Self.run(
            Self.failJob, on: executor, job.tokenParameters + [code, PostgresInterval(retryAfter)])
        return try Self.only(rows).decode(String.self)
    }

    /// Gives the job up for good: a dead letter.
    public func discard(_ job: LeasedJob, code: String, on executor: some PostgresExecutor) async throws {
        _ = try await Self.run(Self.discardJob, on: executor, job.tokenParameters + [code])
    }

    /// Calls the job off.
    public func cancel(_ job: LeasedJob, code: String, on executor: some PostgresExecutor) async throws {
        _ = try await Self.run(Self.cancelLeased, on: executor, job.tokenParameters + [code])
    }

    /// Calls a job off by its alias, whoever has it; for operators.
    /// - Returns: `cancelled`, or `requested` when it is running and was asked to stop.
    @discardableResult
    public func cancel(alias: UUID, code: String, on executor: some PostgresExecutor) async throws -> String {
        try Self.only(try await Self.run(Self.cancelJob, on: executor, [alias, code])).decode(String.self)
    }

    /// Hands the job back without counting the attempt: after the delay, or at once when it is zero.
    public func snooze(_ job: LeasedJob, delay: Duration, on executor: some PostgresExecutor) async throws {
        _ = try await Self.run(Self.snoozeJob, on: executor, job.tokenParameters + [PostgresInterval(delay)])
    }

    // MARK: -

    /// One call of a queue function; its refusals become `JobQueueError`.
    static func run(
        _ statement: Statement, on executor: some PostgresExecutor, _ parameters: [(any PostgresEncodable)?]
    ) async throws -> PostgresRows {
        do {
            return try await executor.execute(statement, parameters: parameters)
        } catch {
            if let refusal = JobQueueError(error) { throw refusal }
            throw error
        }
    }

    static func only(_ rows: PostgresRows) throws -> PostgresRow {
        guard let row = rows.first else { throw JobQueueError(code: .unknownJob) }
        return row
    }
}
