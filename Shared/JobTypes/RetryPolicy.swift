/// How long to wait before the next attempt: exponential backoff with jitter, so that jobs which failed together do not
/// come back together.
public struct RetryPolicy: Sendable, Equatable {
    /// The delay before the second attempt.
    public var initialDelay: Duration
    /// What each further delay is multiplied by.
    public var factor: Double
    /// No delay is longer than this.
    public var maximumDelay: Duration
    /// The share of the delay that is left to chance, 0...1: the actual delay lies in `delay * (1 - jitter) ... delay`.
    public var jitter: Double

    public init(
        initialDelay: Duration = .seconds(1), factor: Double = 2, maximumDelay: Duration = .seconds(3600),
        jitter: Double = 0.5
    ) {
        self.initialDelay = initialDelay
        self.factor = factor
        self.maximumDelay = maximumDelay
        self.jitter = min(max(jitter, 0), 1)
    }

    /// The delay after the attempt with this number (the first attempt is 1) has failed.
    public func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        var seconds = self.initialDelay / .seconds(1)
        let limit = self.maximumDelay / .seconds(1)
        var step = 1
        while step < attempt, seconds < limit {
            seconds *= self.factor
            step += 1
        }
        let full = min(seconds, limit)
        return .seconds(full * (1 - self.jitter * Double.random(in: 0...1, using: &generator)))
    }
}
