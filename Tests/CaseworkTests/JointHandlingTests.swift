import Casework
import Foundation
import Testing

@Suite struct JointHandlingTests {
    private let now = Date.beijing("2026-11-23 10:00")
    private let owner = DivisionCode.code("150102")
    private let court = UUID()
    private let police = UUID()

    private func handling() throws -> JointHandling {
        var handling = JointHandling(owner: self.owner)
        try handling.join(self.court, with: .accepted)
        return handling
    }

    private func task(_ party: JointParty, day: Int = 24) -> JointTask {
        JointTask(id: UUID(), kind: .visit, responsible: party, dueAt: .beijing("2026-11-\(day) 10:00"))
    }

    @Test(arguments: ReferralStatus.allCases)
    func onlyWhoHasTheCaseTakesPart(_ status: ReferralStatus) throws {
        var handling = JointHandling(owner: self.owner)
        let mayJoin = status.isUnderWay || [.completed, .closedVerified].contains(status)
        do {
            try handling.join(self.court, with: status)
            #expect(mayJoin)
        } catch {
            #expect(!mayJoin && error == .noReferral)
            #expect(handling.parties == [.station(self.owner)])
        }
    }

    @Test func aTaskIsSettledByWhoHasItOrTheOwner() throws {
        var handling = try self.handling()
        let task = self.task(.agency(self.court))
        try handling.give(task)
        #expect(throws: JointError.noParty) { try handling.give(self.task(.agency(self.police))) }
        #expect(throws: JointError.notYours) {
            try handling.settle(task.id, as: .done, by: .agency(self.police), at: self.now)
        }
        #expect(throws: JointError.notYours) {
            try handling.settle(task.id, as: .dropped, by: .agency(self.court), at: self.now)
        }
        try handling.settle(task.id, as: .done, by: .agency(self.court), at: self.now)
        #expect(throws: JointError.settledAlready) {
            try handling.settle(task.id, as: .dropped, by: .station(self.owner), at: self.now)
        }
        #expect(
            handling.timeline == [.joined(.agency(self.court)), .taskGiven(task.id), .taskSettled(task.id, .done)])
    }

    @Test func whatALeavingAgencyHadFallsToTheOwner() throws {
        var handling = try self.handling()
        let task = self.task(.agency(self.court))
        try handling.give(task)
        try handling.leave(self.court)
        #expect(handling.tasks.map(\.responsible) == [.station(self.owner)])
        #expect(handling.tasks.map(\.dueAt) == [task.dueAt], "its time does not change")
    }

    @Test func aConferenceIsRecordedWholeOrNotAtAll() throws {
        var handling = try self.handling()
        let before = handling
        #expect(throws: JointError.noParty) {
            try handling.hold(
                at: self.now, present: [.station(self.owner)],
                giving: [self.task(.agency(self.court)), self.task(.agency(self.police))], minutes: UUID())
        }
        #expect(handling == before)
        #expect(throws: JointError.noParty, "the owner was not there") {
            try handling.hold(at: self.now, present: [.agency(self.court)], giving: [], minutes: UUID())
        }
        let (late, early) = (self.task(.station(self.owner), day: 25), self.task(.agency(self.court), day: 22))
        try handling.hold(
            at: self.now, present: [.station(self.owner), .agency(self.court)], giving: [late, early], minutes: UUID())
        #expect(handling.agenda.map(\.id) == [early.id, late.id])
        #expect(handling.agenda.map { $0.isOverdue(at: self.now) } == [true, false])
        #expect(handling.conferences.first?.tasks == [late.id, early.id])
    }
}
