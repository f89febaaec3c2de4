public import FoundationEssentials

/// Which days are worked: Monday to Friday, but for the public holidays and the shifted working days the State Council
/// announces each year. The announcements are data (`deploy/data/holidays.csv`).
public struct HolidayCalendar: Hashable, Sendable {
    /// Days off that would be worked.
    public let holidays: Set<LocalDate>
    /// Weekend days that are worked.
    public let workingWeekends: Set<LocalDate>
    /// When a working day ends.
    public let closes: LocalTime

    public init(
        holidays: Set<LocalDate> = [], workingWeekends: Set<LocalDate> = [], closes: LocalTime = .closeOfBusiness
    ) {
        self.holidays = holidays
        self.workingWeekends = workingWeekends
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
