/// When something is to happen again and again: at times of the calendar or at a fixed distance.
///
/// Times are whole seconds since 1970. They follow from the schedule alone, not from when a process started or a job ended,
/// so every process names the same ones and a long distance survives any number of restarts.
public struct Schedule: Hashable, Sendable, CustomStringConvertible {
    enum Times: Hashable {
        case cron(CronFields)
        /// Multiples of so many seconds, counted from 1970-01-01 00:00 on the zone's clock.
        case every(seconds: Int64)
    }

    let times: Times
    public let zone: ScheduleZone
    /// What `init(_:)` reads.
    public let description: String

    /// Reads `every 15m` (s, m, h, d; a second to 366 days) or `cron 30 2 * * 1-5`, with `in Asia/Shanghai` or `in +05:30`
    /// behind it; UTC without.
    ///
    /// The five fields of `cron` are minute, hour, day of the month, month and weekday: `*`, numbers, ranges `1-5`, steps
    /// `*/10` and `8-18/2`, lists with commas; months and weekdays also as JAN...DEC and SUN...SAT (0 and 7 are Sunday), the
    /// last day of each month as `L`. Of day and weekday one must be `*`: whether both or either must match, readers
    /// disagree.
    /// - Throws: what is wrong, also for a date that never comes.
    public init(_ text: String) throws(ScheduleError) {
        var words = text.split(separator: " ").map(String.init)
        var zone = ScheduleZone.utc
        if words.count > 2, words[words.count - 2] == "in" {
            zone = try ScheduleZone(words[words.count - 1])
            words.removeLast(2)
        }
        switch words.first {
        case "every" where words.count == 2:
            self.times = .every(seconds: try Self.distance(words[1]))
        case "cron" where words.count == 6:
            self.times = .cron(try CronFields(Array(words[1...])))
        default:
            throw ScheduleError(
                "'\(text)' is no schedule: write 'every 15m' or 'cron 30 2 * * 1-5', with 'in Asia/Shanghai' behind it")
        }
        self.zone = zone
        self.description = "\(words.joined(separator: " ")) in \(zone)"
    }

    private static func distance(_ text: String) throws(ScheduleError) -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[$0] }), text.count <= 9, let number = Int64(text.dropLast()),
            number > 0,
            text.first != "+", number * unit <= 366 * 86400
        else { throw ScheduleError("'every \(text)' is no distance: write 30s, 15m, 2h or 1d, at most 366d") }
        return number * unit
    }

    /// The first time after the moment.
    public func next(after second: Int64) -> Int64 {
        switch self.times {
        case .every(let seconds):
            return Self.floor(second + self.zone.offset, seconds) * seconds + seconds - self.zone.offset
        case .cron(let fields):
            // A moment before the first minute that can match.
            let start = Self.floor(second, 60) * 60 + 60
            let (day, rest) = CivilDay.containing(start, offset: self.zone.offset)
            return self.search(fields, from: day, step: 1) { fields.minutes(onOrAfter: $0 == day ? rest / 60 : 0) }
        }
    }

    /// The last time at or before the moment.
    public func last(atOrBefore second: Int64) -> Int64 {
        switch self.times {
        case .every(let seconds):
            return Self.floor(second + self.zone.offset, seconds) * seconds - self.zone.offset
        case .cron(let fields):
            let (day, rest) = CivilDay.containing(second, offset: self.zone.offset)
            return self.search(fields, from: day, step: -1) { fields.minutes(onOrBefore: $0 == day ? rest / 60 : 1439) }
        }
    }

    /// The times after one moment and up to another, at most the `limit` last of them, in order.
    public func times(after start: Int64, through end: Int64, last limit: Int) -> [Int64] {
        var times: [Int64] = []
        var time = self.last(atOrBefore: end)
        while time > start, times.count < limit {
            times.append(time)
            time = self.last(atOrBefore: time - 1)
        }
        return times.reversed()
    }

    /// Goes through the days until one has a time. `CronFields` has made sure that there is one: at most eight years lie
    /// between two leap days, and 28 until one falls on a given weekday, which is never asked for together.
    private func search(
        _ fields: CronFields, from day: CivilDay, step: Int64, minute: (CivilDay) -> Int64?
    ) -> Int64 {
        var day = day
        for _ in 0...(366 * 9) {
            if fields.matches(day), let minute = minute(day) {
                return day.number * 86400 + minute * 60 - self.zone.offset
            }
            day = CivilDay(number: day.number + step)
        }
        preconditionFailure("CronFields accepts no date that never comes")
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}
