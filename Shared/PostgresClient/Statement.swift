/// A query of ours: a literal with `$n` for values, and the name that errors, logs and metrics show for it.
///
/// Both are `StaticString`, so a value cannot be interpolated into the text. A connection prepares each statement once,
/// under its name; two statements must not share a name.
public struct Statement: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    public let sql: String

    public init(name: StaticString, _ sql: StaticString) {
        self.name = "\(name)"
        self.sql = "\(sql)"
    }

    /// The name only: the text is nobody's business in a log.
    public var description: String { self.name }

    /// For DDL and COPY of our own files and tables, whose text is not a literal.
    package init(name: String, unchecked sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// A statement with its values.
public struct BoundStatement: Sendable {
    let statement: Statement
    let parameters: EncodedParameters

    public init(_ statement: Statement, _ parameters: (any PostgresEncodable)?...) {
        self.init(statement, parameters: parameters)
    }

    public init(_ statement: Statement, parameters: [(any PostgresEncodable)?]) {
        self.statement = statement
        self.parameters = EncodedParameters(parameters)
    }
}
