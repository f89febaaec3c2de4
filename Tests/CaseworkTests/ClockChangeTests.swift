import Casework
import Foundation
import TestSupport
import Testing

@Suite struct ClockChangeTests {
    private let start = Date.beijing("2026-09-28 10:00")
    private let calendar: HolidayCalendar
    private let rules: RuleSet

    init() throws {
        self.calendar = try HolidayCalendar.complete(csv: try Deployment.text("data/holidays.csv"))
        self.rules = try Deployment.ruleSet()
    }

    private func clock(_ name: ClockName) throws -> CaseClock {
        CaseClock(
            kind: .referralAnswer, definition: try #require(self.rules.clock(name)), startedAt: self.start,
            calendar: self.calendar)
    }

    private func ground(_ name: String) throws -> ClockChangeGround { try #require(self.rules.changes.grounds[name]) }

    @Test func aPetitionIsExtendedOnceByTheLawsThirtyDays() throws {
        var clock = try self.clock("petition_outcome")
        let due = clock.dueAt
        let ground = try self.ground("petition_complex")
        try clock.extend(on: ground, by: "staff-1", at: self.start, calendar: self.calendar)
        #expect(clock.dueAt == due.addingTimeInterval(30 * 86_400))
        #expect(clock.changes.map(\.ground) == ["petition_complex"])
        #expect(clock.changes.first?.basis.contains("第三十四条") == true)
        let again = #expect(throws: ClockChangeError.self) {
            try clock.extend(on: ground, by: "staff-1", at: self.start, calendar: self.calendar)
        }
        #expect(again?.code == .alreadyExtended)
        #expect(clock.changes.count == 1)
    }

