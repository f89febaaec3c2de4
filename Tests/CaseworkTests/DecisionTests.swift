import Casework
import Foundation
import TestSupport
import Testing

@Suite struct DecisionTests {
    let now = Date.beijing("2026-11-23 10:00")
    let rules: RuleSet
    let directory: AgencyDirectory
    let divisions: DivisionTree

    init() throws {
        self.rules = try Deployment.ruleSet()
        self.directory = AgencyDirectory(try Deployment.agencies())
        self.divisions = try Deployment.divisions()
    }

    private func decide(_ facts: CaseFacts) -> RoutingDecision {
        self.rules.decide(facts, directory: self.directory, now: self.now)
    }

    private func yes(_ kinds: [AgencyKind], _ purpose: Purpose) -> Consent {
        Consent(agencyKinds: kinds, purpose: purpose, status: .granted)
    }

    @Test func imminentDangerReachesThePoliceWithoutConsent() {
        let facts = CaseFacts(
            channel: .hotline, division: .code("150104"), categories: [.domesticViolence], risk: .imminent,
            flags: [.domesticViolence],
            consents: [Consent(agencyKinds: [.police], purpose: .emergencyResponse, status: .refused)])
        let target = self.decide(facts).targets.first
        #expect(target?.agencyKind == .police)
        #expect(target?.consentBasis == .emergency)
        #expect(target?.answerClock == "emergency_answer")
    }

    @Test func withoutConsentTheServiceWaitsAndTheCountyKeepsTheCase() {
        let decision = self.decide(
            CaseFacts(channel: .online, division: .code("150104"), categories: [.property], needs: [.legalAid]))
        #expect(decision.targets.map(\.agencyKind) == [.womensFederation])
        #expect(decision.targets.first?.consentBasis == .ownHandling)
        #expect(decision.withheld.map(\.why) == [.missingConsent])
        #expect(decision.backstopUsed)
        #expect(decision.ownerDivision == .code("150104"))
    }

    @Test func theStricterOfTwoClocksHolds() {
        let facts = CaseFacts(
            channel: .hotline, division: .code("150104"), categories: [.domesticViolence], needs: [.protectionOrder],
            risk: .imminent, flags: [.domesticViolence], consents: [self.yes([.court], .protectionOrder)])
        let court = self.decide(facts).targets.filter { $0.agencyKind == .court }
        #expect(court.count == 1)
        #expect(court.first?.outcomeClock == "protection_order_urgent")
        #expect(court.first?.ruleIDs == ["jurisdiction-protection-order", "jurisdiction-protection-order-urgent"])
    }

    @Test func anAgencyMissingAtOneLevelIsLookedForAtTheNext() {
        let facts = CaseFacts(
            channel: .hotline, division: .code("150923"), categories: [.injury], needs: [.materialAid],
            consents: [self.yes([.foundation], .materialAid)])
        #expect(self.decide(facts).targets.map(\.division) == [.code("150000")])
    }

    @Test func anEmptyNetworkStillHasAnOwnerAndAClock() {
        let facts = CaseFacts(channel: .hotline, division: .code("150524100999"), risk: .imminent)
        let decision = self.rules.decide(facts, directory: AgencyDirectory([]), now: self.now)
        #expect(decision.targets.isEmpty)
        #expect(decision.withheld.map(\.why).contains(.noAgency))
        #expect(decision.backstopUsed)
        #expect(decision.ownerLevel == .county)
        #expect(self.rules.clock(decision.ownerClock) != nil)
    }

    @Test func whatWaitsForSafetyComesWhenItIsConfirmed() {
        var facts = CaseFacts(
            channel: .hotline, division: .code("150203"), categories: [.domesticViolence], needs: [.employment],
            risk: .imminent, flags: [.domesticViolence], consents: [self.yes([.humanResources], .employment)])
        let first = self.decide(facts)
        #expect(first.withheld.map(\.why) == [.untilSafe])
        facts.flags.insert(.safe)
        let existing = [
            ReferralSummary(
                agencyKind: .police, purpose: .emergencyResponse, status: .completed, outcome: .dangerAverted)
        ]
        #expect(self.decide(facts).newTargets(besides: existing).map(\.agencyKind) == [.humanResources])
    }

    @Test func aSecondDecisionAddsNoBackstopToAReferredCase() {
        let facts = CaseFacts(channel: .hotline, division: .code("150104"), categories: [.advice], risk: .low)
        let decision = self.decide(facts)
        #expect(decision.backstopUsed)
        let existing = [ReferralSummary(agencyKind: .legalAidCentre, purpose: .legalAid, status: .completed)]
        #expect(decision.newTargets(besides: existing) == [])
        #expect(decision.newTargets(besides: []).count == 1)
    }

    @Test func theDecisionSurvivesJSONAndHoldsNoPerson() throws {
        let facts = CaseFacts(
            channel: .hotline, division: .code("150104"), categories: [.labour], needs: [.labourRights],
            consents: [self.yes([.humanResources], .labourRights)])
        let decision = self.decide(facts)
        let data = try JSONEncoder().encode(decision)
        #expect(try JSONDecoder().decode(RoutingDecision.self, from: data) == decision)
        let read = try JSONDecoder().decode(CaseFacts.self, from: try JSONEncoder().encode(facts))
        #expect(read == facts)
        #expect(decision.explanation.contains { $0.contains("玉泉区人力资源和社会保障局") && $0.contains("5日") })
    }

    @Test func randomCasesNeverBreakTheInvariants() {
        var generator = SplitMix(seed: 11)
        for _ in 0..<3000 {
            let facts = self.randomFacts(&generator)
            self.check(self.decide(facts), facts)
        }
    }

