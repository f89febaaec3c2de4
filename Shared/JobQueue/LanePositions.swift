/// How far a claimer has come in a queue: the greatest position it was given, by priority.
///
/// A claim that starts there never reads the rows of finished jobs again. It is a hint of this process, not a truth of the
/// database: transactions that took a lower position may commit later, so a claimer looks back now and then.
package struct LanePositions: Sendable, Equatable {
    /// Ten, for the priorities 0 to 9.
    package private(set) var after = [Int64](repeating: 0, count: 10)

    package init() {}

    /// The job was given to this process.
    package mutating func passed(_ job: LeasedJob) {
        self.passed(priority: job.priority, position: job.position)
    }

    package mutating func passed(priority: Int, position: Int64) {
        guard self.after.indices.contains(priority) else { return }
        self.after[priority] = max(self.after[priority], position)
    }
}
