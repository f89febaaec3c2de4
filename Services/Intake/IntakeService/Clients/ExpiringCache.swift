import NIOConcurrencyHelpers

/// Remembers a bounded number of values, each for a while.
final class ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let until: ContinuousClock.Instant
    }

    private let entries = NIOLockedValueBox<[Key: Entry]>([:])
    private let lifetime: Duration
    private let capacity: Int

    init(lifetime: Duration, capacity: Int) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// The value of a key, while it is fresh.
    func value(for key: Key, now: ContinuousClock.Instant = .now) -> Value? {
        guard let entry = self.entries.withLockedValue({ $0[key] }), now < entry.until else { return nil }
        return entry.value
    }

    /// Remembers a value. When the cache is full, the entry that is closest to its end makes room.
    func remember(_ value: Value, for key: Key, now: ContinuousClock.Instant = .now) {
        let entry = Entry(value: value, until: now + self.lifetime)
        self.entries.withLockedValue { entries in
            if entries[key] == nil, entries.count >= self.capacity,
                let oldest = entries.min(by: { $0.value.until < $1.value.until })?.key
            {
                entries[oldest] = nil
            }
            entries[key] = entry
        }
    }

    func forget(_ key: Key) {
        self.entries.withLockedValue { _ = $0.removeValue(forKey: key) }
    }
}
