import Foundation
import TestSupport
import Testing

@testable import Casework

/// What `rules check` proves over all inputs, shown on sets that break it and on the set that is shipped.
@Suite struct RuleProofTests {
    private let now = Date.beijing("2026-11-23 10:00")

    /// The small set of ``RuleSetTests`` with further rules, each `id | stage | when | what it does`.
    private func problems(_ rules: String..., replacing old: String? = nil, by new: String = "") -> [RuleProblem] {
        var yaml = RuleSetTests.small
        if let old { yaml = yaml.replacingOccurrences(of: old, with: new) }
        for rule in rules {
            let parts = rule.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            yaml += "\n  - { id: \(parts[0]), stage: \(parts[1]), title: 规则, when: \(parts[2]), \(parts[3]), basis: 法 }"
        }
        do {
            return RuleSetChecker.problems(in: try RuleSet(yaml: yaml))
        } catch {
            Issue.record("\(error)")
            return []
        }
    }

    private func target(
        _ kind: String, _ purpose: String, _ profile: String, level: String = "county", consent: String = "required"
    ) -> String {
        "then: [{ agency_kind: \(kind), level: \(level), purpose: \(purpose), profile: \(profile), answer_clock: answer, "
            + "outcome_clock: outcome, consent: \(consent), legal_basis: 法 }]"
    }

    @Test func aCaseWithoutAnOwnerIsShown() throws {
        let problems = self.problems(replacing: "{ always: true }", by: "{ risk_at_least: medium }")
        let problem = try #require(problems.first { $0.code == .missingBackstop })
        #expect(problem.example?.contains("risk: low") == true)
    }

    @Test func backstopsThatTogetherCoverEveryCaseAreEnough() {
        let half = self.target("womens_federation", "casework", "station", consent: "not_required")
        let problems = self.problems(
            "low | backstop | { risk_at_most: low } | \(half)", replacing: "{ always: true }",
            by: "{ risk_at_least: medium }")
        #expect(problems == [])
    }

    @Test(arguments: [
        // The screening makes a weapon imminent danger.
        "{ risk_items: [weapon], risk_at_most: high }", "{ categories: [domestic_violence], risk_at_most: medium }",
        "{ flags: [minor], none: [{ flags: [minor] }] }", "{ all: [{ channels: [online] }, { channels: [hotline] }] }",
        // Two counties do not overlap, and a league is no village.
        "{ all: [{ within: [\"150104\"] }, { within: [\"150203\"] }] }",
        "{ within: [\"150104\"], division_levels: [league] }",
        "{ owner_levels: [village], division_levels: [county] }",
        // Seven days ahead is thirty days ahead too.
        "{ deadlines: { limitation: P7D }, none: [{ deadlines: { limitation: P30D } }] }",
        "{ breaches_at_least: 3, none: [{ breaches_at_least: 2 }] }",
        "{ all: [{ handling_organs: [court] }, { handling_organs: [police] }] }",
    ])
    func aRuleThatNoCaseCanSatisfyIsDead(_ when: String) {
        let problems = self.problems("dead | need | \(when) | note: 无")
        #expect(problems.map(\.code) == [.contradiction], "\(problems)")
        #expect(problems.first?.rule == "dead")
    }

    @Test func aRuleThatOthersTogetherDoIsDead() throws {
        let aid = self.target("court", "legal_aid", "legal_aid")
        let problems = self.problems(
            "one | need | { risk_at_least: high } | \(aid)", "two | need | { risk_at_most: medium } | \(aid)",
            "both | need | { categories: [labour] } | \(aid)")
        #expect(problems.map(\.code) == [.unreachable])
        #expect(problems.first?.message == "changes nothing after rule one, two")
    }

    @Test func twoRulesThatDisagreeAreShownWithACaseOfBoth() throws {
        let problems = self.problems(
            "league | need | { categories: [labour], needs: [legal_aid] } | "
                + self.target("legal_aid_centre", "legal_aid", "legal_aid", level: "league"))
        let problem = try #require(problems.first { $0.code == .conflict })
        #expect(problem.rule == "league")
        #expect(problem.example?.contains("categories: [labour]") == true)
        #expect(problem.message.contains("another level"))
    }

