/// The name of a kind of work, `snake_case`: what a handler is registered for and what metrics are labelled with.
///
/// A kind names a contract. When its arguments change in a way an old worker cannot read, the kind keeps its name and
/// the arguments carry a higher `version`.
public struct JobKind: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: StaticString) {
        self.rawValue = "\(value)"
    }

    public var description: String { self.rawValue }
}

/// The name of a queue, `kebab-case` with dots: one per service, and one per agency (`agency.<id>`).
public struct QueueName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: StaticString) {
        self.rawValue = "\(value)"
    }

    public var description: String { self.rawValue }
}
