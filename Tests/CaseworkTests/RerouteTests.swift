import Casework
import Foundation
import Testing

@Suite struct RerouteTests {
    let now = Date.beijing("2026-11-23 10:00")
    let rules: RuleSet
    let directory: AgencyDirectory

    init() throws {
        self.rules = try Deployment.ruleSet()
        self.directory = AgencyDirectory(try Deployment.agencies())
    }

    private func facts(_ consents: [Consent], flags: Set<CaseFlag> = []) -> CaseFacts {
        CaseFacts(
            channel: .hotline, division: .code("150602"), categories: [.labour], needs: [.labourRights],
            flags: flags, consents: consents)
    }

    private func consent(_ kinds: [AgencyKind]) -> Consent {
        Consent(agencyKinds: kinds, purpose: .labourRights, status: .granted)
    }

    private func reroute(_ facts: CaseFacts, _ cause: RerouteCause) throws -> RoutingDecision {
        let given = [self.consent([.humanResources])]
        let target = try #require(
            self.rules.decide(self.facts(given), directory: self.directory, now: self.now).targets.first)
        return self.rules.reroute(target, cause: cause, facts: facts, directory: self.directory, now: self.now)
    }

    @Test func aSuggestedKindIsHonouredWithConsent() throws {
        let facts = self.facts([self.consent([.humanResources, .labourArbitration])])
        let decision = try self.reroute(facts, .rejected(suggested: .labourArbitration))
        #expect(decision.targets.map(\.agencyKind) == [.labourArbitration])
        #expect(decision.targets.first?.division == .code("150602"))
        #expect(decision.targets.first?.reasonCodes.last == "suggested:labour_arbitration")
        #expect(decision.ownerLevel == .county)
    }

    @Test func withoutConsentForItTheSameKindOneLevelUpIsAsked() throws {
        let decision = try self.reroute(
            self.facts([self.consent([.humanResources])]), .rejected(suggested: .labourArbitration))
        #expect(decision.targets.map(\.division) == [.code("150600")])
        #expect(decision.withheld.map(\.why) == [.missingConsent])
    }

    @Test func silenceMovesTheCaseAndTheReferralUp() throws {
        let decision = try self.reroute(self.facts([self.consent([.humanResources])]), .unanswered)
        #expect(decision.targets.map(\.division) == [.code("150600")])
        #expect(decision.ownerLevel == .league)
    }

    @Test func withdrawnConsentStopsTheNextAgency() throws {
        let withdrawn = Consent(agencyKinds: [.humanResources], purpose: .labourRights, status: .withdrawn)
        let decision = try self.reroute(self.facts([withdrawn]), .unanswered)
        #expect(decision.targets.map(\.agencyKind) == [.womensFederation])
        #expect(decision.backstopUsed)
    }

    @Test func whenNobodyIsLeftTheFederationHandlesIt() throws {
        let facts = self.facts([self.consent([.humanResources])])
        let path = facts.divisionPath
        var excluded: Set<UUID> = []
        while let agency = self.directory.nearest(.humanResources, along: path, excluding: excluded) {
            excluded.insert(agency.id)
        }
        var emptied = facts
        emptied.excludedAgencies = excluded
        let decision = try self.reroute(emptied, .rejected(suggested: nil))
        #expect(decision.backstopUsed)
        #expect(decision.targets.first?.consentBasis == .ownHandling)
        #expect(decision.targets.first?.division == .code("150602"))
    }

    @Test func aReportWithoutConsentIsNotPassedToAnyKindAnAgencyNames() throws {
        let facts = CaseFacts(
            channel: .hotline, division: .code("150702"), categories: [.minorHarm], risk: .high, flags: [.minor])
        let police = try #require(
            self.rules.decide(facts, directory: self.directory, now: self.now).targets.first {
                $0.agencyKind == .police
            })
        let decision = self.rules.reroute(
            police, cause: .rejected(suggested: .redCross), facts: facts, directory: self.directory, now: self.now)
        #expect(decision.targets.map(\.agencyKind) == [.police])
        #expect(decision.targets.first?.division == .code("150700"))
        #expect(decision.targets.first?.consentBasis == .statutoryDuty)
    }

    @Test func aSuggestionOfMediationIsNotFollowedWithTheViolenceFlag() throws {
        let facts = self.facts(
            [self.consent([.humanResources, .mediationCommittee])], flags: [.domesticViolence])
        let decision = try self.reroute(facts, .rejected(suggested: .mediationCommittee))
        #expect(decision.targets.map(\.agencyKind) == [.humanResources])
        #expect(decision.withheld.map(\.why) == [.violenceFlag])
    }
}
