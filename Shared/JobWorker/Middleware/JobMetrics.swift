public import JobQueue
public import JobTypes
import Metrics

/// Counts and times jobs through swift-metrics. Names are dotted as OpenTelemetry writes them; Prometheus sees
/// underscores.
///
/// - `job.claimed`: jobs leased, by `queue`.
/// - `job.finished`: attempts, by `queue`, `kind` and `outcome` (completed, retry, snoozed, cancelled, discarded).
/// - `job.duration`: seconds from an attempt's start to its end, by `kind`.
public struct JobMetrics: JobObserver {
    public init() {}

    public func claimed(_ jobs: [LeasedJob], queue: QueueName) {
        Counter(label: "job.claimed", dimensions: [("queue", queue.rawValue)]).increment(by: jobs.count)
    }

    public func finished(_ attempt: FinishedAttempt) {
        let kind = attempt.job.kind.rawValue
        let labels = [("queue", attempt.queue.rawValue), ("kind", kind), ("outcome", attempt.outcome.label)]
        Counter(label: "job.finished", dimensions: labels).increment()
        Timer(label: "job.duration", dimensions: [("kind", kind)]).record(duration: attempt.duration)
    }
}
