import NIOConcurrencyHelpers

/// Limits how often each caller may come. Keys are ids of clients, never addresses or names of people.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private let buckets: NIOLockedValueBox<TokenBuckets<Key>>

    /// Admits `capacity` requests of one caller at once and `perSecond` in the long run.
    public init(capacity: Int, perSecond: Double, maximumKeys: Int = 10_000) {
        self.buckets = NIOLockedValueBox(
            TokenBuckets(capacity: capacity, perSecond: perSecond, maximumKeys: maximumKeys))
    }

    /// How a caller stands: what is left of how many, and after how many whole seconds all of it is back.
    public struct Standing: Sendable, Equatable {
        public let limit: Int
        public let remaining: Int
        public let resetSeconds: Int
    }

    /// How a caller stands at this moment.
    public func standing(of key: Key) -> Standing {
        let now = ContinuousClock.now
        return self.buckets.withLockedValue { $0.standing(of: key, now: now) }
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
