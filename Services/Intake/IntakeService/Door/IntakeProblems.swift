import HTTPTypes
import ServiceKit

/// The problems that only intake knows.
extension ProblemType {
    /// The client may not send requests of this channel or for this division.
    static let outsideScope = Self("outside-scope", .forbidden, "This client may not send this request")
    /// The idempotency key stands for another request.
    static let idempotencyKeyReused = Self(
        "idempotency-key-reused", .unprocessableContent, "The idempotency key was used for another request")
}

extension HTTPProblem {
    /// 404 for everything a caller may not know of: the same words whether the thing exists or not.
    static let nothingHere = HTTPProblem(.notFound, "There is nothing here that this client may see.")
}
