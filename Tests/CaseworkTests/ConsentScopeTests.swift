import Casework
import Foundation
import Testing

@Suite struct ConsentScopeTests {
    private let now = Date.beijing("2026-11-23 10:00")
    private let rules: RuleSet
    private let directory: AgencyDirectory

    init() throws {
        self.rules = try Deployment.ruleSet()
        self.directory = AgencyDirectory(try Deployment.agencies())
    }

    private func facts(_ consent: Consent, flags: Set<CaseFlag> = [], people: Set<PersonFact> = []) -> CaseFacts {
        var facts = CaseFacts(
            channel: .hotline, division: .code("150104"), categories: [.property], needs: [.legalAid], flags: flags,
            consents: [consent])
        facts.people = people
        return facts
    }

    private func consent(
        by giver: ConsentGiver = .herself, _ status: ConsentStatus = .granted, data: Set<ConsentDataKind>? = nil,
        agencies: Set<UUID>? = nil
    ) -> Consent {
        var consent = Consent(agencyKinds: [.legalAidCentre], purpose: .legalAid, status: status)
        consent.givenBy = giver
        consent.dataKinds = data
        consent.agencies = agencies
        return consent
    }

    private func legalAid(_ facts: CaseFacts) -> RoutingTarget? {
        self.rules.decide(facts, directory: self.directory, now: self.now).targets.first { $0.purpose == .legalAid }
    }

    @Test func aSuspectedGuardianIsNotHeard() {
        #expect(self.legalAid(self.facts(self.consent(by: .guardian))) != nil)
        #expect(self.legalAid(self.facts(self.consent(by: .guardian), flags: [.guardianSuspected])) == nil)
        #expect(self.legalAid(self.facts(self.consent(by: .otherGuardian), flags: [.guardianSuspected])) != nil)
        var facts = self.facts(self.consent(by: .otherGuardian), flags: [.guardianSuspected])
        facts.consents.append(self.consent(by: .guardian, .refused))
        #expect(self.legalAid(facts) != nil, "his refusal stops nothing")
    }

    @Test func aGuardianAgreesForAChildUnderFourteen() {
        #expect(self.legalAid(self.facts(self.consent(), people: [.seekerUnder14])) == nil)
        #expect(self.legalAid(self.facts(self.consent(by: .guardian), people: [.seekerUnder14])) != nil)
        var facts = self.facts(self.consent(by: .guardian), people: [.seekerUnder14])
        facts.consents.append(self.consent(.refused))
        #expect(self.legalAid(facts) == nil, "her own no counts")
    }

    @Test func aConsentToFewerKindsOfDataIsNone() {
        #expect(self.legalAid(self.facts(self.consent(data: [.identity, .contact]))) == nil)
        #expect(self.legalAid(self.facts(self.consent(data: Set(ConsentDataKind.allCases)))) != nil)
    }

    @Test func aConsentToOneAgencyIsForThatOne() throws {
        let league = try #require(
            self.directory.nearest(.legalAidCentre, along: [.code("150100")]))
        #expect(self.legalAid(self.facts(self.consent(agencies: [league.id])))?.agencyID == league.id)
        #expect(self.legalAid(self.facts(self.consent(agencies: [UUID()]))) == nil)
    }

    @Test func withdrawalRevokesWhatRestedOnIt() throws {
        var facts = self.facts(self.consent())
        let target = try #require(self.legalAid(facts))
        func referral(_ basis: ConsentBasis, _ status: ReferralStatus) -> DisclosedReferral {
            DisclosedReferral(
                id: UUID(), agencyID: target.agencyID, agencyKind: .legalAidCentre, purpose: .legalAid,
                profile: .legalAid, basis: basis, status: status)
        }
        let referrals = [
            referral(.consent, .inProgress), referral(.consent, .completed), referral(.emergency, .accepted),
            referral(.consent, .revoked),
        ]
        #expect(facts.withoutConsent(referrals, at: self.now) == [])
        facts.consents.append(self.consent(.withdrawn))
        #expect(facts.withoutConsent(referrals, at: self.now) == Array(referrals[..<2]))
    }

    @Test func anEndedConsentRevokesToo() throws {
        let ends = self.now.addingTimeInterval(60)
        let facts = self.facts(
            Consent(agencyKinds: [.legalAidCentre], purpose: .legalAid, status: .granted, expiresAt: ends))
        let referral = DisclosedReferral(
            id: UUID(), agencyID: UUID(), agencyKind: .legalAidCentre, purpose: .legalAid, profile: .legalAid,
            basis: .consent, status: .accepted)
        #expect(facts.withoutConsent([referral], at: self.now) == [])
        #expect(facts.withoutConsent([referral], at: ends) == [referral])
    }

    @Test func theScopeSurvivesJSON() throws {
        let consent = self.consent(by: .civilAffairs, data: [.identity], agencies: [UUID()])
        let read = try JSONDecoder().decode(Consent.self, from: try JSONEncoder().encode(consent))
        #expect(read == consent)
    }

    @Test func anOverrideNeedsARightAReasonAndASupervisor() throws {
        func staff(_ id: String, _ role: StaffRole) -> StaffMember {
            StaffMember(id: StaffID(rawValue: id), roles: [role], divisions: [.code("150104")], capacity: 1)
        }
        let (worker, supervisor) = (staff("a", .caseworker), staff("b", .supervisor))
        let article = "《个人信息保护法》第十三条第一款第四项"
        let override = try DisclosureOverride(
            by: worker, telling: supervisor, basis: .emergency, article: article, at: self.now)
        #expect(override.told == supervisor.id)
        #expect(throws: DisclosureOverrideError.noRight) {
            try DisclosureOverride(
                by: staff("c", .informant), telling: supervisor, basis: .emergency, article: article, at: self.now)
        }
        #expect(throws: DisclosureOverrideError.noSupervisor) {
            try DisclosureOverride(
                by: supervisor, telling: supervisor, basis: .emergency, article: article, at: self.now)
        }
        #expect(throws: DisclosureOverrideError.noBasis) {
            try DisclosureOverride(by: worker, telling: supervisor, basis: .consent, article: article, at: self.now)
        }
        #expect(throws: DisclosureOverrideError.noArticle) {
            try DisclosureOverride(by: worker, telling: supervisor, basis: .emergency, article: "急", at: self.now)
        }
    }
}
