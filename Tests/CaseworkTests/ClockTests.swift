import Casework
import Foundation
import Testing

@Suite struct LocalDateTests {
    @Test func everyDayOfFourCenturiesGoesThereAndBack() {
        var expected = LocalDate("1850-01-01")!
        var number = expected.dayNumber
        while number < LocalDate("2250-01-01")!.dayNumber {
            let date = LocalDate(dayNumber: number)
            #expect(date.dayNumber == number)
            if number % 97 == 0 { #expect(LocalDate(date.description) == date) }
            #expect(date >= expected)
            expected = date
            number += 13
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-01", "2026-4-1", "2026-04-01 ", "abc",
    ])
    func impossibleDaysAreRefused(_ text: String) {
        #expect(LocalDate(text) == nil)
    }

    @Test func knownDays() {
        #expect(LocalDate("1970-01-01")?.dayNumber == 0)
        #expect(LocalDate("2026-11-23")?.weekday == 1)
        #expect(LocalDate("2024-02-29")?.adding(days: 366).description == "2025-03-01")
        #expect(LocalDate(inBeijing: Date(timeIntervalSince1970: 16 * 3600)).description == "1970-01-02")
        #expect(LocalDate("2008-11-24")?.age(on: LocalDate("2026-11-23")!) == 17)
        #expect(LocalDate("2008-11-23")?.age(on: LocalDate("2026-11-23")!) == 18)
        #expect(BeijingTime.text(Date(timeIntervalSince1970: 0)) == "1970-01-01 08:00:00")
    }

    @Test func timesOfDay() {
        #expect(LocalTime("09:30")?.minuteOfDay == 570)
        #expect(LocalTime("24:00") == nil)
        #expect(LocalTime("9:30") == nil)
        #expect(LocalTime("09:60") == nil)
        #expect(LocalTime(inBeijing: .beijing("2026-11-23 23:59")).description == "23:59")
    }
}

@Suite struct ClockDurationTests {
    @Test(arguments: ["PT15M", "PT2H", "PT20S", "PT1H30M", "P7D", "P60D", "5WD", "PT72H"])
    func writtenFormsReadBack(_ text: String) {
        #expect(ClockDuration(text)?.description == text)
    }

    @Test(arguments: [
        "", "P", "PT", "PT0S", "P0D", "0WD", "WD", "7D", "PT1M2H", "P1.5D", "PT-1H", "P1W", "PT99999H", "pt1h",
    ])
    func otherFormsAreRefused(_ text: String) {
        #expect(ClockDuration(text) == nil)
    }

    @Test func itReadsInChinese() {
        #expect(ClockDuration("PT1H30M")?.chinese == "1小时30分钟")
        #expect(ClockDuration("P7D")?.chinese == "7日")
        #expect(ClockDuration("5WD")?.chinese == "5个工作日")
    }
}

@Suite struct HolidayCalendarTests {
    @Test(arguments: [
        ("2026-06-01T00:00:00Z", []), ("2026-11-30T15:59:59Z", []), ("2026-11-30T16:00:00Z", [2027]),
        ("2026-12-31T15:00:00Z", [2027]), ("2026-12-31T16:00:00Z", [2027]), ("2027-12-01T00:00:00Z", [2027, 2028]),
    ])
    func theNextYearIsMissedFromDecemberOnInBeijing(_ now: String, _ years: [Int]) throws {
        let now = try Date(now, strategy: .iso8601)
        #expect(try self.calendar().missingYears(at: now) == years)
        #expect(HolidayCalendar.weekendsOnly.missingYears(at: now).isEmpty == false)
    }

    private func calendar() throws -> HolidayCalendar {
        try HolidayCalendar(csv: try Deployment.text("data/holidays.csv"))
    }

    @Test func hoursRunDayAndNight() throws {
        let due = try self.calendar().due(ClockDuration("PT72H")!, from: .beijing("2026-09-30 18:00"))
        #expect(due == .beijing("2026-10-03 18:00"))
    }

    @Test func calendarDaysEndAtMidnightOfTheLast() throws {
        let due = try self.calendar().due(ClockDuration("P7D")!, from: .beijing("2026-11-23 00:05"))
        #expect(due == .beijing("2026-12-01 00:00"))
    }

