/// Who gathers for the next round, and when that may begin.
extension TransactionRounds {
    struct Waiter {
        let id: Int
        let part: Part
        let round: Round
        let came: ContinuousClock.Instant
        let continuation: CheckedContinuation<Fate, Never>
    }

    struct State {
        var isOpen = false
        var waiting: [Waiter] = []
        var lastID = 0
        var idle: [CheckedContinuation<Void, Never>] = []
        /// How many rounds are under way.
        var underWay = 0
        /// When the last began.
        var lastBegun: ContinuousClock.Instant?
        /// When somebody looks again at those who wait.
        var timer: ContinuousClock.Instant?

        /// Whether a round may begin.
        func isReady(_ pace: RoundPace, at now: ContinuousClock.Instant = .now) -> Bool {
            guard !self.waiting.isEmpty else { return false }
            if self.waiting.count >= pace.largest || !self.isOpen { return true }
            return self.end(pace).map { $0 <= now } ?? true
        }

        /// When one may begin if nothing happens until then; nil at once.
        func end(_ pace: RoundPace) -> ContinuousClock.Instant? {
            guard self.underWay == 0 else { return self.waiting.first.map { $0.came + pace.company } }
            return self.lastBegun.map { $0 + pace.spacing }
        }

        /// A round of those who wait, which begins now.
        mutating func begin(_ pace: RoundPace) -> [Waiter] {
            self.underWay += 1
            self.lastBegun = .now
            return self.takeRound(pace.largest)
        }

        /// Those of one kind, no key twice.
        private mutating func takeRound(_ largest: Int) -> [Waiter] {
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