    @Test func rulesThatNeverMeetMayDisagree() {
        let problems = self.problems(
            "a | need | { flags: [minor], categories: [labour] } | "
                + self.target("court", "legal_aid", "legal_aid", level: "league"),
            "b | need | { not_flags: [minor], categories: [labour] } | "
                + self.target("court", "legal_aid", "legal_aid", level: "county"))
        #expect(problems == [])
    }

    @Test(arguments: [
        ("legal_aid_centre", "legal_aid", "station", "need", RuleProblem.Code.profileTooWide),
        ("human_resources", "employment", "mediation", "need", .profileTooWide),
        ("police", "police_report", "emergency", "jurisdiction", .profileTooWide),
        ("mediation_committee", "counselling", "counselling", "need", .hiddenMediation),
    ])
    func noRuleDisclosesMoreThanItsPurposeNeeds(
        _ kind: String, _ purpose: String, _ profile: String, _ stage: String, _ code: RuleProblem.Code
    ) {
        let problems = self.problems(
            "wide | \(stage) | { categories: [labour] } | \(self.target(kind, purpose, profile))")
        #expect(problems.contains { $0.code == code && $0.rule == "wide" }, "\(problems)")
    }

    @Test func rulesThatSetEachOtherAsideInACircleAreRefused() {
        let problems = self.problems(
            "a | need | { flags: [minor] } | note: 甲, sets_aside: [b]",
            "b | need | { flags: [safe] } | note: 乙, sets_aside: [a]")
        #expect(problems.map(\.code) == [.cycle])
        #expect(problems.first?.message.contains("a, b") == true)
    }

    @Test func whatProtectsLifeIsNeverSetAside() {
        let police = self.target("police", "emergency_response", "emergency", consent: "not_required")
        let problems = self.problems(
            "danger | safety | { risk_at_least: imminent } | \(police)",
            "calm | need | { needs: [advice] } | note: 无, sets_aside: [danger, backstop, nobody]")
        let codes: [RuleProblem.Code] = [.unsafeSetAside, .unsafeSetAside, .unknownRule, .missingBackstop]
        #expect(problems.map(\.code) == codes)
    }

    @Test func aRuleThatIsAlwaysSetAsideIsDead() {
        let problems = self.problems(
            "narrow | need | { flags: [minor, safe] } | note: 甲",
            "broad | need | { flags: [minor] } | note: 乙, sets_aside: [narrow]")
        #expect(problems.map(\.code) == [.unreachable])
        #expect(problems.first?.message == "is set aside whenever it holds")
    }

    @Test func aRuleSaysWhoSetIt() {
        let problems = self.problems(replacing: "set_by: 测试\n", by: "")
        #expect(problems.map(\.code) == [.missingSetBy, .missingSetBy])
    }

    @Test func mediationIsBehindTheGateInEveryStage() {
        let mediate = self.target("law_firm", "mediation", "mediation")
        #expect(self.problems("m | need | { flags: [domestic_violence] } | \(mediate)") == [])
    }

    // MARK: - The shipped set

    /// The formulas that are proven say the same as the conditions that explain.
    @Test func theProofSpeaksOfWhatRuns() throws {
        let rules = try Deployment.ruleSet()
        var generator = SplitMix(seed: 31)
        for _ in 0..<1500 {
            let facts = RandomFacts.make(&generator, now: self.now)
            let bits = rules.compiled.vocabulary.bits(of: facts, at: self.now)
            for (prepared, condition) in zip(rules.compiled.prepared, rules.compiled.conditions) {
                let rule = prepared.rule
                let match = rule.condition.match(facts, at: self.now)
                #expect(condition.holds(bits) == (match != nil), "\(rule.id)")
                if let match {
                    var reasons: [String] = []
                    prepared.reasons.tell(bits, facts, to: &reasons)
                    #expect(reasons == match, "\(rule.id)")
                }
                #expect(rule.condition.unmet(facts, at: self.now).isEmpty == condition.holds(bits), "\(rule.id)")
            }
        }
    }

