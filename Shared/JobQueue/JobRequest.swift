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
    /// At most one live job of this kind has this key: enqueuing another returns the one there is.
    public let uniqueKey: String?

    /// - Throws: `EncodingError` when the arguments cannot be encoded.
    public init<Arguments: JobArguments>(
        _ arguments: Arguments, queue: QueueName, priority: Int = 4, scheduledAt: Date? = nil,
        maximumAttempts: Int = 25, uniqueKey: String? = nil
    ) throws {
        self.queue = queue
        self.kind = Arguments.kind
        self.arguments = try PostgresJSON(encoding: arguments)
        self.priority = priority
        self.scheduledAt = scheduledAt
        self.maximumAttempts = maximumAttempts
        self.uniqueKey = uniqueKey
    }

    /// The values of `queue.enqueue`.
    var parameters: [(any PostgresEncodable)?] {
        [
            self.queue.rawValue, self.kind.rawValue, self.arguments, Int32(self.priority), self.scheduledAt,
            Int32(self.maximumAttempts), self.uniqueKey,
        ]
    }
}

/// What became of a request to enqueue.
public struct EnqueuedJob: Sendable, Equatable {
    public let id: JobID
    /// The job's name outside the database.
    public let alias: UUID
    /// False when a live job with the same unique key was there already.
    public let isNew: Bool
}
