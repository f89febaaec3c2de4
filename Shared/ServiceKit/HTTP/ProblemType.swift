public import HTTPTypes

/// A kind of problem that a caller can tell apart by program: its URI path, status and title never change together
/// with the wording of a detail.
public struct ProblemType: Sendable, Hashable {
    /// The last part of the type's URI path, such as `validation-failed`.
    public let slug: String
    /// The status it is answered with.
    public let status: HTTPResponse.Status
    /// What kind of problem it is, in one short line.
    public let title: String

    /// A kind of problem. Services declare their own as static members.
    public init(_ slug: String, _ status: HTTPResponse.Status, _ title: String) {
        self.slug = slug
        self.status = status
        self.title = title
    }

    /// The `type` of the problem document.
    public var uriPath: String { "/problems/\(self.slug)" }

    /// The body is not JSON.
    public static let malformedJSON = Self("malformed-json", .badRequest, "The body is not valid JSON")
    /// The body is JSON, but of another shape than is expected here.
    public static let unexpectedShape = Self("unexpected-shape", .badRequest, "The body has the wrong shape")
    /// A header, path or query part is wrong.
    public static let badRequest = Self("bad-request", .badRequest, "The request is wrong")
    /// No credential, or one that is not known.
    public static let unauthenticated = Self("unauthenticated", .unauthorized, "A valid credential is needed")
    /// A credential that does not extend to this.
    public static let forbidden = Self("forbidden", .forbidden, "This credential does not allow it")
    /// No such thing, or none that the caller may know of.
    public static let notFound = Self("not-found", .notFound, "There is nothing here")
    /// The path exists, the method does not.
    public static let methodNotAllowed = Self("method-not-allowed", .methodNotAllowed, "This method is not known here")
    /// What is asked for contradicts what has happened.
    public static let conflict = Self("conflict", .conflict, "The request contradicts the present state")
    /// The body is over the limit.
    public static let bodyTooLarge = Self("body-too-large", .contentTooLarge, "The body is too large")
    /// The body is not declared as JSON.
    public static let unsupportedMediaType = Self(
        "unsupported-media-type", .unsupportedMediaType, "The body must be application/json")
    /// The body has the right shape and wrong values.
    public static let validationFailed = Self(
        "validation-failed", .unprocessableContent, "Some fields are not right")
    /// More requests than are allowed.
    public static let rateLimited = Self("rate-limited", .tooManyRequests, "Too many requests")
    /// The database is away or at its limit.
    public static let unavailable = Self("unavailable", .serviceUnavailable, "The service cannot answer right now")
    /// The database did not say whether it committed.
    public static let outcomeUnknown = Self(
        "outcome-unknown", .serviceUnavailable, "It is not known whether the request took effect")
    /// A defect of ours.
    public static let internalError = Self("internal-error", .internalServerError, "Something went wrong here")
}
