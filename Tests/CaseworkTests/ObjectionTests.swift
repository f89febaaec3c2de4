import Casework
import Foundation
import Testing

@Suite struct ObjectionTests {
    private let offered = Date.beijing("2026-11-23 10:00")

    private func objection(_ division: String, at: String = "2026-11-24 10:00") -> Objection {
        Objection(agency: UUID(), division: .code(division), at: .beijing(at))
    }

    @Test func theSecondObjectionAsksTheCommonSuperior() throws {
        var course = ObjectionCourse()
        let first = try course.object(self.objection("150104"), offered: self.offered, calendar: .weekendsOnly)
        #expect(first == .reroute)
        let second = try course.object(self.objection("150203"), offered: self.offered, calendar: .weekendsOnly)
        #expect(second == .askSuperior(.code("150000"), due: .beijing("2026-11-26 17:30")))
        let agency = UUID()
        try course.decide(agency)
        #expect(course.decided == agency)
        #expect(throws: ObjectionError.decided) {
            _ = try course.object(self.objection("150102"), offered: self.offered, calendar: .weekendsOnly)
        }
    }

    @Test func afterFiveWorkingDaysItIsTooLate() {
        var course = ObjectionCourse()
        #expect(throws: ObjectionError.tooLate) {
            _ = try course.object(
                self.objection("150104", at: "2026-11-30 17:30"), offered: self.offered, calendar: .weekendsOnly)
        }
        #expect(course.objections.isEmpty)
    }

    @Test func oneDisputeNeedsTwo() throws {
        var course = ObjectionCourse()
        let one = self.objection("150104")
        _ = try course.object(one, offered: self.offered, calendar: .weekendsOnly)
        #expect(throws: ObjectionError.objectedAlready) {
            _ = try course.object(one, offered: self.offered, calendar: .weekendsOnly)
        }
        #expect(throws: ObjectionError.noDispute) { try course.decide(UUID()) }
    }

    @Test(arguments: [
        (["150104", "150102"], "150100"), (["150104", "150104"], "150100"), (["150104", "150100"], "150000"),
        (["150104001", "150104002"], "150104"), (["150000", "150100"], "150000"),
    ])
    func theSuperiorIsAboveThemAll(_ divisions: [String], _ superior: String) {
        #expect(ObjectionCourse.commonSuperior(of: divisions.map(DivisionCode.code)) == .code(superior))
    }
}
