/// Who gathers for the next round, and when that may begin.
extension TransactionRounds {
    struct Waiter {
        let id: Int
        let part: Part
        let round: Round
        /// From then on it waits for no more company.
        let end: ContinuousClock.Instant
        let continuation: CheckedContinuation<Fate, Never>
    }

    struct State {
        var isOpen = false
        var waiting: [Waiter] = []
        var lastID = 0
        var idle: [CheckedContinuation<Void, Never>] = []
        /// How many rounds are under way.
        var underWay = 0
        /// Whether somebody looks again when the first that waits has had its time for company.
        var isTimed = false

        /// Whether a round may begin.
        func isReady(_ largest: Int) -> Bool {
            guard let first = self.waiting.first else { return false }
            return self.underWay == 0 || self.waiting.count >= largest || !self.isOpen || first.end <= .now
        }

        /// Those of one kind, no key twice.
        mutating func takeRound(_ largest: Int) -> [Waiter] {
            guard let kind = self.waiting.first?.part.kind else { return [] }
            var (taken, left): ([Waiter], [Waiter]) = ([], [])
            var keys: Set<Key> = []
            for waiter in self.waiting {
                if taken.count < largest, waiter.part.kind == kind, keys.insert(waiter.part.key).inserted {
                    taken.append(waiter)
                } else {
                    left.append(waiter)
                }
            }
            self.waiting = left
            return taken
        }
    }
}
