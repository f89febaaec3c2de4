import Casework
import Foundation
import Testing

@Suite struct ClosingGateTests {
    private let settled = Date.beijing("2026-11-23 10:00")
    private let staff = StaffID(rawValue: "staff-1")

    private func callBack(_ result: CallBack.Result, day: Int = 24) -> CallBack {
        CallBack(result, at: .beijing("2026-11-\(day) 10:00"), by: self.staff)!
    }

    private func obstacles(
        _ callBacks: [CallBack], status: ReferralStatus = .completed, risk: RiskLevel = .medium, isSafe: Bool = false,
        failed: Bool = false
    ) -> [ClosingGate.Obstacle] {
        ClosingGate.obstacles(
            CaseProgress([ReferralSummary(agencyKind: .legalAidCentre, purpose: .legalAid, status: status)]),
            risk: risk,
            isSafe: isSafe, withoutReplacement: failed, callBacks: callBacks, settledAt: self.settled)
    }

    @Test func aCaseClosesOnlyAfterTheCallBack() {
        #expect(self.obstacles([]) == [.noCallBack])
        #expect(self.obstacles([self.callBack(.confirmed)]) == [])
        #expect(self.obstacles([self.callBack(.confirmed, day: 22)]) == [.noCallBack], "before the outcome")
    }

    @Test func whatSheSaysLastCounts() {
        #expect(self.obstacles([self.callBack(.confirmed), self.callBack(.notSettled, day: 25)]) == [.notSettled])
        #expect(self.obstacles([self.callBack(.notSettled), self.callBack(.confirmed, day: 25)]) == [])
    }

    @Test func whoDoesNotAnswerIsCalledOnThreeDays() {
        let once = self.callBack(.unreachable)
        #expect(self.obstacles([once, once, once]) == [.tooFewAttempts])
        #expect(self.obstacles([24, 25, 26].map { self.callBack(.unreachable, day: $0) }) == [])
    }

    @Test func whoMayNotBeCalledIsLookedAtInstead() {
        #expect(self.obstacles([self.callBack(.notAllowed)]) == [])
    }

    @Test func dangerAndOpenWorkKeepACaseOpen() {
        let yes = [self.callBack(.confirmed)]
        #expect(self.obstacles(yes, status: .inProgress) == [.openReferral])
        #expect(self.obstacles(yes, risk: .imminent) == [.dangerStands])
        #expect(self.obstacles(yes, risk: .imminent, isSafe: true) == [])
        #expect(self.obstacles(yes, failed: true) == [.unreplacedFailure])
    }

    @Test func satisfactionIsFromOneToFive() {
        #expect(CallBack(.confirmed, at: self.settled, by: self.staff, satisfaction: 6) == nil)
        #expect(CallBack(.confirmed, at: self.settled, by: self.staff, satisfaction: 5) != nil)
    }
}
