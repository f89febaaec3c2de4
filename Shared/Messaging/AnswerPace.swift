/// Whether a provider answers so soon that several messages may wait for each other's answers.
struct AnswerPace {
    /// So many answers in a row are a habit. Until then, and from the first that takes longer or fails, each waits for its own.
    static let habit = 8

    /// Longer than that no message is to wait for another's answer.
    let longest: Duration
    private var inARow = 0
    /// Since when the messages that are with the provider have been there.
    private var underWay: [Int: ContinuousClock.Instant] = [:]

    init(longest: Duration) {
        self.longest = longest
    }

    /// The next answer will come soon, as far as one can tell: those of late did, and none is late now.
    func isSoon(at now: ContinuousClock.Instant) -> Bool {
        self.inARow >= Self.habit && self.underWay.values.allSatisfy { $0.duration(to: now) <= self.longest }
    }

    /// A message is with the provider from now on.
    mutating func began(_ number: Int, at now: ContinuousClock.Instant) { self.underWay[number] = now }

    /// It is no longer. Returns for how long it was; nil if it never was.
    mutating func ended(_ number: Int, at now: ContinuousClock.Instant) -> Duration? {
        self.underWay.removeValue(forKey: number).map { $0.duration(to: now) }
    }

    mutating func answered(after time: Duration) {
        self.inARow = time <= self.longest ? min(self.inARow + 1, Self.habit) : 0
    }

    mutating func failed() { self.inARow = 0 }
}
