/// An answer that is not a success, as RFC 9457 lays it out (`application/problem+json`).
public struct ProblemDocument: Codable, Sendable, Equatable {
    /// The kind of problem, as a URI path such as `/problems/validation-failed`.
    public var type: String
    /// The kind of problem in words, the same each time.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What is wrong this time and what to do about it. Never holds personal data or anything internal.
    public var detail: String?
    /// This occurrence: `urn:dandelion:request:` and the request's id, which is also in the log.
    public var instance: String?
    /// The fields at fault, absent when none is.
    public var errors: [FieldError]?

    /// A problem document.
    public init(
        type: String, title: String, status: Int, detail: String? = nil, instance: String? = nil,
        errors: [FieldError]? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.instance = instance
        self.errors = errors
    }
}

/// One field that is not right.
public struct FieldError: Codable, Sendable, Hashable {
    /// Where it is in the body, as a JSON Pointer (RFC 6901) such as `/help_seeker/phone`; `?page` for a query item.
    public var field: String
    /// What is wrong, for programs: `required`, `wrong_type`, `invalid_value`, …
    public var code: String
    /// What is wrong, for people. Never repeats the value.
    public var message: String

    /// One field that is not right.
    public init(field: String, code: String, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }
}
