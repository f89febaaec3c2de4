public import FoundationEssentials

/// Instants as text with an offset, the only form in which they cross our doors.
public enum RFC3339 {
    /// `2026-03-01T09:30:00.000+08:00`: milliseconds, and `Z` for an offset of zero.
    public static func format(_ date: Date, offsetMinutes: Int = 0) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) + Int64(offsetMinutes) * 60_000
        let (days, inDay) = milliseconds.flooredDivision(by: 86_400_000)
        let day = CivilDay(daysSinceEpoch: days)
        var text = "\(Self.pad(day.year, 4))-\(Self.pad(day.month, 2))-\(Self.pad(day.day, 2))T"
        text += "\(Self.pad(inDay / 3_600_000, 2)):\(Self.pad(inDay / 60_000 % 60, 2)):"
        text += "\(Self.pad(inDay / 1000 % 60, 2)).\(Self.pad(inDay % 1000, 3))"
        guard offsetMinutes != 0 else { return text + "Z" }
        let size = Int64(abs(offsetMinutes))
        return text + "\(offsetMinutes < 0 ? "-" : "+")\(Self.pad(size / 60, 2)):\(Self.pad(size % 60, 2))"
    }

    /// The instant, or nil when the text is not exactly `yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm)` or names a day or
    /// time that does not exist. Strict on purpose: a clock with a legal basis starts from such a text.
    public static func parse(_ text: String) -> Date? {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(2), minute < 60, scanner.skip(":"),
            let second = scanner.number(2), second < 60,
            let civil = CivilDay(year: year, month: month, day: day)
        else { return nil }
        let fraction: Double
        if scanner.skip(".") {
            guard let value = scanner.fraction() else { return nil }
            fraction = value
        } else {
            fraction = 0
        }
        guard let offset = scanner.offsetSeconds(), scanner.isAtEnd else { return nil }
        let seconds = civil.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// A day of the Gregorian calendar. Years are counted from March, so that the leap day is the last one.
private struct CivilDay {
    let year: Int64
    let month: Int64
    let day: Int64

    /// nil when there is no such day.
    init?(year: Int64, month: Int64, day: Int64) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch: Int64) {
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shifted + 2) / 5 + 1
        self.month = shifted < 10 ? shifted + 3 : shifted - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let (era, yearOfEra) = (self.month <= 2 ? self.year - 1 : self.year).flooredDivision(by: 400)
        let dayOfYear = (153 * (self.month > 2 ? self.month - 3 : self.month + 9) + 2) / 5 + self.day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Reads fixed-width numbers from ASCII text.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        self.rest = text[...].utf8
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = self.rest.first, first == UInt8(ascii: character) else { return false }
        self.rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = self.digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One to nine digits after the point.
    mutating func fraction() -> Double? {
        var value = 0.0
        var scale = 1.0
        var count = 0
        while let digit = self.digit() {
            scale /= 10
            value += Double(digit) * scale
            count += 1
        }
        return (1...9).contains(count) ? value : nil
    }

    mutating func offsetSeconds() -> Int64? {
        if self.skip("Z") || self.skip("z") { return 0 }
        let sign: Int64
        if self.skip("+") {
            sign = 1
        } else if self.skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = self.number(2), hours < 24, self.skip(":"), let minutes = self.number(2), minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int64? {
        guard let first = self.rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        self.rest.removeFirst()
        return Int64(first - UInt8(ascii: "0"))
    }
}
