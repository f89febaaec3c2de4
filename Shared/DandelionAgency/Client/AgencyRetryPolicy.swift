/// How often and how fast a call is repeated that may be repeated.
public struct AgencyRetryPolicy: Sendable {
    /// All attempts together, the first included.
    public var maximumAttempts: Int
    /// The pause before the second attempt; it doubles from there.
    public var initialDelay: Duration
    /// No pause is longer, unless the gateway asks for it.
    public var maximumDelay: Duration

    /// Five attempts within some six seconds, unless told otherwise.
    public init(
        maximumAttempts: Int = 5, initialDelay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(5)
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
    }

    /// The pause after an attempt (the first is 1): exponential, half of it left to chance.
    func delay(afterAttempt attempt: Int, asked: Duration?) -> Duration {
        let doubled = (self.initialDelay / .seconds(1)) * Double(1 << min(attempt - 1, 16))
        let usual = min(doubled, self.maximumDelay / .seconds(1)) * Double.random(in: 0.5...1)
        return max(.seconds(usual), asked ?? .zero)
    }
}

/// When a call may be sent again.
enum Repeatability {
    /// Sending it twice has the effect of sending it once.
    case always
    /// Only after an answer or an error that proves it had no effect.
    case whenWithoutEffect

    func allows(_ error: AgencyError) -> Bool {
        switch error.code {
        case .unavailable, .connectionFailed: true
        case .outcomeUnknown: self == .always
        default: false
        }
    }
}
