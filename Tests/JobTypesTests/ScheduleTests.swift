import Foundation
import JobTypes
import Testing

struct ScheduleTests {
    /// Seconds since 1970 of an instant in RFC 3339.
    private func at(_ text: String) throws -> Int64 {
        Int64(try #require(ISO8601DateFormatter().date(from: text)).timeIntervalSince1970)
    }

    private func text(_ second: Int64) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(second)))
    }

    @Test(arguments: [
        // The schedule, a moment, the next time after it, the last time at or before it.
        ("cron 30 2 * * *", "2026-11-26T02:30:00Z", "2026-11-27T02:30:00Z", "2026-11-26T02:30:00Z"),
        ("cron 30 2 * * *", "2026-11-26T02:29:59Z", "2026-11-26T02:30:00Z", "2026-11-25T02:30:00Z"),
        ("cron 0 9 * * 1-5 in Asia/Shanghai", "2026-11-27T01:00:00Z", "2026-11-30T01:00:00Z", "2026-11-27T01:00:00Z"),
        // Midnight in Shanghai is the day before in UTC, at the end of a month and of a year.
        ("cron 0 0 1 * * in Asia/Shanghai", "2026-11-30T15:59:59Z", "2026-11-30T16:00:00Z", "2026-10-31T16:00:00Z"),
        ("cron 0 0 1 1 * in Asia/Shanghai", "2026-11-30T15:59:59Z", "2026-12-31T16:00:00Z", "2025-12-31T16:00:00Z"),
        // Months without a 31st are passed over; L is the last day of each.
        ("cron 0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("cron 0 0 L * *", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("cron 0 0 L 2 *", "2027-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2027-02-28T00:00:00Z"),
        // A leap day is up to eight years away: 2100 has none.
        ("cron 0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z", "2096-02-29T00:00:00Z"),
        ("cron */20 8-9 * JAN,MAR *", "2026-01-31T09:40:00Z", "2026-03-01T08:00:00Z", "2026-01-31T09:40:00Z"),
        ("cron 0 12 * * SUN", "2026-11-26T00:00:00Z", "2026-11-29T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("cron 0 12 * * 7", "2026-11-26T00:00:00Z", "2026-11-29T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("cron 15 0 * * * in +05:30", "2026-11-26T00:00:00Z", "2026-11-26T18:45:00Z", "2026-11-25T18:45:00Z"),
        ("every 15m", "2026-11-26T00:14:59Z", "2026-11-26T00:15:00Z", "2026-11-26T00:00:00Z"),
        ("every 15m", "2026-11-26T00:15:00Z", "2026-11-26T00:30:00Z", "2026-11-26T00:15:00Z"),
        ("every 1d in Asia/Shanghai", "2026-11-26T16:00:01Z", "2026-11-27T16:00:00Z", "2026-11-26T16:00:00Z"),
        // Before 1970 the arithmetic rounds down, too.
        ("every 7h", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T17:00:00Z"),
        ("cron 59 23 31 12 *", "1969-01-01T00:00:00Z", "1969-12-31T23:59:00Z", "1968-12-31T23:59:00Z"),
    ])
    func namesTheTimesAroundAMoment(_ schedule: String, moment: String, next: String, last: String) throws {
        let schedule = try Schedule(schedule)
        #expect(self.text(schedule.next(after: try self.at(moment))) == next)
        #expect(self.text(schedule.last(atOrBefore: try self.at(moment))) == last)
    }

    /// Going forward and going back name the same times, whatever the schedule and the moment.
    @Test(arguments: [
        "cron */7 3,15 1-7 * *", "cron 0 0 L * * in Asia/Shanghai", "cron 59 23 * * MON-FRI in +08:45",
        "cron 0 */6 30 1,3,4 *", "every 37m in -03:30", "every 10d", "every 1s",
    ])
    func backAndForthAreTheSame(_ text: String) throws {
        let schedule = try Schedule(text)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let moment = Int64.random(in: -1_000_000_000...4_000_000_000, using: &random)
            let next = schedule.next(after: moment)
            #expect(next > moment)
            #expect(schedule.last(atOrBefore: next) == next)
            let last = schedule.last(atOrBefore: moment)
            #expect(last <= moment)
            #expect(schedule.next(after: last) == next)
            #expect(schedule.last(atOrBefore: next - 1) == last)
        }
    }

    /// The calendar agrees with Foundation's over four centuries.
    @Test func theDaysAreThoseOfTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let lastDays = try Schedule("cron 0 0 L * *")
        var time = try self.at("1850-01-01T00:00:00Z")
        let end = try self.at("2250-01-01T00:00:00Z")
        while time < end {
            time = lastDays.next(after: time)
            let tomorrow = Date(timeIntervalSince1970: Double(time + 86400))
            #expect(calendar.component(.day, from: tomorrow) == 1)
        }
    }

    /// What cron would read as something else, or never comes, is an error that says what to write.
    @Test(arguments: [
        "", "hourly", "@daily", "every", "every 0s", "every 15", "every -5m", "every +5m", "every 367d", "every 1w",
        "every 15m in Europe/Berlin", "every 15m in +15:00", "every 15m in 8", "every 15m Asia/Shanghai",
        "cron * * * *", "cron * * * * * *", "cron 60 * * * *", "cron * 24 * * *", "cron * * 0 * *", "cron * * 32 * *",
        "cron * * * 13 *", "cron * * * * 8", "cron 5-1 * * * *", "cron 1/2 * * * *", "cron */0 * * * *",
        "cron */99 * * * *", "cron 1,,2 * * * *", "cron 1- * * * *", "cron -1 * * * *", "cron + * * * *",
        "cron 0 0 30 2 *", "cron 0 0 31 4,6,9,11 *", "cron 0 0 1 * MON", "cron 0 0 * * mon", "cron 0 0 L-1 * *",
        "cron 001 * * * *", "cron ١ * * * *",
    ])
    func refusesWhatItWouldMisread(_ text: String) {
        let error = #expect(throws: ScheduleError.self) { try Schedule(text) }
        #expect(error?.description.contains("write") == true || error?.description.contains("no month") == true)
    }

    @Test func whatItSaysIsWhatItReads() throws {
        for text in ["every 15m", "cron 0 0 L * * in Asia/Shanghai", "every 2h in +05:30"] {
            let schedule = try Schedule(text)
            #expect(try Schedule(schedule.description) == schedule)
        }
    }
}

