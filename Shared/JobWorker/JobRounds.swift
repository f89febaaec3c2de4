import JobQueue
import JobTypes
public import PostgresClient

/// Rounds of jobs, such as one transaction for all that are ready at the same moment (`JobContext.completing(_:_:_:)`). Jobs of one
/// kind go together.
public typealias JobRounds<Key: Hashable & Sendable, Fate: Sendable> = TransactionRounds<Key, JobContext, Fate>

extension TransactionRounds.Part where Item == JobContext {
    public init(_ key: Key, _ context: JobContext) {
        self.init(key, kind: context.job.kind.rawValue, context)
    }

    public var context: JobContext { self.item }
}
