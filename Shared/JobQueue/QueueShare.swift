/// How a worker's slots are shared out when they are fewer than the jobs that wait.
package struct QueueShare: Sendable, Equatable {
    /// In proportion to those of the other queues of its group, or of the other groups for a queue without one. Above 0.
    package var weight: Double
    /// Queues of a group share as one.
    package var group: String?
    package var groupWeight: Double
    /// The queue goes before all others while fewer of its jobs run in a worker process. Slots are not kept free for it: it
    /// has the next ones.
    package var minimum: Int

    package init(weight: Double = 1, group: String? = nil, groupWeight: Double = 1, minimum: Int = 0) {
        self.weight = weight
        self.group = group
        self.groupWeight = groupWeight
        self.minimum = minimum
    }
}
