import Casework
import Testing

@Suite struct RuleSetTests {
    /// A small rule set that is right; tests break one thing of it.
    static let small = """
        version: "1"
        set_by: 测试
        clocks:
          answer: { duration: PT24H, basis: 内部规定 }
          outcome: { duration: P7D, at_most: P7D, basis: 内部规定 }
        case_clocks:
          first_response: { imminent: answer, high: answer, medium: answer, low: answer }
          case_action: { imminent: answer, high: answer, medium: answer, low: answer }
          follow_up: { imminent: [outcome], high: [outcome], medium: [outcome], low: [outcome] }
        rules:
          - id: aid
            stage: need
            title: 法律援助
            when: { needs: [legal_aid] }
            then:
              - { agency_kind: legal_aid_centre, level: county, purpose: legal_aid, profile: legal_aid, answer_clock: answer, outcome_clock: outcome, consent: required, legal_basis: 法 }
            basis: 法
          - id: backstop
            stage: backstop
            title: 兜底
            when: { always: true }
            then:
              - { agency_kind: womens_federation, level: county, purpose: casework, profile: station, answer_clock: answer, outcome_clock: outcome, consent: not_required, legal_basis: 法 }
            basis: 法
        """

    @Test func theShippedRulesHaveNoProblem() throws {
        let rules = try Deployment.ruleSet()
        #expect(RuleSetChecker.problems(in: rules) == [])
        #expect(rules.rules.map(\.stage) == rules.rules.map(\.stage).sorted())
        #expect(rules.rules.last?.id == "backstop-county")
        for rule in rules.rules {
            #expect(!rule.basis.isEmpty && rule.line > 0)
        }
    }

    @Test func theDemonstrationChangesClocksAndNothingElse() throws {
        let rules = try Deployment.ruleSet()
        let short = try Deployment.ruleSet(short: true)
        #expect(short.version == rules.version + "+demo")
        #expect(short.rules == rules.rules)
        #expect(short.clock("assistance_answer")?.duration == .elapsed(seconds: 8))
        #expect(short.clock("assistance_answer")?.basis == rules.clock("assistance_answer")?.basis)
        #expect(short.clock("emergency_answer") == rules.clock("emergency_answer"))
    }

