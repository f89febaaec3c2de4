/// The five fields of a cron schedule, read strictly: what cron would quietly take for something else is an error here.
struct CronFields: Hashable {
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let isLastDay: Bool
    private let months: Set<Int>
    private let weekdays: Set<Int>
    /// The minutes of a day on which something happens, in order.
    private let minutesOfDay: [Int64]

    private static let monthNames = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    private static let weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    /// - Parameter fields: five.
    init(_ fields: [String]) throws(ScheduleError) {
        self.minutes = try Self.read(fields[0], "minute", 0...59)
        self.hours = try Self.read(fields[1], "hour", 0...23)
        self.isLastDay = fields[2] == "L"
        self.days = self.isLastDay ? [] : try Self.read(fields[2], "day of the month", 1...31)
        self.months = try Self.read(fields[3], "month", 1...12, names: Self.monthNames, firstName: 1)
        let weekdays = try Self.read(fields[4], "weekday", 0...7, names: Self.weekdayNames, firstName: 0)
        self.weekdays = Set(weekdays.map { $0 % 7 })
        guard fields[2] == "*" || fields[4] == "*" else {
            throw ScheduleError("a schedule names days of the month or weekdays, not both: write * for one of them")
        }
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let days = self.days
        guard self.isLastDay || self.months.contains(where: { month in days.contains { $0 <= longest[month - 1] } })
        else {
            throw ScheduleError("no month of '\(fields[3])' has a day '\(fields[2])'")
        }
        let minutes = self.minutes.sorted()
        self.minutesOfDay = self.hours.sorted().flatMap { hour in minutes.map { Int64(hour * 60 + $0) } }
    }

    /// Whether anything happens on the day. A month that has no 31st has no such time: use `L` for its last day.
    func matches(_ day: CivilDay) -> Bool {
        guard self.weekdays.contains(day.weekday) else { return false }
        let date = day.date
        guard self.months.contains(date.month) else { return false }
        return self.isLastDay ? day.isLastOfMonth : self.days.contains(date.day)
    }

    func minutes(onOrAfter minute: Int64) -> Int64? { self.minutesOfDay.first { $0 >= minute } }

    func minutes(onOrBefore minute: Int64) -> Int64? { self.minutesOfDay.last { $0 <= minute } }

    /// One field: a list of `*`, numbers, ranges, each with a step.
    private static func read(
        _ text: String, _ what: String, _ range: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
    ) throws(ScheduleError) -> Set<Int> {
        func fail() -> ScheduleError {
            ScheduleError(
                "'\(text)' is no \(what): write *, numbers from \(range.lowerBound) to \(range.upperBound), "
                    + "ranges such as 1-5, steps such as */2, or a list of these")
        }
        func number(_ word: Substring) throws(ScheduleError) -> Int {
            if let index = names.firstIndex(of: String(word)) { return firstName + index }
            guard (1...2).contains(word.utf8.count), word.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(word), range.contains(number)
            else { throw fail() }
            return number
        }
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let steps = part.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(steps.count) else { throw fail() }
            let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false)
            let bounds: ClosedRange<Int>
            if steps[0] == "*" {
                bounds = range
            } else if ends.count == 2 {
                let (low, high) = (try number(ends[0]), try number(ends[1]))
                guard low <= high else { throw fail() }
                bounds = low...high
            } else {
                let one = try number(steps[0])
                guard ends.count == 1, steps.count == 1 else { throw fail() }
                bounds = one...one
            }
            var step = 1
            if steps.count == 2 {
                guard let given = Int(steps[1]), given >= 1, given <= range.upperBound, steps[1].utf8.count <= 2 else {
                    throw fail()
                }
                step = given
            }
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values
    }
}
