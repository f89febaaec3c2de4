public import FoundationEssentials

/// Which days are worked: Monday to Friday, but for the public holidays and the shifted working days the State Council
/// announces each year. The announcements are data (`deploy/data/holidays.csv`).
public struct HolidayCalendar: Hashable, Sendable {
    /// Days off that would be worked.
    public let holidays: Set<LocalDate>
    /// Weekend days that are worked.
    public let workingWeekends: Set<LocalDate>
    /// When a working day begins.
    public let opens: LocalTime
    /// When a working day ends.
    public let closes: LocalTime

    public init(
        holidays: Set<LocalDate> = [], workingWeekends: Set<LocalDate> = [], opens: LocalTime = .openingOfBusiness,
        closes: LocalTime = .closeOfBusiness
    ) {
        self.holidays = holidays
        self.workingWeekends = workingWeekends
        self.opens = opens
        self.closes = closes
    }

    /// Only weekends are off: what is used for a year whose announcement has not been loaded.
    public static let weekendsOnly = HolidayCalendar()

    /// Reads `date,kind,name` lines, `kind` being `holiday` or `working`. Throws with the line's number.
    public init(csv text: String) throws(DataFileError) {
        let file = try DataFile(csv: text, header: ["date", "kind", "name"])
        var holidays: Set<LocalDate> = []
        var workingWeekends: Set<LocalDate> = []
        for row in file.rows {
            guard let day = LocalDate(row.fields[0]) else {
                throw DataFileError(code: .badValue, line: row.line, field: "date")
            }
            guard !holidays.contains(day), !workingWeekends.contains(day) else {
                throw DataFileError(code: .duplicate, line: row.line, field: "date")
            }
            switch row.fields[1] {
            case "holiday":
                holidays.insert(day)
            case "working" where day.weekday >= 6:
                workingWeekends.insert(day)
            default:
                throw DataFileError(code: .badValue, line: row.line, field: "kind")
            }
        }
        self.init(holidays: holidays, workingWeekends: workingWeekends)
    }

    /// Whether the announcement for a year is loaded. Without it working days are counted by weekends alone, which may
    /// end a clock too early, never too late by more than the shifted days.
    public func covers(year: Int) -> Bool {
        self.holidays.contains { $0.year == year }
    }

    /// The years whose announcement should be loaded by now and is not: this year's always, the next one's from
    /// 1 December on (the State Council announces it in autumn).
    public func missingYears(at now: Date) -> [Int] {
        let today = LocalDate(inBeijing: now)
        let wanted = today.month == 12 ? [today.year, today.year + 1] : [today.year]
        return wanted.filter { !self.covers(year: $0) }
    }

    /// Whether agencies work that day.
    public func isWorkingDay(_ day: LocalDate) -> Bool {
        if self.holidays.contains(day) {
            return false
        }
        return day.weekday <= 5 || self.workingWeekends.contains(day)
    }

    /// Whether agencies that keep working time are at work at any moment from `now` until `end`.
    public func worksBetween(_ now: Date, _ end: Date) -> Bool {
        let last = LocalDate(inBeijing: end).dayNumber
        var day = LocalDate(inBeijing: now)
        while day.dayNumber <= last {
            if self.isWorkingDay(day), day.startInBeijing.addingTimeInterval(Double(self.opens.minuteOfDay) * 60) < end,
                day.startInBeijing.addingTimeInterval(Double(self.closes.minuteOfDay) * 60) > now
            {
                return true
            }
            day = day.adding(days: 1)
        }
        return false
    }

    /// The instant a clock that starts at `basis` is due.
    public func due(_ duration: ClockDuration, from basis: Date) -> Date {
        switch duration {
        case .elapsed(let seconds):
            return basis.addingTimeInterval(Double(seconds))
        case .calendarDays(let days):
            return LocalDate(inBeijing: basis).adding(days: days + 1).startInBeijing
        case .workingDays(let days):
            var day = LocalDate(inBeijing: basis)
            var left = days
            while left > 0 {
                day = day.adding(days: 1)
                if self.isWorkingDay(day) {
                    left -= 1
                }
            }
            return day.startInBeijing.addingTimeInterval(Double(self.closes.minuteOfDay) * 60)
        }
    }
}

extension HolidayCalendar {
    /// When a clock that stood still is due: it gets what it had left, counted as its duration is counted.
    func due(_ due: Date, of duration: ClockDuration, pausedFrom start: Date, to end: Date) -> Date {
        let (from, until) = (LocalDate(inBeijing: start), LocalDate(inBeijing: end))
        switch duration {
        case .elapsed:
            return due.addingTimeInterval(end.timeIntervalSince(start))
        case .calendarDays:
            return due.addingTimeInterval(Double(until.dayNumber - from.dayNumber) * 86_400)
        case .workingDays:
            let last = LocalDate(inBeijing: due)
            let left = stride(from: from.dayNumber + 1, through: last.dayNumber, by: 1)
                .filter { self.isWorkingDay(LocalDate(dayNumber: $0)) }.count
            // Paused on its last day: it ends with the next working day.
            return self.due(.workingDays(max(1, left)), from: end)
        }
    }

    /// A due time so much later.
    func extended(_ due: Date, by longer: ClockDuration) -> Date {
        switch longer {
        case .elapsed(let seconds): due.addingTimeInterval(Double(seconds))
        case .calendarDays(let days): due.addingTimeInterval(Double(days) * 86_400)
        case .workingDays: self.due(longer, from: due)
        }
    }

    /// The holidays every year's announcement has.
    static let yearlyHolidays = ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]

    /// Reads a file like ``init(csv:)`` and refuses one with gaps: a year between others that is missing, or a year
    /// without one of the seven holidays. Throws with the line, or with the year.
    public static func complete(csv text: String) throws(DataFileError) -> HolidayCalendar {
        let calendar = try HolidayCalendar(csv: text)
        var names: [Int: Set<String>] = [:]
        for row in try DataFile(csv: text, header: ["date", "kind", "name"]).rows where row.fields[1] == "holiday" {
            guard let day = LocalDate(row.fields[0]) else { continue }
            names[day.year, default: []].insert(row.fields[2])
        }
        guard let first = names.keys.min(), let last = names.keys.max() else {
            throw DataFileError(code: .gap, line: 0, field: "no year at all")
        }
        for year in first...last {
            let known = names[year] ?? []
            let missing = self.yearlyHolidays.filter { holiday in !known.contains { $0.contains(holiday) } }
            guard missing.isEmpty else {
                throw DataFileError(code: .gap, line: 0, field: "\(year): \(missing.joined(separator: ", "))")
            }
        }
        return calendar
    }
}
