/// A call of the queue's API as the suite asks a client for it. As JSON, in snake case, it is one line of the protocol that a client in any
/// language answers: see ``ClientProcess``.
public struct ConformanceCall: Codable, Sendable {
    /// What is to be called.
    public enum Name: String, Codable, Sendable, CaseIterable {
        case enqueue, claim, complete, fail, discard, snooze, extend, cancel
        /// Enqueues in a transaction that is then undone.
        case enqueueUndone = "enqueue_undone"
        /// Enqueues once for each element of the arguments, a JSON array.
        case enqueueMany = "enqueue_many"
        /// Completes and then undoes the transaction.
        case completeUndone = "complete_undone"
    }

    public var call: Name
    public var queue: String?
    public var kind: String?
    /// The arguments' JSON, as text.
    public var args: String?
    public var priority: Int?
    /// From now; for `enqueue`, `fail` and `snooze`.
    public var delaySeconds: Double?
    public var maxAttempts: Int?
    public var uniqueKey: String?
    public var limit: Int?
    public var leaseSeconds: Double?
    public var holder: String?
    public var alias: String?
    public var code: String?
    /// The job's id and its fencing token, as `claim` told them.
    public var id: Int64?
    public var epoch: Int32?
    public var number: Int64?

    public init(_ call: Name) {
        self.call = call
    }

    enum CodingKeys: String, CodingKey {
        case call, queue, kind, args, priority, limit, holder, alias, code, id, epoch, number
        case delaySeconds = "delay_seconds"
        case maxAttempts = "max_attempts"
        case uniqueKey = "unique_key"
        case leaseSeconds = "lease_seconds"
    }

    /// A call about a leased job.
    static func about(_ job: ConformanceAnswer.Job, _ call: Name) -> ConformanceCall {
        var request = ConformanceCall(call)
        (request.id, request.epoch, request.number) = (job.id, job.epoch, job.number)
        return request
    }
}

/// What came of a call. Only the members that belong to it are there.
public struct ConformanceAnswer: Codable, Sendable, Equatable {
    /// A job in the client's hands.
    public struct Job: Codable, Sendable, Equatable {
        public var id: Int64
        public var epoch: Int32
        public var number: Int64
        public var alias: String
        public var kind: String
        /// JSON, as text.
        public var args: String
        public var attempt: Int

        public init(
            id: Int64, epoch: Int32, number: Int64, alias: String, kind: String, args: String, attempt: Int
        ) {
            self.id = id
            self.epoch = epoch
            self.number = number
            self.alias = alias
            self.kind = kind
            self.args = args
            self.attempt = attempt
        }
    }

    /// The SQLSTATE with which the queue refused it (DQ001 to DQ004).
    public var refused: String?
    public var alias: String?
    public var isNew: Bool?
    public var jobs: [Job]?
    /// What `fail` and `cancel` led to.
    public var state: String?

    public init() {}

    enum CodingKeys: String, CodingKey {
        case refused, alias, jobs, state
        case isNew = "is_new"
    }
}

/// A client of the queue under test.
public protocol ConformanceClient: Sendable {
    /// Makes the call through the client and says what came of it. A refusal by the queue is an answer; what is thrown ends the
    /// suite.
    func answer(_ call: ConformanceCall) async throws -> ConformanceAnswer
}