    @Test func statutoryClocksAreTheLaws() throws {
        let rules = try Deployment.ruleSet()
        let law: [(ClockName, String)] = [
            ("protection_order", "PT72H"), ("protection_order_urgent", "PT24H"), ("legal_aid_answer", "P7D"),
            ("legal_aid_assignment", "P3D"), ("petition_answer", "P15D"), ("petition_outcome", "P60D"),
            ("labour_answer", "P5D"), ("labour_outcome", "P45D"), ("mediation_outcome", "P30D"),
        ]
        for (name, duration) in law {
            #expect(rules.clock(name)?.duration.description == duration, "\(name)")
        }
        #expect(rules.firstResponse(for: .imminent).duration.description == "PT15M")
        #expect(rules.firstResponse(for: .low).duration.description == "2WD")
        #expect(
            rules.followUps(for: .imminent).map(\.duration.description) == ["P30D", "P90D", "P180D", "P365D", "P730D"])
        #expect(rules.escalation(for: .imminent, to: .league).duration.description == "PT30M")
        for risk in RiskLevel.allCases {
            #expect(rules.firstResponse(for: risk).duration == ClockDefinition.defaultFirstResponse(for: risk).duration)
        }
    }

    @Test func theSmallSetIsRight() throws {
        #expect(try RuleSet.load(yaml: Self.small).rules.count == 2)
    }

    @Test(arguments: [
        (
            "answer_clock: answer, outcome_clock: outcome, consent: required",
            "answer_clock: nope, outcome_clock: outcome, consent: required", RuleProblem.Code.unknownClock
        ),
        ("- id: backstop", "- id: aid", .duplicateID),
        ("legal_basis: 法 }\n    basis: 法\n  - id", "legal_basis: 法 }\n  - id", .missingBasis),
        ("consent: required, legal_basis: 法", "consent: required", .missingBasis),
        ("duration: PT24H, basis: 内部规定", "duration: PT24H", .missingBasis),
        ("consent: required", "consent: not_required", .consentNotSkippable),
        ("agency_kind: womens_federation", "agency_kind: police", .missingBackstop),
        ("agency_kind: womens_federation", "agency_kind: police", .consentNotSkippable),
        ("{ always: true }", "{ needs: [shelter] }", .missingBackstop),
        ("{ needs: [legal_aid] }", "{ }", .emptyCondition),
        ("{ needs: [legal_aid] }", "{ always: true }", .emptyCondition),
        ("{ needs: [legal_aid] }", "{ needs: [legal_help] }", .unknownWord),
        ("{ needs: [legal_aid] }", "{ flags: [minor], not_flags: [minor] }", .contradiction),
        ("{ needs: [legal_aid] }", "{ risk_at_least: high, risk_at_most: low }", .contradiction),
        ("{ needs: [legal_aid] }", "{ flags: [minr] }", .unknownWord),
        ("{ needs: [legal_aid] }", "{ need: [legal_aid] }", .unknownKey),
        ("purpose: legal_aid, profile", "purpose: help, profile", .unknownWord),
        ("profile: legal_aid", "profile: everything", .unknownWord),
        ("level: county, purpose: legal_aid", "level: planet, purpose: legal_aid", .unknownWord),
        ("agency_kind: legal_aid_centre", "agency_kind: mediation_committee", .hiddenMediation),
        ("duration: P7D, at_most", "duration: P8D, at_most", .clockTooLong),
        ("duration: P7D, at_most", "duration: soon, at_most", .shape),
        ("first_response: { imminent: answer, ", "first_response: { ", .missingCaseClock),
        ("follow_up: { imminent: [outcome], ", "follow_up: { imminent: [other], ", .unknownClock),
        ("clocks:\n  answer", "clocks:\n  spare: { duration: P1D, basis: 法 }\n  answer", .unusedClock),
        ("stage: need", "stage: soon", .unknownWord),
        ("title: 法律援助\n", "\n", .missingKey),
        ("consent: required", "consent: maybe", .unknownWord),
        ("version: \"1\"", "version: [1", .shape),
        ("version: \"1\"", "version: \"1\"\nversion: \"2\"", .shape),
    ])
    func aBrokenSetIsRefusedWithTheProblem(_ old: String, _ new: String, _ code: RuleProblem.Code) {
        #expect(Self.small.contains(old))
        let broken = Self.small.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(
            separator: new)
        let error = #expect(throws: RuleSetError.self) { try RuleSet.load(yaml: broken) }
        #expect(error?.problems.contains { $0.code == code } == true, "\(error?.description ?? "")")
    }

    @Test func aProblemNamesItsRuleAndLine() {
        let broken = Self.small.split(separator: "stage: need").joined(separator: "stage: soon")
        let error = #expect(throws: RuleSetError.self) { try RuleSet.load(yaml: broken) }
        #expect(error?.description == "line 12: rule aid: stage: unknown word soon (unknown_word)")
    }

    @Test func aRuleThatRepeatsAnEarlierOneIsUnreachable() throws {
        let rules = try RuleSet(yaml: Self.small)
        let copy = Rule(
            id: "again", stage: .need, title: "重复", condition: rules.rules[0].condition,
            targets: rules.rules[0].targets,
            basis: "法")
        let both = RuleSet(
            version: "1", clocks: rules.clocks, caseClocks: rules.caseClocks, rules: rules.rules + [copy], setBy: "测试")
        #expect(RuleSetChecker.problems(in: both).map(\.code) == [.unreachable])
        #expect(RuleSetChecker.problems(in: both).first?.rule == "again")
    }

    @Test func anOverrideOfNoClockIsRefused() {
        let error = #expect(throws: RuleSetError.self) {
            try RuleSet.load(yaml: Self.small, clockOverridesYAML: "suffix: x\nclocks: { nope: PT1S }")
        }
        #expect(error?.problems.map(\.code) == [.unknownClock])
    }

    @Test func anOverrideLongerThanTheLawIsRefused() {
        let error = #expect(throws: RuleSetError.self) {
            try RuleSet.load(yaml: Self.small, clockOverridesYAML: "suffix: x\nclocks: { outcome: P9D }")
        }
        #expect(error?.problems.map(\.code) == [.clockTooLong])
    }
}
