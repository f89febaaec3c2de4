import NIOConcurrencyHelpers

/// When each hand-over was committed and when it was leased first, from all tasks of a measurement.
final class DoorTimes: Sendable {
    private struct Seen {
        var committed: [String: ContinuousClock.Instant] = [:]
        var leased: [String: ContinuousClock.Instant] = [:]
    }

    private let seen = NIOLockedValueBox(Seen())

    func committed(_ number: String, at instant: ContinuousClock.Instant = .now) {
        self.seen.withLockedValue { $0.committed[number] = instant }
    }

    /// A hand-over may come twice: the first time counts.
    func leased(_ number: String, at instant: ContinuousClock.Instant = .now) {
        self.seen.withLockedValue { seen in
            if seen.leased[number] == nil { seen.leased[number] = instant }
        }
    }

    var leasedCount: Int { self.seen.withLockedValue { $0.leased.count } }

    /// From the commit to the lease, of each that was leased; and how many were not. Who leases may learn of the commit before the
    /// one who committed: that took no time.
    func result() -> (times: [Duration], lost: Int) {
        self.seen.withLockedValue { seen in
            let times = seen.committed.compactMap { number, committed in
                seen.leased[number].map { max(.zero, $0 - committed) }
            }
            return (times, seen.committed.count - times.count)
        }
    }
}
