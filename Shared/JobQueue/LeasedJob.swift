public import FoundationEssentials
public import JobTypes
public import PostgresClient

/// A job in the hands of one consumer, with the token that proves it.
public struct LeasedJob: Sendable {
    public let id: JobID
    /// The job's name outside the database.
    public let alias: UUID
    public let kind: JobKind
    public let arguments: PostgresJSON
    /// The number of this attempt, from 1.
    public let attempt: Int
    public let maximumAttempts: Int
    public let token: FencingToken
    /// The lease's name outside the database: a random one for each lease with an end of its own. A worker's lease needs
    /// none, and has the job's.
    public let leaseAlias: UUID
    /// When the lease ends by itself; nil when it lives as long as its worker's heartbeat.
    public let leaseExpiresAt: Date?
    public let createdAt: Date
    public let priority: Int
    /// Where the job stood in the lane of its queue and priority.
    package let position: Int64
    /// Its queue has a limit: the end of a job may make room for the next.
    package let isLimited: Bool

    /// The arguments as those of a kind; older versions are brought up to date.
    /// - Throws: `JobQueueError.newerArguments` or `undecodableArguments`.
    public func decode<Arguments: JobArguments>(_ type: Arguments.Type = Arguments.self) throws(JobQueueError)
        -> Arguments
    {
        guard self.kind == Arguments.kind else { throw JobQueueError(code: .undecodableArguments) }
        return try JobEnvelope.open(self.arguments)
    }

    /// Where the job belongs in a distributed trace; nil when whoever enqueued it was in none.
    public var trace: TraceContext? { JobEnvelope.trace(of: self.arguments) }
}
