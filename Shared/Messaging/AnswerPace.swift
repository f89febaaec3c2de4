/// Whether a provider answers so soon that several messages may wait for each other's answers.
struct AnswerPace: Equatable {
    /// So many answers in a row are a habit. Until then, and from the first that takes longer or fails, each waits for its own.
    static let habit = 8

    /// Longer than that no message is to wait for another's answer.
    let longest: Duration
    private var inARow = 0

    init(longest: Duration) {
        self.longest = longest
    }

    /// The next answer will come soon, as far as one can tell.
    var isSoon: Bool { self.inARow >= Self.habit }

    mutating func answered(after time: Duration) {
        self.inARow = time <= self.longest ? min(self.inARow + 1, Self.habit) : 0
    }

    mutating func failed() { self.inARow = 0 }
}
