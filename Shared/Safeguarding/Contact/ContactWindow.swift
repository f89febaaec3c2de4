import FoundationEssentials

/// The times of a well-formed rule, on the wall clock of Asia/Shanghai: UTC+8, without summer time since 1991.
struct ContactWindow {
    private static let secondsOfDay: Int64 = 86_400
    private static let offset: Int64 = 8 * 3600

    private let days: Set<Int>
    private let start: Int64
    /// Of the day it starts on; past the day's end for a window over midnight.
    private let end: Int64

    init(_ rule: SafeContact) {
        self.days = Set(rule.days)
        self.start = Int64(rule.fromMinute) * 60
        let end = Int64(rule.toMinute) * 60
        self.end = end > self.start ? end : end + Self.secondsOfDay
    }

    /// Whether the instant lies in the window: its start does, its end does not.
    func contains(_ instant: Date) -> Bool {
        let (day, second) = Self.local(instant)
        let isToday = self.isOn(day) && second >= self.start && second < self.end
        let isFromYesterday = self.isOn(day - 1) && second + Self.secondsOfDay < self.end
        return isToday || isFromYesterday
    }

    /// The next start of a window after the instant, within the next week.
    func nextStart(after instant: Date) -> Date? {
        let (day, second) = Self.local(instant)
        for ahead in 0...7 {
            let candidate = day + Int64(ahead)
            if self.isOn(candidate), ahead > 0 || self.start > second {
                return Date(
                    timeIntervalSince1970: Double(candidate * Self.secondsOfDay + self.start - Self.offset))
            }
        }
        return nil
    }

    /// For how many seconds after the instant the window stays open without a break, up to a limit; 0 when it is shut.
    func remaining(after instant: Date, limit: TimeInterval) -> TimeInterval {
        var end = instant
        while end.timeIntervalSince(instant) < limit, self.contains(end) {
            let (day, second) = Self.local(end)
            let isFromYesterday = self.isOn(day - 1) && second + Self.secondsOfDay < self.end
            let isToday = self.isOn(day) && second >= self.start && second < self.end
            // The later of the two ends, where a window over midnight meets the next day's.
            var close = isFromYesterday ? self.end - Self.secondsOfDay : 0
            if isToday { close = max(close, self.end) }
            end = Date(timeIntervalSince1970: Double(day * Self.secondsOfDay + close - Self.offset))
        }
        return min(limit, end.timeIntervalSince(instant))
    }

    /// 1970-01-01 was a Thursday, day 4.
    private func isOn(_ day: Int64) -> Bool {
        let weekday = ((day + 3) % 7 + 7) % 7 + 1
        return self.days.contains(Int(weekday))
    }

    private static func local(_ instant: Date) -> (day: Int64, second: Int64) {
        let seconds = Int64(instant.timeIntervalSince1970.rounded(.down)) + Self.offset
        let second = ((seconds % Self.secondsOfDay) + Self.secondsOfDay) % Self.secondsOfDay
        return ((seconds - second) / Self.secondsOfDay, second)
    }
}
