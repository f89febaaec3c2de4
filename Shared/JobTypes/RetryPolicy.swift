/// How long to wait before the next attempt: exponential backoff with jitter, so that jobs which failed together do not
/// come back together, and how often at most.
public struct RetryPolicy: Sendable, Equatable {
    /// The delay before the second attempt.
    public var initialDelay: Duration
    /// What each further delay is multiplied by.
    public var factor: Double
    /// No delay is longer than this.
    public var maximumDelay: Duration
    /// The share of the delay that is left to chance, 0...1: the actual delay lies in `delay * (1 - jitter) ... delay`.
    public var jitter: Double
    /// The kind's jobs are given up after so many failed attempts, or after the job's own number if that is lower.
    public var maximumAttempts: Int?

    /// - Parameters:
    ///   - factor: at least 1.
    ///   - jitter: cut to 0...1.
    ///   - maximumAttempts: at least 1; nil leaves it to each job.
    public init(
        initialDelay: Duration = .seconds(1), factor: Double = 2, maximumDelay: Duration = .seconds(3600),
        jitter: Double = 0.5, maximumAttempts: Int? = nil
    ) {
        self.initialDelay = max(initialDelay, .zero)
        self.factor = max(factor, 1)
        self.maximumDelay = max(maximumDelay, .zero)
        self.jitter = min(max(jitter, 0), 1)
        self.maximumAttempts = maximumAttempts.map { max($0, 1) }
    }

    /// The delay after the attempt with this number (the first attempt is 1) has failed.
    public func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let first = self.initialDelay / .seconds(1)
        let limit = self.maximumDelay / .seconds(1)
        // By squaring: an attempt's number may be large, and a factor of 1 never gets anywhere.
        var growth = 1.0
        var power = self.factor
        var exponent = max(attempt - 1, 0)
        while exponent > 0, growth < .infinity {
            if exponent % 2 == 1 { growth *= power }
            power *= power
            exponent /= 2
        }
        let full = first == 0 ? 0 : min(first * growth, limit)
        return min(.seconds(full * (1 - self.jitter * Double.random(in: 0...1, using: &generator))), self.maximumDelay)
    }

    /// What an outcome comes to under this policy: a retry gets its delay, and the last one becomes a dead letter.
    public func decide(_ outcome: JobOutcome, attempt: Int) -> JobOutcome {
        guard case .retry(let delay, let code) = outcome else { return outcome }
        if let maximumAttempts, attempt >= maximumAttempts { return .discard(code: code) }
        var generator = SystemRandomNumberGenerator()
        return .retry(after: delay ?? self.delay(afterAttempt: attempt, using: &generator), code: code)
    }
}
