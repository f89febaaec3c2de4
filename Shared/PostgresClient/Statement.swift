/// A query of ours: a literal with `$n` for values, and the name that errors, logs and metrics show for it.
///
/// Both are `StaticString`, so a value cannot be interpolated into the text. A connection prepares each statement once,
/// under its name; two statements must not share a name.
public struct Statement: Sendable, Hashable, CustomStringConvertible {
    /// What errors, logs and metrics show.
    public let name: String
    /// The text.
    public let sql: String
    /// BEGIN, COMMIT and the like: parsed anew each time, which costs nothing, and known to no session.
    let isCommand: Bool

    /// - Parameter name: a name that no other statement has, in `snake_case`.
    public init(name: StaticString, _ sql: StaticString) {
        self.name = "\(name)"
        self.sql = "\(sql)"
        self.isCommand = false
    }

    /// The name only: the text is nobody's business in a log.
    public var description: String { self.name }

    /// For DDL and COPY of our own files and tables, whose text is not a literal.
    package init(name: String, unchecked sql: String) {
        self.name = name
        self.sql = sql
        self.isCommand = false
    }

    /// A command of this library's own.
    init(command sql: String, name: String) {
        self.name = name
        self.sql = sql
        self.isCommand = true
    }
}

/// A statement with its values, which it does not show.
public struct BoundStatement: Sendable, CustomStringConvertible, CustomReflectable {
    let statement: Statement
    let parameters: EncodedParameters

    /// The values in the order of `$1`, `$2`, ….
    public init(_ statement: Statement, _ parameters: (any PostgresEncodable)?...) {
        self.init(statement, parameters: parameters)
    }

    /// The same, with the values in an array.
    public init(_ statement: Statement, parameters: [(any PostgresEncodable)?]) {
        self.statement = statement
        self.parameters = EncodedParameters(parameters)
    }

    /// The name of the statement.
    public var description: String { self.statement.name }
    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