struct CatchUpPolicyTests {
    private static let hourly = try? Schedule("every 1h")

    private func due(_ policy: CatchUpPolicy, last: Int64, now: Int64) throws -> [Int64] {
        policy.due(try #require(Self.hourly), after: last, now: now).map { $0 / 3600 }
    }

    @Test func aTimeThatHasJustComeFiresWhateverThePolicy() throws {
        for policy in [CatchUpPolicy.skip, .one, .all(limit: 10)] {
            #expect(try self.due(policy, last: 3600 * 4 + 1, now: 3600 * 5) == [5])
            #expect(try self.due(policy, last: 3600 * 5, now: 3600 * 5 + 30) == [])
        }
    }

    @Test func timesThatWereMissed() throws {
        let (last, now): (Int64, Int64) = (3600 * 4, 3600 * 9 + 1800)
        #expect(try self.due(.skip, last: last, now: now) == [])
        #expect(try self.due(.one, last: last, now: now) == [9])
        #expect(try self.due(.all(limit: 3), last: last, now: now) == [7, 8, 9])
        #expect(try self.due(.all(limit: 100), last: last, now: now) == [5, 6, 7, 8, 9])
        // A minute late is not missed.
        #expect(try self.due(.skip, last: last, now: 3600 * 9 + 60) == [9])
        #expect(try self.due(.skip, last: last, now: 3600 * 9 + 61) == [])
    }

    /// A clock that was set back names times that have been dealt with; none of them is due again.
    @Test func aClockThatWasSetBackFiresNothing() throws {
        for policy in [CatchUpPolicy.skip, .one, .all(limit: 10)] {
            #expect(try self.due(policy, last: 3600 * 9, now: 3600 * 5) == [])
        }
    }

    @Test func isReadStrictly() throws {
        for policy in [CatchUpPolicy.skip, .one, .all(limit: 10), .all(limit: 1000)] {
            #expect(try CatchUpPolicy(policy.description) == policy)
        }
        for text in ["", "none", "all", "all 0", "all 1001", "all 5 ", "one 1"] {
            #expect(throws: ScheduleError.self) { try CatchUpPolicy(text) }
        }
    }
}
