import HeapModule

/// What is to happen at an instant, unless it is called off before, as most of it is.
struct ReactorTimers {
    typealias ID = UInt64

    private struct Entry: Comparable {
        let deadline: ContinuousClock.Instant
        let id: ID

        static func < (left: Self, right: Self) -> Bool { (left.deadline, left.id) < (right.deadline, right.id) }
    }

    private var entries = Heap<Entry>()
    /// What is not here any more was called off; its entry goes when it comes up.
    private var closures: [ID: @Sendable () -> Void] = [:]
    private var nextID: ID = 0

    /// How many are still to come.
    var count: Int { self.closures.count }

    /// - Returns: also whether it comes before all others.
    mutating func add(_ deadline: ContinuousClock.Instant, _ closure: @escaping @Sendable () -> Void) -> (ID, Bool) {
        self.nextID += 1
        let isFirst = self.entries.min.map { deadline < $0.deadline } ?? true
        self.entries.insert(Entry(deadline: deadline, id: self.nextID))
        self.closures[self.nextID] = closure
        return (self.nextID, isFirst)
    }

    mutating func remove(_ id: ID) {
        self.closures[id] = nil
    }

    /// What is due, the earliest first, and how many milliseconds there are to the next, rounded up; -1 when there is none.
    mutating func takeDue(at now: ContinuousClock.Instant) -> ([@Sendable () -> Void], Int32) {
        var due: [@Sendable () -> Void] = []
        while let first = self.entries.min {
            if let closure = self.closures[first.id] {
                if first.deadline > now {
                    let (seconds, attoseconds) = (first.deadline - now).components
                    // No longer than an hour: it looks again then.
                    let milliseconds =
                        min(seconds, 3600) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
                    return (due, Int32(milliseconds))
                }
                due.append(closure)
                self.closures[first.id] = nil
            }
            self.entries.removeMin()
        }
        return (due, -1)
    }
}
