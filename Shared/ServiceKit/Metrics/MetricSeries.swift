import CoreMetrics
import NIOConcurrencyHelpers

/// A value that only grows. Negative increments are ignored: a counter that shrinks reads as a restart.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler, Sendable {
    private let box = NIOLockedValueBox(0.0)

    var value: Double { self.box.withLockedValue { $0 } }

    func increment(by amount: Int64) {
        self.increment(by: Double(amount))
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        self.box.withLockedValue { $0 += amount }
    }

    func reset() {
        self.box.withLockedValue { $0 = 0 }
    }
}

/// A value that goes up and down.
final class GaugeSeries: MeterHandler, RecorderHandler, Sendable {
    private let box = NIOLockedValueBox(0.0)

    var value: Double { self.box.withLockedValue { $0 } }

    func set(_ value: Int64) {
        self.set(Double(value))
    }

    func set(_ value: Double) {
        self.box.withLockedValue { $0 = value }
    }

    func increment(by amount: Double) {
        self.box.withLockedValue { $0 += amount }
    }

    func decrement(by amount: Double) {
        self.box.withLockedValue { $0 -= amount }
    }

    func record(_ value: Int64) {
        self.set(Double(value))
    }

    func record(_ value: Double) {
        self.set(value)
    }
}

/// Observations counted into fixed buckets.
final class HistogramSeries: TimerHandler, RecorderHandler, Sendable {
    /// From half a millisecond (one indexed query) to a minute (a long poll).
    static let secondsBounds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// For sizes and counts.
    static let countBounds: [Double] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

    struct Snapshot {
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    let bounds: [Double]
    private let box: NIOLockedValueBox<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        self.box = NIOLockedValueBox(Snapshot(counts: Array(repeating: 0, count: bounds.count)))
    }

    var snapshot: Snapshot { self.box.withLockedValue { $0 } }

    func recordNanoseconds(_ duration: Int64) {
        self.record(Double(duration) / 1e9)
    }

    func record(_ value: Int64) {
        self.record(Double(value))
    }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = self.bounds.firstIndex { value <= $0 }
        self.box.withLockedValue { snapshot in
            if let bucket { snapshot.counts[bucket] += 1 }
            snapshot.sum += value
            snapshot.count += 1
        }
    }
}
