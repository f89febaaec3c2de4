public import FoundationEssentials
public import JobTypes
public import PostgresClient

/// A job to be enqueued.
public struct JobRequest: Sendable {
    public let queue: QueueName
    public let kind: JobKind
    /// The encoded arguments. Ids only: they are stored in clear.
    public let arguments: PostgresJSON
    /// 0 goes first, 9 last; 4 is the usual.
    public let priority: Int
    /// Not before this moment of the database's clock; at once when nil or past.
    public let scheduledAt: Date?
    /// After this many failed attempts the job is a dead letter.
    public let maximumAttempts: Int
    /// At most one job of this kind has this key, as far as `uniqueness` goes: enqueuing another returns the one there is.
    public let uniqueKey: String?
    public let uniqueness: JobUniqueness

    /// - Parameter trace: continued by the handler; by default the caller's own.
    /// - Throws: `EncodingError` when the arguments cannot be encoded, or not as a JSON object.
    public init<Arguments: JobArguments>(
        _ arguments: Arguments, queue: QueueName, priority: Int = 4, scheduledAt: Date? = nil,
        maximumAttempts: Int = 25, uniqueKey: String? = nil, uniqueness: JobUniqueness = .whileLive,
        trace: TraceContext? = .current
    ) throws {
        self.queue = queue
        self.kind = Arguments.kind
        self.uniqueness = uniqueness
        self.arguments = try JobEnvelope.seal(arguments, trace: trace)
        self.priority = priority
        self.scheduledAt = scheduledAt
        self.maximumAttempts = maximumAttempts
        self.uniqueKey = uniqueKey
    }

    /// Whether it is available at once, and holds its key no longer than it lives.
    var isPlain: Bool { self.scheduledAt == nil && (self.uniqueKey == nil || self.uniqueness == .whileLive) }

    /// The statement that enqueues it, and its values.
    var call: (statement: Statement, parameters: [(any PostgresEncodable)?]) {
        let scope: String
        let hold: PostgresInterval?
        switch (self.uniqueKey, self.uniqueness) {
        case (nil, _), (_, .whileLive): return (JobStore.enqueueJob, self.parameters)
        case (_, .whileWaiting): (scope, hold) = ("waiting", nil)
        case (_, .forPeriod(let period)): (scope, hold) = ("live", PostgresInterval(period))
        }
        return (
            JobStore.enqueueUnique,
            [
                self.queue.rawValue, self.kind.rawValue, self.arguments, self.uniqueKey, scope, hold,
                Int32(self.priority), self.scheduledAt, Int32(self.maximumAttempts),
            ]
        )
    }

    /// The values of `queue.enqueue`.
    private var parameters: [(any PostgresEncodable)?] {
        [
            self.queue.rawValue, self.kind.rawValue, self.arguments, Int32(self.priority), self.scheduledAt,
            Int32(self.maximumAttempts), self.uniqueKey,
        ]
    }
}

/// How far a unique key reaches.
public enum JobUniqueness: Hashable, Sendable {
    /// While a job with the key waits. One that runs does not count, so work that is asked for after it began is done
    /// after it; and a job that was found waiting does not begin before the caller's transaction has ended.
    case whileWaiting
    /// While a job with the key waits or runs, also between two attempts.
    case whileLive
    /// As `whileLive`, and for so long after it was enqueued, also when it is completed by then. A job that was cancelled
    /// or discarded frees its key.
    case forPeriod(Duration)
}

/// How workers hear of a job at once. Their poll finds it in any case.
public enum JobNotification: Hashable, Sendable {
    /// The process's ``JobBell`` rings after the commit, off the write path.
    case afterCommit
    /// `NOTIFY` is part of the transaction, for a process without a bell. Such commits follow each other, one at a time in
    /// the whole database.
    case inTransaction
}

/// What became of a request to enqueue.
public struct EnqueuedJob: Sendable, Equatable {
    public let id: JobID
    /// The job's name outside the database.
    public let alias: UUID
    /// False when a live job with the same unique key was there already.
    public let isNew: Bool
}
