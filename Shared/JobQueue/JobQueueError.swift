public import PostgresClient

/// What the queue refuses. Everything else that can go wrong is a `PostgresError`.
public struct JobQueueError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case leaseLost, unknownJob, unknownWorker, badArgument, undecodableArguments, newerArguments
        }

        private let value: Value

        /// The fencing token is not, or no longer, the one the job is leased under (SQLSTATE DQ001).
        public static let leaseLost = Code(value: .leaseLost)
        /// There is no such job in a state that allows this (SQLSTATE DQ002).
        public static let unknownJob = Code(value: .unknownJob)
        /// The worker was never registered, or was given up after its heartbeat stopped (SQLSTATE DQ003).
        public static let unknownWorker = Code(value: .unknownWorker)
        /// The call contradicts itself, or something in it is out of range (SQLSTATE DQ004).
        public static let badArgument = Code(value: .badArgument)
        /// The stored arguments are not those of the handler's kind.
        public static let undecodableArguments = Code(value: .undecodableArguments)

        /// The stored arguments are of a later version than this program's.
        public static let newerArguments = Code(value: .newerArguments)

        public var description: String { self.value.rawValue }
    }

    public let code: Code

    public init(code: Code) {
        self.code = code
    }

    public var description: String {
        switch self.code {
        case .leaseLost: "the lease is lost: the job was handed to another consumer, or ended"
        case .unknownJob: "no such job in a state that allows this"
        case .unknownWorker: "the worker is not registered or was given up: register again under a new id"
        case .badArgument: "the queue was called with arguments that contradict each other or are out of range"
        case .newerArguments: "the job's arguments are of a later version: run a newer worker"
        default: "the job's arguments cannot be read as those of its kind"
        }
    }

    /// As the database says it; nil for what this side found out.
    package var sqlState: String? {
        switch self.code {
        case .leaseLost: "DQ001"
        case .unknownJob: "DQ002"
        case .unknownWorker: "DQ003"
        case .badArgument: "DQ004"
        default: nil
        }
    }

    /// The queue's own refusal in a database error, if it is one. The stores map what their statements throw; what was
    /// posted comes up elsewhere in the transaction, and whoever runs that asks here.
    public init?(_ error: PostgresError) {
        switch error.sqlState {
        case "DQ001": self.code = .leaseLost
        case "DQ002": self.code = .unknownJob
        case "DQ003": self.code = .unknownWorker
        case "DQ004": self.code = .badArgument
        default: return nil
        }
    }
}
