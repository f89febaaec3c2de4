import JobQueue
import JobTypes
import Metrics

/// Depth and lag of the queues as gauges. The leader alone shows them, so that a sum over processes is right; one that no
/// longer leads takes them away.
///
/// - `job.queue.depth`: jobs, by `queue` and `state` (available, scheduled, running, retryable).
/// - `job.queue.lag`: seconds that the first available job has waited, by `queue`.
struct QueueGauges {
    struct Sample: Hashable {
        let label: String
        let queue: String
        /// Empty for a lag.
        var state = ""
    }

    private var meters: [Sample: Meter] = [:]

    mutating func show(_ stats: [QueueStats]) {
        let samples = Self.samples(stats)
        for (sample, meter) in self.meters where samples[sample] == nil {
            meter.destroy()
            self.meters[sample] = nil
        }
        for (sample, value) in samples {
            let meter = self.meters[sample] ?? Self.meter(sample)
            meter.set(value)
            self.meters[sample] = meter
        }
    }

    mutating func clear() {
        for meter in self.meters.values { meter.destroy() }
        self.meters = [:]
    }

    static func samples(_ stats: [QueueStats]) -> [Sample: Double] {
        var samples: [Sample: Double] = [:]
        for one in stats {
            let queue = one.queue.rawValue
            let depths: [(JobState, Int)] = [
                (.available, one.available), (.scheduled, one.scheduled), (.running, one.running),
                (.retryable, one.retryable),
            ]
            for (state, depth) in depths {
                samples[Sample(label: "job.queue.depth", queue: queue, state: state.rawValue)] = Double(depth)
            }
            samples[Sample(label: "job.queue.lag", queue: queue)] = one.lag / .seconds(1)
        }
        return samples
    }

    private static func meter(_ sample: Sample) -> Meter {
        let state = sample.state.isEmpty ? [] : [("state", sample.state)]
        return Meter(label: sample.label, dimensions: [("queue", sample.queue)] + state)
    }
}
