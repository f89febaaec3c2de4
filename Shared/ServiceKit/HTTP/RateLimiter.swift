import NIOConcurrencyHelpers

/// Limits how often each caller may come. Keys are ids of clients, never addresses or names of people.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private let buckets: NIOLockedValueBox<TokenBuckets<Key>>

    /// Admits `capacity` requests of one caller at once and `perSecond` in the long run.
    public init(capacity: Int, perSecond: Double, maximumKeys: Int = 10_000) {
        self.buckets = NIOLockedValueBox(
            TokenBuckets(capacity: capacity, perSecond: perSecond, maximumKeys: maximumKeys))
    }

    /// Counts one request.
    /// - Throws: `HTTPProblem` 429 with `Retry-After` when the caller has come too often.
    public func admit(_ key: Key) throws(HTTPProblem) {
        let now = ContinuousClock.now
        switch self.buckets.withLockedValue({ $0.admit(key, now: now) }) {
        case .admitted: return
        case .refused(let retryAfter): throw HTTPProblem.rateLimited(retryAfter: retryAfter)
        }
    }
}
