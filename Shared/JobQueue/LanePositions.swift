/// How far a claimer has come in a queue: the greatest position it was given, by priority.
///
/// A claim that starts there never reads the rows of finished jobs again. It is a hint of this process, not a truth of the
/// database: transactions that took a lower position may commit later, so a claimer begins a little before where it can
/// afford to, and now and then looks back as far as the database says that it must.
package struct LanePositions: Sendable, Equatable {
    /// Ten, for the priorities 0 to 9; negative: from where the database knows that the lane is done.
    package private(set) var after = LanePositions.unknown
    /// Where it stood some five hundred jobs or a beat ago, and that long before then.
    private var newerMark = LanePositions.unknown
    private var olderMark = LanePositions.unknown
    private var sinceMark = 0

    private static let markEvery = 500
    private static let unknown = [Int64](repeating: -1, count: 10)

    package init() {}

    /// The job was given to this process.
    package mutating func passed(_ job: LeasedJob) {
        self.passed(priority: job.priority, position: job.position)
    }

    package mutating func passed(priority: Int, position: Int64) {
        guard self.after.indices.contains(priority) else { return }
        if position > self.after[priority] { self.after[priority] = position }
        self.sinceMark += 1
        if self.sinceMark >= Self.markEvery { self.mark() }
    }

    /// Whether a job stands where this claimer has been.
    package func hasPassed(_ job: LeasedJob) -> Bool {
        self.after.indices.contains(job.priority) && job.position <= self.after[job.priority]
    }

    /// Time has passed: what is committed later than this is looked for by looking back.
    package mutating func mark() {
        self.olderMark = self.newerMark
        self.newerMark = self.after
        self.sinceMark = 0
    }

    /// From a little before: at most two marks.
    package var aLittleBefore: LanePositions {
        var positions = self
        positions.after = self.olderMark
        return positions
    }
}