    /// Each rule has a case, found by the proof, in which the very decision does what the rule says.
    @Test func everyRuleTakesEffectInADecision() throws {
        let rules = try Deployment.ruleSet()
        let space = InputSpace(rules.compiled.vocabulary)
        for (position, rule) in rules.rules.enumerated() {
            let model = try #require(
                space.model(of: rules.compiled.effective(position).formula(in: rules.compiled.vocabulary)))
            let facts = space.facts(model, at: self.now)
            #expect(rules.matchingRuleIDs(facts, at: self.now).contains(rule.id), "\(rule.id): \(facts)")
            let level = RiskScreening(facts.riskItems).level(for: facts.categories)
            #expect(facts.risk >= level, "\(rule.id): a risk no screening gives")
        }
    }

    /// The risk of any set of items is the highest of its pairs': what the proof relies on, for all 4096 sets.
    @Test func pairsOfItemsDecideTheRisk() {
        let items = RiskItem.allCases
        for set in 0..<(1 << items.count) {
            let chosen = items.indices.filter { set & (1 << $0) != 0 }.map { items[$0] }
            var highest = RiskScreening().level
            for one in chosen {
                for other in chosen { highest = highest.raised(to: RiskScreening([one, other]).level) }
            }
            #expect(RiskScreening(Set(chosen)).level == highest)
        }
    }

    /// The solver against trying everything, on random statements over six variables.
    @Test func theSolverFindsAModelWhenThereIsOne() {
        let vocabulary = FactVocabulary([])
        let space = InputSpace(vocabulary)
        // The last five have several values; the first six are yes or no and no law speaks of them alone.
        let chosen = [0, 1, 2, 3, 4, 5].map { vocabulary.index(of: .need(Need.known[$0])) ?? 0 }
        var generator = SplitMix(seed: 41)
        func statement(_ depth: Int) -> InputFormula {
            if depth == 0 || Int.random(in: 0..<4, using: &generator) == 0 {
                return .value(
                    chosen.randomElement(using: &generator)!, Bool.random(using: &generator) ? 0b01 : 0b10)
            }
            let parts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in statement(depth - 1) }
            return Bool.random(using: &generator) ? .all(parts) : .any(parts)
        }
        for _ in 0..<2000 {
            let formula = statement(4)
            let exists = (0..<64).contains { values in
                chosen.enumerated().reduce(formula) { $0.assuming($1.element, is: (values >> $1.offset) & 1) } == .yes
            }
            let model = space.model(of: formula)
            #expect((model != nil) == exists)
            if let model {
                #expect(model.reduce(formula) { $0.assuming($1.key, is: $1.value) } == .yes)
            }
        }
    }
}

/// Cases of all sorts for property tests.
enum RandomFacts {
    static func make(
        _ generator: inout SplitMix, now: Date,
        divisions: [DivisionCode] = [
            .code("150104"), .code("150524100999"), .code("152523"), .code("150000"), .code("150200"),
        ]
    ) -> CaseFacts {
        func some<Element: Hashable>(_ elements: [Element], _ most: Int) -> Set<Element> {
            Set(elements.shuffled(using: &generator).prefix(Int.random(in: 0...most, using: &generator)))
        }
        let items = some(RiskItem.allCases, 3)
        let categories = some(Category.known, 3)
        let kinds: [AgencyKind] = [.police, .court, .legalAidCentre, .mediationCommittee, .womensFederation, .shelter]
        let consents = Purpose.known.shuffled(using: &generator).prefix(9).map { purpose in
            Consent(
                agencyKinds: Array(some(kinds, 6)), purpose: purpose,
                status: ConsentStatus.allCases.randomElement(using: &generator)!,
                expiresAt: Bool.random(using: &generator)
                    ? now.addingTimeInterval(.random(in: -9...9, using: &generator)) : nil)
        }
        var facts = CaseFacts(
            channel: IntakeChannel.allCases.randomElement(using: &generator)!,
            division: divisions.randomElement(using: &generator)!, categories: categories, needs: some(Need.known, 5),
            risk: RiskScreening(items).level(for: categories), riskItems: items, flags: some(CaseFlag.allCases, 4),
            consents: consents)
        facts.people = some(PersonFact.allCases, 3)
        facts.minorSigns = some(MinorSign.allCases, 1)
        facts.outcomes = some(Outcome.allCases, 2)
        facts.handlingOrgan = HandlingOrgan.allCases.randomElement(using: &generator)!
        facts.breaches = Int.random(in: 0...3, using: &generator)
        for kind in some(DeadlineKind.allCases, 2) {
            facts.deadlines[kind] = LocalDate(inBeijing: now).adding(days: .random(in: -5...40, using: &generator))
        }
        for place in some([PlaceRole.respondentHome, .incident, .handlingOrgan], 2) {
            facts.places[place] = divisions.randomElement(using: &generator)!
        }
        return facts
    }
}
