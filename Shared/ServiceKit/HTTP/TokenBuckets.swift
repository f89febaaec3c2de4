/// Token buckets of many callers: each may make `capacity` requests at once and `perSecond` in the long run.
///
/// The number of callers that are remembered is bounded. A bucket that has refilled holds no information and is
/// forgotten when room is needed; when all are in use, newcomers share one bucket, so a flood of invented callers
/// limits itself and not those who are known.
struct TokenBuckets<Key: Hashable & Sendable> {
    enum Decision: Equatable {
        case admitted
        /// Nothing is admitted before this much time has passed.
        case refused(retryAfter: Duration)
    }

    private struct Bucket {
        var tokens: Double
        var updated: ContinuousClock.Instant
    }

    private let capacity: Double
    private let perSecond: Double
    private let maximumKeys: Int
    private var buckets: [Key: Bucket] = [:]
    private var shared: Bucket?
    private var nextSweep: ContinuousClock.Instant?

    init(capacity: Int, perSecond: Double, maximumKeys: Int) {
        precondition(capacity > 0 && perSecond > 0 && maximumKeys > 0, "a limit must admit something")
        self.capacity = Double(capacity)
        self.perSecond = perSecond
        self.maximumKeys = maximumKeys
    }

    var count: Int { self.buckets.count }

    mutating func admit(_ key: Key, now: ContinuousClock.Instant) -> Decision {
        if self.buckets[key] == nil, self.buckets.count >= self.maximumKeys { self.sweep(now: now) }
        if self.buckets[key] != nil || self.buckets.count < self.maximumKeys {
            var bucket = self.buckets[key] ?? Bucket(tokens: self.capacity, updated: now)
            let decision = self.take(from: &bucket, now: now)
            self.buckets[key] = bucket
            return decision
        }
        var bucket = self.shared ?? Bucket(tokens: self.capacity, updated: now)
        let decision = self.take(from: &bucket, now: now)
        self.shared = bucket
        return decision
    }

    /// How a caller stands; one that is not remembered has all there is.
    func standing(of key: Key, now: ContinuousClock.Instant) -> RateLimiter<Key>.Standing {
        let bucket = self.buckets[key] ?? (self.buckets.count < self.maximumKeys ? nil : self.shared)
        let tokens = bucket.map { self.tokens(in: $0, now: now) } ?? self.capacity
        return RateLimiter<Key>.Standing(
            limit: Int(self.capacity), remaining: Int(tokens),
            resetSeconds: Int(((self.capacity - tokens) / self.perSecond).rounded(.up)))
    }

    /// Takes back that a request was counted.
    mutating func giveBack(_ key: Key) {
        if var bucket = self.buckets[key] {
            bucket.tokens = min(self.capacity, bucket.tokens + 1)
            self.buckets[key] = bucket
        } else if var bucket = self.shared {
            bucket.tokens = min(self.capacity, bucket.tokens + 1)
            self.shared = bucket
        }
    }

    private func take(from bucket: inout Bucket, now: ContinuousClock.Instant) -> Decision {
        bucket.tokens = self.tokens(in: bucket, now: now)
        bucket.updated = max(bucket.updated, now)
        guard bucket.tokens >= 1 else {
            return .refused(retryAfter: .seconds((1 - bucket.tokens) / self.perSecond))
        }
        bucket.tokens -= 1
        return .admitted
    }

    private func tokens(in bucket: Bucket, now: ContinuousClock.Instant) -> Double {
        let passed = max(0, (now - bucket.updated) / .seconds(1))
        return min(self.capacity, bucket.tokens + passed * self.perSecond)
    }

    /// Forgets refilled buckets; looks through all of them at most once a second.
    private mutating func sweep(now: ContinuousClock.Instant) {
        if let nextSweep, now < nextSweep { return }
        self.nextSweep = now + .seconds(1)
        self.buckets = self.buckets.filter { self.tokens(in: $0.value, now: now) < self.capacity }
    }
}
