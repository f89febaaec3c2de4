/// What a handler says of the attempt it has just made. A thrown error means "retry by policy".
public enum JobOutcome: Sendable, Equatable {
    /// The work is done.
    case completed
    /// The attempt failed for a reason named by a short code (never text with data in it); try again after the delay,
    /// or by the kind's retry policy when it is nil.
    case retry(after: Duration?, code: String)
    /// Not now: come back after the delay. Does not count as an attempt.
    case snooze(Duration)
    /// The work is no longer wanted.
    case cancel(code: String)
    /// The work can never succeed: a dead letter for an operator to look at.
    case discard(code: String)
}
