import Casework
import Testing

@Suite struct CaseProgressTests {
    private func referral(
        _ purpose: Purpose, _ status: ReferralStatus, _ outcome: Outcome? = nil
    ) -> ReferralSummary {
        ReferralSummary(agencyKind: .police, purpose: purpose, status: status, outcome: outcome)
    }

    @Test func aCaseIsSafeWhenEverySafetyReferralRemovedItsDanger() {
        let police = self.referral(.emergencyResponse, .completed, .dangerAverted)
        let court = self.referral(.protectionOrder, .completed, .protectionOrderIssued)
        #expect(CaseProgress([police, court]).isSafe)
        #expect(!CaseProgress([police, self.referral(.protectionOrder, .accepted)]).isSafe)
        #expect(!CaseProgress([police, self.referral(.protectionOrder, .completed, .protectionOrderRefused)]).isSafe)
        #expect(!CaseProgress([self.referral(.legalAid, .completed, .legalAidGranted)]).isSafe)
        #expect(!CaseProgress([]).isSafe)
    }

    @Test func aReplacedReferralDoesNotCountAgainstSafety() {
        let rejected = self.referral(.emergencyResponse, .rejected)
        let done = self.referral(.emergencyResponse, .completed, .dangerAverted)
        #expect(CaseProgress([rejected, done]).isSafe)
        #expect(!CaseProgress([rejected]).isSafe)
    }

    @Test func aCaseIsSettledWhenNothingIsOpen() {
        #expect(CaseProgress([self.referral(.legalAid, .completed, .legalAidGranted)]).isSettled)
        #expect(!CaseProgress([self.referral(.legalAid, .onHold)]).isSettled)
        #expect(!CaseProgress([]).isSettled)
    }

    @Test func theOutcomeThatMattersMostIsTheCases() {
        let referrals = [
            self.referral(.counselling, .completed, .counsellingGiven),
            self.referral(.mediation, .completed, .reconciled),
            self.referral(.legalAid, .rejected),
        ]
        #expect(CaseProgress(referrals).outcome == .reconciled)
        #expect(CaseProgress([self.referral(.legalAid, .rejected)]).outcome == .notResolved)
    }
}
