public import FoundationEssentials

/// A day of the proleptic Gregorian calendar, without a time zone.
public struct LocalDate: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int

    /// `nil` for a day that does not exist, and for years outside 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(of: month, in: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `YYYY-MM-DD`; `nil` for any other shape and for a day that does not exist.
    public init?(_ text: String) {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].utf8.count == 4, fields[1].utf8.count == 2, fields[2].utf8.count == 2,
            let year = Self.number(fields[0]), let month = Self.number(fields[1]), let day = Self.number(fields[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day that is `dayNumber` days after 1970-01-01.
    public init(dayNumber: Int) {
        // Days to civil date by Howard Hinnant's method: eras of 400 years that start in March.
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// The day it is in Beijing at an instant.
    public init(inBeijing instant: Date) {
        let seconds = instant.timeIntervalSince1970 + BeijingTime.offset
        self.init(dayNumber: Int((seconds / 86_400).rounded(.down)))
    }

    /// Days since 1970-01-01.
    public var dayNumber: Int {
        let shiftedYear = self.month <= 2 ? self.year - 1 : self.year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = self.month > 2 ? self.month - 3 : self.month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// 1 for Monday to 7 for Sunday.
    public var weekday: Int {
        let sinceMonday = (self.dayNumber + 3) % 7
        return (sinceMonday < 0 ? sinceMonday + 7 : sinceMonday) + 1
    }

    /// The day `days` later (earlier when negative).
    public func adding(days: Int) -> LocalDate {
        LocalDate(dayNumber: self.dayNumber + days)
    }

    /// Completed years from this birth date to `day`; a birthday on 29 February is completed on 1 March.
    public func age(on day: LocalDate) -> Int {
        let hadBirthday = (day.month, day.day) >= (self.month, self.day)
        return day.year - self.year - (hadBirthday ? 0 : 1)
    }

    /// The instant this day begins in Beijing.
    public var startInBeijing: Date {
        Date(timeIntervalSince1970: Double(self.dayNumber) * 86_400 - BeijingTime.offset)
    }

    public var description: String {
        Self.padded(self.year, 4) + "-" + Self.padded(self.month, 2) + "-" + Self.padded(self.day, 2)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension LocalDate: Codable {
    /// `YYYY-MM-DD` in JSON and SQL.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let date = LocalDate(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not a day as YYYY-MM-DD"))
        }
        self = date
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

/// The network's one time zone: Asia/Shanghai, which has been +08:00 without summer time since 1991. It is fixed here so
/// that no zone database has to be on the machine.
public enum BeijingTime {
    /// Seconds ahead of UTC.
    public static let offset: Double = 8 * 3600

    /// `2026-03-04 09:30:00` for logs and pages of staff.
    public static func text(_ instant: Date) -> String {
        let day = LocalDate(inBeijing: instant)
        let second = Int((instant.timeIntervalSince1970 - day.startInBeijing.timeIntervalSince1970).rounded(.down))
        let parts = [second / 3600, second / 60 % 60, second % 60].map { LocalDate.padded($0, 2) }
        return "\(day) " + parts.joined(separator: ":")
    }
}
