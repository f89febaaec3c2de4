/// Checks what a rule set means, as a whole: the problems that make it unfit to route cases, each with its rule and line.
/// An empty result is what activation requires.
public enum RuleSetChecker {
    public static func problems(in ruleSet: RuleSet) -> [RuleProblem] {
        Self.clockProblems(ruleSet) + Self.caseClockProblems(ruleSet) + ruleSet.rules.flatMap(Self.ruleProblems)
            + Self.referenceProblems(ruleSet) + Self.duplicateProblems(ruleSet) + Self.backstopProblems(ruleSet)
            + Self.unreachableProblems(ruleSet)
    }

    private static func clockProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        let names = ruleSet.caseClocks
        var used = Set(ruleSet.rules.flatMap { $0.targets.flatMap { [$0.answerClock, $0.outcomeClock] } })
        used.formUnion(names.firstResponse.values)
        used.formUnion(names.caseAction.values)
        used.formUnion(names.followUp.values.joined())
        used.formUnion(names.escalation.values.flatMap(\.values))
        for clock in ruleSet.clocks.values.sorted(by: { $0.name < $1.name }) {
            if clock.basis.isEmpty {
                problems.append(
                    .init(code: .missingBasis, rule: nil, line: 0, message: "clock \(clock.name) has no basis"))
            }
            if !used.contains(clock.name) {
                problems.append(
                    .init(code: .unusedClock, rule: nil, line: 0, message: "clock \(clock.name) is never used"))
            }
            if let limit = ruleSet.clockLimits[clock.name],
                clock.duration.approximateSeconds > limit.approximateSeconds
            {
                problems.append(
                    .init(
                        code: .clockTooLong, rule: nil, line: 0,
                        message: "clock \(clock.name) is \(clock.duration), at most \(limit) is allowed"))
            }
        }
        return problems
    }

    private static func caseClockProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        let names = ruleSet.caseClocks
        var problems: [RuleProblem] = []
        for risk in RiskLevel.allCases {
            let required: [(String, [ClockName])] = [
                ("first_response", names.firstResponse[risk].map { [$0] } ?? []),
                ("case_action", names.caseAction[risk].map { [$0] } ?? []),
                ("follow_up", names.followUp[risk] ?? []),
            ]
            for (key, clocks) in required {
                if clocks.isEmpty {
                    problems.append(
                        .init(
                            code: .missingCaseClock, rule: nil, line: 0,
                            message: "case_clocks.\(key) has nothing for \(risk.rawValue)"))
                }
                problems += Self.unknown(clocks, in: ruleSet, rule: nil, line: 0, where: "case_clocks.\(key)")
            }
            let escalation = names.escalation[risk].map { $0.values.sorted() } ?? []
            problems += Self.unknown(escalation, in: ruleSet, rule: nil, line: 0, where: "case_clocks.escalation")
        }
        return problems
    }

    private static func unknown(
        _ clocks: [ClockName], in ruleSet: RuleSet, rule: String?, line: Int, where place: String
    ) -> [RuleProblem] {
        clocks.filter { ruleSet.clocks[$0] == nil }.map { name in
            .init(code: .unknownClock, rule: rule, line: line, message: "\(place) names unknown clock \(name)")
        }
    }

    private static func ruleProblems(_ rule: Rule) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        func report(_ code: RuleProblem.Code, _ message: String) {
            problems.append(.init(code: code, rule: rule.id, line: rule.line, message: message))
        }
        if rule.basis.isEmpty { report(.missingBasis, "basis is missing") }
        if rule.targets.isEmpty, rule.ownerLevel == nil { report(.emptyRule, "neither then nor owner_level") }
        if rule.condition.isEmpty { report(.emptyCondition, "when is empty; say always: true") }
        if rule.condition.always, rule.stage != .backstop, rule.stage != .tier {
            report(.emptyCondition, "always is for tier and backstop rules")
        }
        for word in Self.unknownWords(rule.condition) {
            report(.unknownWord, "when names unknown \(word)")
        }
        if Self.isContradiction(rule.condition) { report(.contradiction, "no case can satisfy when") }
        for target in rule.targets {
            if target.legalBasis.isEmpty { report(.missingBasis, "target \(target.agencyKind) has no legal_basis") }
            if !Purpose.known.contains(target.purpose) { report(.unknownWord, "unknown purpose \(target.purpose)") }
            if !DisclosureProfileName.known.contains(target.profile) {
                report(.unknownWord, "unknown profile \(target.profile)")
            }
            if !target.agencyKind.isWellFormed { report(.unknownWord, "agency_kind is not a word") }
            let backstopToOthers = rule.stage == .backstop && target.agencyKind != .womensFederation
            if !target.consentRequired, !rule.stage.mayPassWithoutConsent || backstopToOthers {
                report(.consentNotSkippable, "\(target.agencyKind) needs consent in stage \(rule.stage.rawValue)")
            }
            if target.agencyKind == .mediationCommittee, !target.purpose.isMediation {
                report(.hiddenMediation, "a mediation committee is asked for \(target.purpose)")
            }
        }
        return problems
    }

    private static func unknownWords(_ condition: RuleCondition) -> [String] {
        condition.categories.subtracting(Category.known).sorted().map { "category \($0)" }
            + condition.needs.subtracting(Need.known).sorted().map { "need \($0)" }
            + (condition.all + condition.any + condition.none).flatMap(Self.unknownWords)
    }

    /// Whether a condition contradicts itself in a way that can be read off it.
    private static func isContradiction(_ condition: RuleCondition) -> Bool {
        if !condition.flags.isDisjoint(with: condition.withoutFlags) { return true }
        if let low = condition.riskAtLeast, let high = condition.riskAtMost, low > high { return true }
        if condition.all.contains(where: Self.isContradiction) { return true }
        if !condition.any.isEmpty, condition.any.allSatisfy(Self.isContradiction) { return true }
        return condition.none.contains { $0.always }
    }

    private static func referenceProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        ruleSet.rules.flatMap { rule in
            rule.targets.flatMap { target in
                Self.unknown(
                    [target.answerClock, target.outcomeClock], in: ruleSet, rule: rule.id, line: rule.line,
                    where: "target \(target.agencyKind)")
            }
        }
    }

    private static func duplicateProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        var seen: Set<String> = []
        return ruleSet.rules.sorted { $0.line < $1.line }.filter { !seen.insert($0.id).inserted }.map { rule in
            .init(code: .duplicateID, rule: rule.id, line: rule.line, message: "the id is used twice")
        }
    }

    private static func backstopProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        let holds = ruleSet.rules.contains { rule in
            rule.stage == .backstop && rule.condition.always
                && rule.targets.contains { $0.agencyKind == .womensFederation && !$0.consentRequired }
        }
        return holds
            ? []
            : [
                .init(
                    code: .missingBackstop, rule: nil, line: 0,
                    message: "no backstop rule sends every case to womens_federation without consent")
            ]
    }

    /// Rules whose condition an earlier rule repeats, and all of whose targets that rule already gives.
    private static func unreachableProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        for (index, rule) in ruleSet.rules.enumerated() where !rule.targets.isEmpty {
            let earlier = ruleSet.rules[..<index].first { other in
                other.condition == rule.condition && other.stage == rule.stage
                    && Set(rule.targets).isSubset(of: other.targets)
                    && (rule.ownerLevel == nil || rule.ownerLevel == other.ownerLevel)
            }
            if let earlier {
                problems.append(
                    .init(
                        code: .unreachable, rule: rule.id, line: rule.line,
                        message: "changes nothing after rule \(earlier.id)"))
            }
        }
        return problems
    }
}
