/// How large rounds are, and when one may begin.
public struct RoundPace: Sendable {
    /// Most parts of one round; a full one begins whenever there is a place for it.
    public var largest: Int
    /// Rounds at a time: the database works on one while this process works on another.
    public var atATime: Int
    /// For how long a part waits for others to fill a round, while one is under way.
    public var company: Duration
    /// How long after one began the next does, when none is under way. With zero, whoever comes then goes at once.
    public var spacing: Duration

    public init(
        largest: Int = 32, atATime: Int = 3, company: Duration = .milliseconds(50), spacing: Duration = .zero
    ) {
        self.largest = largest
        self.atATime = atATime
        self.company = company
        self.spacing = spacing
    }
}
