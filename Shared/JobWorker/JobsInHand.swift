import JobQueue
import JobTypes

/// The jobs that are leased to this worker and that it knows of, and which claim gave them.
///
/// When the database has confirmed the end of every job that a claim gave, its record of that claim names nothing any more:
/// the next beat takes it away without looking at the jobs again. All other claims are left to the database's own look.
///
/// Pure.
struct JobsInHand: Equatable {
    private var claims: [JobID: Int64] = [:]
    private var left: [Int64: Int] = [:]
    /// Claims that are over, by number, until a beat has taken them.
    private var over: [Int64] = []

    /// More are left to the database's look.
    static let mostOver = 10_000

    var isEmpty: Bool { self.claims.isEmpty }

    var ids: Set<JobID> { Set(self.claims.keys) }

    /// One claim gave these. It is known by the lowest number of its leases.
    mutating func took(_ jobs: [LeasedJob]) {
        guard let number = jobs.map(\.token.number).min() else { return }
        for job in jobs {
            if let older = self.claims.updateValue(number, forKey: job.id) { self.left[older] = nil }
        }
        self.left[number] = jobs.count
    }

    /// The job is off this worker's hands.
    /// - Parameter isConfirmed: the database has said that this lease of the job is over.
    mutating func ended(_ job: JobID, isConfirmed: Bool) {
        guard let number = self.claims.removeValue(forKey: job), let count = self.left[number] else { return }
        guard isConfirmed else {
            self.left[number] = nil
            return
        }
        self.left[number] = count > 1 ? count - 1 : nil
        if count == 1, self.over.count < Self.mostOver { self.over.append(number) }
    }

    /// The claims that are over, once.
    mutating func takeOver() -> [Int64] {
        defer { self.over = [] }
        return self.over
    }
}