    @Test func randomAnswersNeverBreakTheInvariants() {
        var generator = SplitMix(seed: 12)
        for _ in 0..<600 {
            var facts = self.randomFacts(&generator)
            var open = self.decide(facts).targets
            for _ in 0..<8 {
                guard let target = open.randomElement(using: &generator) else { break }
                let causes: [RerouteCause] = [
                    .rejected(suggested: nil), .unanswered, .failed,
                    .rejected(suggested: Self.kinds.randomElement(using: &generator)),
                ]
                let cause = causes.randomElement(using: &generator)!
                let decision = self.rules.reroute(
                    target, cause: cause, facts: facts, directory: self.directory, now: self.now)
                facts.excludedAgencies.insert(target.agencyID)
                facts.ownerLevel = decision.ownerLevel
                self.check(decision, facts)
                #expect(decision.targets.count <= 1)
                open = decision.targets
            }
        }
    }

    /// Whoever works when: at night and on holidays the same is asked for as by day, of somebody.
    @Test func hoursNeverTakeAnAgencyAway() throws {
        var generator = SplitMix(seed: 14)
        let agencies = try Deployment.agencies().map { agency in
            var agency = agency
            agency.hours = AgencyHours.allCases.randomElement(using: &generator) ?? .always
            return agency
        }
        let directory = AgencyDirectory(
            agencies, calendar: try HolidayCalendar(csv: try Deployment.text("data/holidays.csv")))
        var elsewhere = 0
        for _ in 0..<600 {
            var facts = self.randomFacts(&generator)
            facts.consents.removeAll { $0.expiresAt != nil }
            func asked(_ time: String) -> [String: UUID] {
                let targets = self.rules.decide(facts, directory: directory, now: .beijing(time)).targets
                return Dictionary(targets.map { ("\($0.agencyKind) \($0.purpose)", $0.agencyID) }) { first, _ in first }
            }
            let day = asked("2026-11-23 10:00")
            for time in ["2026-11-23 23:00", "2026-11-22 03:00", "2026-10-03 12:00"] {
                let other = asked(time)
                #expect(Set(other.keys) == Set(day.keys))
                elsewhere += other.filter { day[$0.key] != $0.value }.count
            }
        }
        #expect(elsewhere > 50, "hours decide something at all")
    }

    private static let kinds: [AgencyKind] = [
        .police, .court, .labourArbitration, .mediationCommittee, .womensFederation, .shelter, "no_such_kind",
    ]

    /// What no decision may break, whatever the facts.
    private func check(_ decision: RoutingDecision, _ facts: CaseFacts) {
        #expect(self.rules.clock(decision.ownerClock) != nil)
        #expect(facts.divisionPath.contains(decision.ownerDivision))
        #expect(decision.ownerLevel <= facts.ownerLevel)
        var subjects: Set<String> = []
        for target in decision.targets {
            #expect(subjects.insert("\(target.agencyID) \(target.purpose)").inserted)
            #expect(!facts.excludedAgencies.contains(target.agencyID))
            #expect(self.rules.clock(target.answerClock) != nil && self.rules.clock(target.outcomeClock) != nil)
            #expect(facts.divisionPath.contains(target.division))
            #expect(!target.legalBases.isEmpty && !target.ruleIDs.isEmpty)
            if facts.flags.contains(.domesticViolence) {
                #expect(!target.purpose.isMediation && target.agencyKind != .mediationCommittee)
                #expect(target.purpose != .employment || facts.flags.contains(.safe))
            }
            switch target.consentBasis {
            case .consent:
                let answer = facts.consents.answer(for: target.agencyKind, target.purpose, at: self.now)
                #expect(answer == .granted, "\(target)")
            case .emergency:
                #expect(target.stage == .safety && target.agencyKind == .police)
            case .statutoryDuty:
                #expect(target.stage == .mandatoryReport)
            case .ownHandling:
                #expect(target.agencyKind == .womensFederation)
            }
        }
        for withheld in decision.withheld {
            #expect(
                !decision.targets.contains { $0.agencyKind == withheld.agencyKind && $0.purpose == withheld.purpose })
        }
        #expect(!decision.explanation.isEmpty)
    }

    private func randomFacts(_ generator: inout SplitMix) -> CaseFacts {
        func some<Element: Hashable>(_ elements: [Element], _ most: Int) -> Set<Element> {
            Set(elements.shuffled(using: &generator).prefix(Int.random(in: 0...most, using: &generator)))
        }
        let division = self.divisions.divisions.randomElement(using: &generator)!
        let purposes = Purpose.known.shuffled(using: &generator).prefix(8)
        let kinds = Array(self.directory.kinds).sorted()
        let consents = purposes.map { purpose in
            Consent(
                agencyKinds: Array(kinds.shuffled(using: &generator).prefix(6)), purpose: purpose,
                status: ConsentStatus.allCases.randomElement(using: &generator)!,
                expiresAt: Bool.random(using: &generator)
                    ? self.now.addingTimeInterval(Double.random(in: -9...9, using: &generator)) : nil)
        }
        let items = some(RiskItem.allCases, 3)
        let categories = some(Category.known, 3)
        return CaseFacts(
            channel: IntakeChannel.allCases.randomElement(using: &generator)!, division: division.code,
            categories: categories, needs: some(Need.known, 5), risk: RiskScreening(items).level(for: categories),
            riskItems: items, flags: some(CaseFlag.allCases, 4), consents: consents)
    }
}
