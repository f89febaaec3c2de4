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
    /// The text is sealed to a key that is not the network's, or no longer.
    static let unknownKey = ProblemType("unknown-key", .conflict, "The text is not sealed to the network's key")
    /// Of the referral there is as much text as may be kept.
    static let textQuota = ProblemType("text-quota", .conflict, "No more text is taken for this referral")
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

    static let unknownKey = HTTPProblem(
        .unknownKey, "The network's key is replaced from time to time. Ask for it (GET /v1/network-key) and seal anew.")

    static let textQuota = HTTPProblem(
        .textQuota, "Nothing was changed. Answer or report without a text, or call the station that handles the case.")

    static let noNetworkKey = HTTPProblem(
        .notFound, "The network has no key to seal texts to, so it takes none yet. Answers and reports need none.")

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