    @Test(arguments: [
        // An ordinary week: Monday plus 5 is next Monday.
        ("2026-11-23 10:00", "5WD", "2026-11-30 17:30"),
        // Friday plus 1 is Monday.
        ("2026-11-27 16:00", "1WD", "2026-11-30 17:30"),
        // Across National Day: 8 and 9 October, then the shifted Saturday.
        ("2026-09-30 10:00", "3WD", "2026-10-10 17:30"),
        // Across Spring Festival: the holiday is 15 to 23 February, Saturday 14 is worked.
        ("2026-02-13 10:00", "2WD", "2026-02-24 17:30"),
        // From a holiday.
        ("2026-10-03 10:00", "1WD", "2026-10-08 17:30"),
    ])
    func workingDaysFollowTheAnnouncedCalendar(_ basis: String, _ duration: String, _ due: String) throws {
        #expect(try self.calendar().due(ClockDuration(duration)!, from: .beijing(basis)) == .beijing(due))
    }

    @Test func aLaterBasisIsNeverDueEarlier() throws {
        let calendar = try self.calendar()
        let durations = ["PT15M", "P7D", "5WD", "1WD"].compactMap(ClockDuration.init)
        for duration in durations {
            var last = Date.distantPast
            for hour in 0..<2000 {
                let basis = Date.beijing("2026-09-01 00:00").addingTimeInterval(Double(hour) * 3600)
                let due = calendar.due(duration, from: basis)
                #expect(due > basis)
                #expect(due >= last)
                last = due
            }
        }
    }

    @Test func aYearWithoutAnnouncementIsKnown() throws {
        #expect(try self.calendar().covers(year: 2026))
        #expect(try !self.calendar().covers(year: 2027))
        #expect(HolidayCalendar.weekendsOnly.isWorkingDay(LocalDate("2026-10-01")!))
    }

    @Test(arguments: [
        ("date,kind,name\n2026-02-30,holiday,x\n", 2), ("date,kind,name\n2026-10-01,rest,x\n", 2),
        ("date,kind,name\n2026-10-01,holiday,x\n2026-10-01,holiday,x\n", 3),
        ("date,kind,name\n2026-11-23,working,Monday is worked anyway\n", 2), ("day\n", 1),
    ])
    func aBrokenFileNamesTheLine(_ text: String, _ line: Int) {
        let error = #expect(throws: DataFileError.self) { try HolidayCalendar(csv: text) }
        #expect(error?.line == line)
    }
}

@Suite struct CaseClockTests {
    private func clock() -> TestClock {
        TestClock(
            CaseClock(
                kind: .firstResponse, definition: .defaultFirstResponse(for: .imminent),
                startedAt: .beijing("2026-11-23 10:00"), calendar: .weekendsOnly))
    }

    @Test func itFiresOnceAndNeverEarly() {
        let clock = self.clock()
        #expect(clock.dueAt == .beijing("2026-11-23 10:15"))
        #expect(!clock.fire(at: .beijing("2026-11-23 10:14")))
        #expect(clock.fire(at: .beijing("2026-11-23 10:15")))
        #expect(!clock.fire(at: .beijing("2026-11-23 10:16")))
        #expect(clock.status == .breached)
    }

    @Test func meetingItLateIsABreach() {
        let inTime = self.clock()
        inTime.meet(at: .beijing("2026-11-23 10:14"))
        #expect(inTime.status == .met)
        #expect(!inTime.fire(at: .beijing("2026-11-23 11:00")))
        let late = self.clock()
        late.meet(at: .beijing("2026-11-23 10:15"))
        #expect(late.status == .breached)
    }

    @Test func aCancelledClockNeverFires() {
        let clock = self.clock()
        clock.cancel()
        #expect(!clock.fire(at: .distantFuture))
        #expect(clock.status == .cancelled)
    }

    @Test func theLadderEndsAtTheRegion() {
        #expect(EscalationLadder.step(above: .village) == .moveUp(to: .township))
        #expect(EscalationLadder.step(above: .county) == .moveUp(to: .league))
        #expect(EscalationLadder.step(above: .region) == .top)
    }
}
