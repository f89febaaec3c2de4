/// What can go wrong between an agency and the network's gateway.
///
/// Its description holds no key, no package and nothing a person said: it may be logged.
public struct AgencyError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalidConfiguration, unauthenticated, notFound, leaseLost, conflict, invalidRequest, rateLimited
            case unavailable, outcomeUnknown, connectionFailed, unexpectedAnswer, unreadablePackage, untrustedKey
        }

        private let value: Value

        /// A URL, key or private key of one's own cannot be used.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)
        /// The gateway does not know the key, or no longer.
        public static let unauthenticated = Code(value: .unauthenticated)
        /// There is no such referral or lease, or it is not this agency's.
        public static let notFound = Code(value: .notFound)
        /// The lease ran out or was answered already; the hand-over may be with another consumer.
        public static let leaseLost = Code(value: .leaseLost)
        /// The referral is not in a state that allows this.
        public static let conflict = Code(value: .conflict)
        /// The gateway refuses what was sent; the problem names the fields.
        public static let invalidRequest = Code(value: .invalidRequest)
        /// Too many requests or waiting polls; `retryAfter` says when to come back.
        public static let rateLimited = Code(value: .rateLimited)
        /// The gateway or its database is away; nothing was changed.
        public static let unavailable = Code(value: .unavailable)
        /// The connection ended before the answer: the call may have taken effect.
        public static let outcomeUnknown = Code(value: .outcomeUnknown)
        /// The gateway cannot be reached; nothing was changed.
        public static let connectionFailed = Code(value: .connectionFailed)
        /// What came back is not an answer of the gateway.
        public static let unexpectedAnswer = Code(value: .unexpectedAnswer)
        /// The package does not open with this key, or is not of a known format.
        public static let unreadablePackage = Code(value: .unreadablePackage)
        /// The network's key is not signed by a key that the network gave out.
        public static let untrustedKey = Code(value: .untrustedKey)

        /// The name of the code.
        public var description: String { self.value.rawValue }
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The HTTP status, when there was an answer.
    public let status: Int?
    /// The gateway's own words, when it had some.
    public let problem: AgencyProblem?
    /// When to try again, if the gateway said so.
    public let retryAfter: Duration?
    /// What is the matter, when it was found out on this side; constant text.
    public let detail: String?
    /// What the transport said; it may quote an address.
    public let underlying: (any Error)?

    /// For stand-ins of the client in tests.
    public init(
        code: Code, status: Int? = nil, problem: AgencyProblem? = nil, retryAfter: Duration? = nil,
        detail: String? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.status = status
        self.problem = problem
        self.retryAfter = retryAfter
        self.detail = detail
        self.underlying = underlying
    }

    /// One line for a log.
    public var description: String {
        var text = "agency call failed (\(self.code))"
        if let status = self.status { text += " with status \(status)" }
        if let said = self.detail ?? self.problem?.detail ?? self.problem?.title { text += ": \(said)" }
        if let fields = self.problem?.errors, !fields.isEmpty {
            text += " [" + fields.map { "\($0.field) \($0.code)" }.joined(separator: ", ") + "]"
        }
        return text
    }
}

/// An RFC 9457 problem document of the gateway.
public struct AgencyProblem: Codable, Sendable, Equatable {
    /// One field that is not right.
    public struct Field: Codable, Sendable, Equatable {
        /// A JSON Pointer into the body that was sent.
        public let field: String
        /// For programs: `required`, `unknown_field`, `unknown_code`, …
        public let code: String
        /// For people.
        public let message: String
    }

    /// A URI path such as `/problems/lease-lost`.
    public let type: String
    /// The kind in words.
    public let title: String
    /// The HTTP status.
    public let status: Int
    /// What is wrong this time and what to do about it.
    public let detail: String?
    /// Quote it to the network's operators: it is in their log.
    public let instance: String?
    /// The fields at fault.
    public let errors: [Field]?
}

extension AgencyError {
    /// What an answer that is no success means.
    init(status: Int, problem: AgencyProblem?, retryAfter: Duration?) {
        let code: Code
        switch (status, problem?.type) {
        case (_, "/problems/lease-lost"): code = .leaseLost
        case (_, "/problems/outcome-unknown"): code = .outcomeUnknown
        case (401, _): code = .unauthenticated
        case (404, _): code = .notFound
        case (409, _): code = .conflict
        case (429, _): code = .rateLimited
        case (503, _): code = .unavailable
        case (400..<500, _): code = .invalidRequest
        default: code = .unexpectedAnswer
        }
        self.init(code: code, status: status, problem: problem, retryAfter: retryAfter)
    }
}
