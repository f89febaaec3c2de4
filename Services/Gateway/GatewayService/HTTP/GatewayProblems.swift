import HTTPTypes
import ServiceKit

extension ProblemType {
    /// The lease ran out, was answered, or was given back.
    static let leaseLost = ProblemType("lease-lost", .conflict, "The lease is over")
    /// The referral's status does not allow this.
    static let referralState = ProblemType(
        "referral-state", .conflict, "The referral is not in a state that allows this")
    /// The time in which an agency may object is over.
    static let objectionTooLate = ProblemType(
        "objection-too-late", .conflict, "The time to object to this referral is over")
    /// The idempotency key stands for another request.
    static let idempotencyKeyReused = ProblemType(
        "idempotency-key-reused", .unprocessableContent, "The idempotency key was used for another request")
    /// The key is good for other things.
    static let outsideScope = ProblemType("outside-scope", .forbidden, "This key does not allow it")
    /// The agency has as many polls waiting as it may.
    static let tooManyPolls = ProblemType("too-many-polls", .tooManyRequests, "Too many polls are waiting")
}

extension HTTPProblem {
    /// 404 for what is not there and for what is another agency's: the two look the same.
    static let notYours = HTTPProblem(.notFound, "The agency has nothing of this name.")

    static let outsideScope = HTTPProblem(
        .outsideScope, "Use a key with the scope that the operation's description names, or ask for one.")

    static let idempotencyKeyReused = HTTPProblem(
        .idempotencyKeyReused, "Use a new Idempotency-Key for a new request, or send the first body again.")

    static let leaseLost = HTTPProblem(
        .leaseLost, "It ran out or was answered. Lease again: the hand-over comes back if it is still open.")

    static let objectionTooLate = HTTPProblem(
        .objectionTooLate,
        "An agency may object within 5 working days of receiving a referral. Accept it, or reject it with a reason.")

    static let tooManyPolls = HTTPProblem(
        .tooManyPolls, "Let one poll ask for more hand-overs instead of many polls for one.", retryAfter: .seconds(1))
}
