import Casework
import Foundation
import Testing

@Suite struct ConsentTests {
    let now = Date.beijing("2026-11-23 10:00")

    private func consent(_ status: ConsentStatus, expiresAt: Date? = nil) -> Consent {
        Consent(agencyKinds: [.court, .police], purpose: .protectionOrder, status: status, expiresAt: expiresAt)
    }

    @Test func consentIsForThatAgencyKindAndPurposeOnly() {
        let consents = [self.consent(.granted)]
        #expect(consents.answer(for: .court, .protectionOrder, at: self.now) == .granted)
        #expect(consents.answer(for: .court, .mediation, at: self.now) == .missing)
        #expect(consents.answer(for: .legalAidCentre, .protectionOrder, at: self.now) == .missing)
    }

    @Test func itEndsAtItsTime() {
        let consents = [self.consent(.granted, expiresAt: self.now)]
        #expect(consents.answer(for: .court, .protectionOrder, at: self.now.addingTimeInterval(-1)) == .granted)
        #expect(consents.answer(for: .court, .protectionOrder, at: self.now) == .expired)
    }

    @Test func aNoBeatsAYesInAnyOrder() {
        let granted = self.consent(.granted)
        for no in [ConsentStatus.refused, .withdrawn] {
            let expected: ConsentAnswer = no == .refused ? .refused : .withdrawn
            #expect([granted, self.consent(no)].answer(for: .court, .protectionOrder, at: self.now) == expected)
            #expect([self.consent(no), granted].answer(for: .court, .protectionOrder, at: self.now) == expected)
        }
    }

    @Test func aFreshGrantOutlivesAnExpiredOne() {
        let old = self.consent(.granted, expiresAt: self.now)
        #expect([old, self.consent(.granted)].answer(for: .court, .protectionOrder, at: self.now) == .granted)
        #expect([self.consent(.granted), old].answer(for: .court, .protectionOrder, at: self.now) == .granted)
    }
}
