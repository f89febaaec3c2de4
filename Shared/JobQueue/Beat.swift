package import JobTypes

/// What a worker hears when it beats.
package struct Beat: Sendable, Equatable {
    /// Its jobs that somebody wants cancelled.
    package let cancelled: [JobID]
    /// Queues that have jobs available; of a worker of many queues, also such as are not its own.
    package let waiting: [QueueName]
    /// Queues that have a limit, likewise.
    package let limited: [QueueName]
    /// It does the maintenance until the next beat.
    package let leads: Bool
    /// Changes with the queues' shares.
    package let shareVersion: Int64
}