    @Test func nothingElseExtendsAClock() throws {
        var clock = try self.clock("protection_order")
        let due = clock.dueAt
        for ground in self.rules.changes.grounds.values {
            #expect(throws: ClockChangeError.self) {
                try clock.extend(on: ground, by: "staff-1", at: self.start, calendar: self.calendar)
            }
            #expect(throws: ClockChangeError.self) { try clock.pause(on: ground, by: "staff-1", at: self.start) }
        }
        #expect(clock.dueAt == due && clock.changes.isEmpty)
    }

    @Test func whatIsDueCannotBeExtended() throws {
        var clock = try self.clock("petition_outcome")
        let error = #expect(throws: ClockChangeError.self) {
            try clock.extend(
                on: try self.ground("petition_complex"), by: "staff-1", at: clock.dueAt, calendar: self.calendar)
        }
        #expect(error?.code == .tooLate)
    }

    @Test func aPausedClockDoesNotFireAndRunsOnWithWhatWasLeft() throws {
        var clock = try self.clock("petition_answer")
        let due = clock.dueAt
        try clock.pause(
            on: try self.ground("petition_objection"), by: "staff-1", at: self.start.addingTimeInterval(86_400))
        let late = clock.fire(at: due.addingTimeInterval(86_400))
        #expect(!late)
        try clock.resume(by: "staff-1", at: self.start.addingTimeInterval(4 * 86_400), calendar: self.calendar)
        #expect(clock.dueAt == due.addingTimeInterval(3 * 86_400))
        #expect(clock.changes.map(\.kind) == [.paused, .resumed])
        let fired = clock.fire(at: clock.dueAt)
        #expect(fired && clock.status == .breached)
    }

    @Test func workingDaysLeftAreWorkingDays() throws {
        let definition = ClockDefinition(name: "petition_answer", duration: .workingDays(5), basis: "法")
        var clock = CaseClock(
            kind: .referralAnswer, definition: definition, startedAt: .beijing("2026-09-28 10:00"),
            calendar: self.calendar)
        // Tuesday, Wednesday worked; then the holiday to the 7th, 8th, 9th and Saturday the 10th are worked.
        #expect(clock.dueAt == .beijing("2026-10-10 17:30"))
        try clock.pause(on: try self.ground("petition_objection"), by: "staff-1", at: .beijing("2026-09-29 09:00"))
        try clock.resume(by: "staff-1", at: .beijing("2026-10-12 09:00"), calendar: self.calendar)
        // The 30th, 8th, 9th and 10th were left: four working days after the 12th.
        #expect(clock.dueAt == .beijing("2026-10-16 17:30"))
    }

    /// Clocks of the machine that jump, pauses and extensions in any order: a clock never loses time, never fires twice,
    /// and every move of its due time is recorded.
    @Test func noClockIsLostShortenedOrFiredTwice() throws {
        var generator = SplitMix(seed: 71)
        let grounds = Array(self.rules.changes.grounds.values).sorted { $0.name < $1.name }
        for name in self.rules.clocks.keys.sorted() {
            for _ in 0..<20 {
                var clock = try self.clock(name)
                var fired = 0
                var now = self.start
                for _ in 0..<15 {
                    now = now.addingTimeInterval(.random(in: -5...30, using: &generator) * 86_400)
                    let before = clock
                    let ground = grounds.randomElement(using: &generator)!
                    switch Int.random(in: 0..<5, using: &generator) {
                    case 0: try? clock.pause(on: ground, by: "s", at: now)
                    case 1: try? clock.resume(by: "s", at: now, calendar: self.calendar)
                    case 2: try? clock.extend(on: ground, by: "s", at: now, calendar: self.calendar)
                    case 3: if clock.fire(at: now) { fired += 1 }
                    default: break
                    }
                    #expect(clock.dueAt >= before.dueAt)
                    #expect(clock.dueAt == before.dueAt || clock.changes.count == before.changes.count + 1)
                    #expect(clock.status != .running || before.status == .running)
                    for change in clock.changes { #expect(!change.basis.isEmpty && !change.actor.isEmpty) }
                }
                #expect(fired <= 1)
                #expect((fired == 1) == (clock.status == .breached))
            }
        }
    }

    @Test func warningsComeBeforeTheEnd() throws {
        let clock = try self.clock("protection_order")
        let warnings = clock.warnings(self.rules.changes.warnings, after: self.start)
        #expect(warnings == [self.start.addingTimeInterval(36 * 3600), self.start.addingTimeInterval(57.6 * 3600)])
        #expect(clock.warnings([50, 80], after: self.start.addingTimeInterval(40 * 3600)).count == 1)
    }

    @Test func aChangeOfASafetyClockIsRefused() throws {
        let yaml = try Deployment.text("rules/network.yaml").replacingOccurrences(
            of: "clocks: [petition_outcome], extend", with: "clocks: [emergency_answer], extend")
        let error = #expect(throws: RuleSetError.self) { try RuleSet.load(yaml: yaml) }
        #expect(error?.problems.map(\.code) == [.unsafeClockChange])
        #expect(error?.problems.first.map { $0.line > 0 } == true)
    }

    // MARK: - Reminders and holidays

    @Test func aProtectionOrdersEndIsRemindedOfThreeTimes() {
        let until = LocalDate("2027-03-31")!
        let planned = self.rules.clocks(
            after: .protectionOrderInForce, at: self.start, until: until, calendar: self.calendar, now: self.start)
        #expect(planned.map(\.dueAt) == ["2027-03-01 09:00", "2027-03-17 09:00", "2027-03-24 09:00"].map(Date.beijing))
    }

    @Test func anOrderLearntOfLateIsRemindedOfAtOnce() {
        let now = Date.beijing("2027-03-20 12:00")
        let planned = self.rules.clocks(
            after: .protectionOrderInForce, at: now, until: LocalDate("2027-03-31")!, calendar: self.calendar, now: now)
        #expect(planned.map(\.definition.name) == ["order_reminder_14d", "order_reminder_7d"])
        #expect(planned.first?.dueAt == now)
    }

    @Test func anOrderThatIsOverIsNotRemindedOf() {
        let now = Date.beijing("2027-04-01 00:00")
        #expect(
            self.rules.clocks(
                after: .protectionOrderInForce, at: now, until: LocalDate("2027-03-31")!, calendar: self.calendar,
                now: now) == [])
    }

    @Test func aHolidayFileWithGapsIsRefused() throws {
        let text = try Deployment.text("data/holidays.csv")
        let without = text.split(separator: "\n").filter { !$0.contains("端午节") }.joined(separator: "\n")
        let error = #expect(throws: DataFileError.self) { try HolidayCalendar.complete(csv: without) }
        #expect(error?.code == .gap && error?.field == "2026: 端午节")
        let years =
            text
            + text.replacingOccurrences(of: "date,kind,name\n", with: "").replacingOccurrences(
                of: "2026-", with: "2028-")
        #expect(throws: DataFileError.self) { try HolidayCalendar.complete(csv: years) }
    }

    @Test func durationsOfDifferentKindsAreComparedByTheirWorstCase() {
        func within(_ one: String, _ two: String) -> Bool { ClockDuration(one)!.neverExceeds(ClockDuration(two)!) }
        #expect(within("PT72H", "P3D") && !within("P3D", "PT72H"))
        #expect(within("P2D", "PT72H") && !within("5WD", "P7D") && within("5WD", "P30D"))
        #expect(within("P7D", "P7D") && !within("P8D", "P7D") && !within("2WD", "1WD"))
    }
}
