/// What becomes of the times of a schedule that passed while nobody could act on them.
public enum CatchUpPolicy: Hashable, Sendable, CustomStringConvertible {
    /// They are dropped: a time counts only within a minute after it.
    case skip
    /// The last of them counts, once.
    case one
    /// Each of them counts, at most so many of the last: 1...1000.
    case all(limit: Int)

    /// A time that was missed by no more than this is not late.
    public static let tolerance: Int64 = 60

    /// The times of the schedule that are to be acted on now, in order. Pure; `last` is the time up to which everything has
    /// been dealt with, and all are seconds since 1970.
    public func due(_ schedule: Schedule, after last: Int64, now: Int64) -> [Int64] {
        switch self {
        case .skip: schedule.times(after: max(last, now - Self.tolerance - 1), through: now, last: 1)
        case .one: schedule.times(after: last, through: now, last: 1)
        case .all(let limit): schedule.times(after: last, through: now, last: min(max(limit, 1), 1000))
        }
    }

    /// `skip`, `one` or `all 10`.
    public var description: String {
        switch self {
        case .skip: "skip"
        case .one: "one"
        case .all(let limit): "all \(min(max(limit, 1), 1000))"
        }
    }

    /// Reads `skip`, `one` or `all 10`.
    public init(_ text: String) throws(ScheduleError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        if text == "skip" {
            self = .skip
        } else if text == "one" {
            self = .one
        } else if words.count == 2, words[0] == "all", let limit = Int(words[1]), (1...1000).contains(limit) {
            self = .all(limit: limit)
        } else {
            throw ScheduleError("'\(text)' is no way to catch up: write skip, one, or all with a number up to 1000")
        }
    }
}
