import NIOConcurrencyHelpers

/// Remembers a bounded number of values, each for a while. Old values are kept past their time, so that a caller can
/// tell what it has known before from what it has never seen.
final class ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// What the cache knows of a key.
    enum Answer {
        case fresh(Value)
        /// Known once; ask again.
        case stale
        case unknown
    }

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

    func answer(for key: Key, now: ContinuousClock.Instant = .now) -> Answer {
        guard let entry = self.entries.withLockedValue({ $0[key] }) else { return .unknown }
        return now < entry.until ? .fresh(entry.value) : .stale
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
