/// One thing wrong with one field of a request. It never repeats the value, which may be personal.
public struct FieldProblem: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// The body is not JSON, or not an object.
        case malformedJSON = "malformed_json"
        case wrongType = "wrong_type"
        case missing
        /// The format has no such field.
        case unknownField = "unknown_field"
        /// The vocabulary has no such word.
        case unknownValue = "unknown_value"
        case unknownDivision = "unknown_division"
        /// No such day, or not written YYYY-MM-DD.
        case impossibleDate = "impossible_date"
        /// No such time, or not written HH:MM.
        case impossibleTime = "impossible_time"
        case malformed
        case outOfRange = "out_of_range"
        case empty
        case tooLong = "too_long"
        case tooMany = "too_many"
        case duplicate
        /// The field contradicts another one.
        case inconsistent
    }

    /// A JSON Pointer (RFC 6901) to the field, e.g. `/people/0/birth_date`; empty for the whole body.
    public let field: String
    public let code: Code
    /// What is wrong and how to put it right, in English, without the value.
    public let message: String

    public init(field: String, code: Code, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }

    public var description: String { "\(self.field): \(self.message) (\(self.code.rawValue))" }
}

/// Everything wrong with a request: at least one problem.
public struct IntakeRejection: Error, Hashable, Sendable, CustomStringConvertible {
    public let problems: [FieldProblem]

    public init(problems: [FieldProblem]) {
        self.problems = problems
    }

    public var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}
