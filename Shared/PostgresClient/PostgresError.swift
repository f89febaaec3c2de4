import CLibPQ

/// What went wrong with the database, without the query's text, its values or the server's message (which may quote them).
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of trouble.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case connectionFailed, connectionLost, server, decoding, poolExhausted, acquireTimeout, cancelled
            case commitOutcomeUnknown, shutdown, misuse
        }

        private let value: Value

        /// No connection could be made.
        public static let connectionFailed = Code(value: .connectionFailed)
        /// The connection broke; a statement under way may or may not have had its effect.
        public static let connectionLost = Code(value: .connectionLost)
        /// The server refused the statement; see `sqlState`.
        public static let server = Code(value: .server)
        /// A value is not of the type the caller asked for.
        public static let decoding = Code(value: .decoding)
        /// Too many callers wait for a connection already.
        public static let poolExhausted = Code(value: .poolExhausted)
        /// No connection came free in time.
        public static let acquireTimeout = Code(value: .acquireTimeout)
        /// The calling task was cancelled, and the statement with it.
        public static let cancelled = Code(value: .cancelled)
        /// COMMIT was sent and nothing certain came back: the transaction is committed or it is not. Find out before
        /// answering anybody.
        public static let commitOutcomeUnknown = Code(value: .commitOutcomeUnknown)
        /// The pool or connection is closed.
        public static let shutdown = Code(value: .shutdown)
        /// The call makes no sense, such as an unparsable DSN.
        public static let misuse = Code(value: .misuse)

        /// The name of the constant.
        public var description: String { self.value.rawValue }
    }

    /// The kind of trouble.
    public let code: Code
    /// Five characters, from the server. Classes `DQ` and `DC` are raised by SQL functions of ours.
    public var sqlState: String?
    /// The statement's name.
    public var statement: String?
    /// The constraint that was violated, from the server.
    public var constraint: String?
    /// The table of that constraint or column, from the server.
    public var table: String?
    /// A constant of this library.
    public var detail: String?
    /// The statement was sent and no answer to it came, or one that ended the session: it has had its effect or not.
    var leavesOutcomeOpen = false
    /// The server refused the preparation of the statement, not the statement; prepared anew it may work.
    var isStalePreparation = false

    init(
        _ code: Code, sqlState: String? = nil, statement: String? = nil, constraint: String? = nil,
        table: String? = nil,
        detail: StaticString? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.statement = statement
        self.constraint = constraint
        self.table = table
        self.detail = detail.map { "\($0)" }
    }

    /// Whether the same call may succeed if it is made again: the link broke, the server was busy or starting, or two
    /// transactions met. Never true for an unknown COMMIT.
    public var isRetryable: Bool {
        switch self.code {
        case .connectionFailed, .connectionLost, .poolExhausted, .acquireTimeout: return true
        case .server:
            guard let state = self.sqlState else { return false }
            if self.isStalePreparation { return true }
            return ["40001", "40P01", "55P03"].contains(state) || ["08", "53", "57"].contains(String(state.prefix(2)))
        default: return false
        }
    }

    /// Whether the database could not be reached at all, or is starting or shutting down.
    public var isUnavailable: Bool {
        switch self.code {
        case .connectionFailed, .connectionLost, .poolExhausted, .acquireTimeout, .shutdown: return true
        case .server: return ["57P01", "57P02", "57P03", "53300"].contains(self.sqlState ?? "")
        default: return false
        }
    }

    /// One line for a log.
    public var description: String {
        var text: String
        switch self.code {
        case .connectionFailed: text = "cannot connect to PostgreSQL"
        case .connectionLost: text = "the connection to PostgreSQL was lost"
        case .server: text = "PostgreSQL refused the statement"
        case .decoding: text = "a value from PostgreSQL is not of the expected type"
        case .poolExhausted: text = "all connections are busy and too many callers wait"
        case .acquireTimeout: text = "no connection came free in time"
        case .cancelled: text = "the statement was cancelled"
        case .commitOutcomeUnknown: text = "the outcome of a COMMIT is unknown"
        case .shutdown: text = "the connection pool is closed"
        default: text = "the database was called in a way that makes no sense"
        }
        if let detail { text += ": \(detail)" }
        let context = [
            self.sqlState.map { "SQLSTATE \($0)" }, self.statement.map { "statement \($0)" },
            self.constraint.map { "constraint \($0)" }, self.table.map { "table \($0)" },
        ].compactMap { $0 }
        return context.isEmpty ? text : text + " (" + context.joined(separator: ", ") + ")"
    }

    /// From an error result of the server.
    static func server(_ result: OpaquePointer?, statement: String?) -> PostgresError {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        // The letters are those of the PG_DIAG_ constants, which are macros and not seen by Swift.
        let state = field("C")
        var error = PostgresError(
            .server, sqlState: state, statement: statement, constraint: field("n"), table: field("t"))
        error.leavesOutcomeOpen = field("V") != "ERROR"
        // The server does not know the name, knows it already, or has a plan whose columns have changed since.
        error.isStalePreparation =
            state == "26000" || state == "42P05" || (state == "0A000" && field("R") == "RevalidateCachedQuery")
        return error
    }
}
