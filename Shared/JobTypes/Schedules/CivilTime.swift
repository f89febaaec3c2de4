/// Days and hours of the Gregorian calendar at a fixed distance from UTC: what schedules are counted in.
struct CivilDay: Equatable {
    /// Days since 1970-01-01.
    let number: Int64

    /// The day that a second belongs to, and the second of that day.
    static func containing(_ second: Int64, offset: Int64) -> (day: CivilDay, second: Int64) {
        let local = second + offset
        let number = local >= 0 ? local / 86400 : (local - 86399) / 86400
        return (CivilDay(number: number), local - number * 86400)
    }

    /// Year, month (1...12) and day of the month (1...31). The arithmetic counts years from March, so that the leap day is a
    /// year's last.
    var date: (year: Int64, month: Int, day: Int) {
        let shifted = self.number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// 0 is Sunday.
    var weekday: Int {
        let remainder = Int((self.number + 4) % 7)
        return remainder < 0 ? remainder + 7 : remainder
    }

    /// Whether tomorrow is another month.
    var isLastOfMonth: Bool { CivilDay(number: self.number + 1).date.day == 1 }
}
