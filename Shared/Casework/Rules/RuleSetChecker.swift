/// Checks what a rule set means, as a whole: the problems that make it unfit to route cases, each with its rule and line.
/// An empty result is what activation requires.
public enum RuleSetChecker {
    /// Every problem. What can be read off the text is looked at first; what is proven over all inputs
    /// (``proven(_:)``) only of a set whose text is right.
    public static func problems(in ruleSet: RuleSet) -> [RuleProblem] {
        let problems =
            Self.clockProblems(ruleSet) + Self.caseClockProblems(ruleSet) + Self.otherClockProblems(ruleSet)
            + ruleSet.rules.flatMap { Self.ruleProblems($0, of: ruleSet) }
            + Self.referenceProblems(ruleSet) + Self.duplicateProblems(ruleSet) + Self.setAsideProblems(ruleSet)
        return problems + RuleSetProof(ruleSet).problems
    }

    /// How large the space of inputs is over which a set is proven: at least two to this power.
    public static func magnitude(of ruleSet: RuleSet) -> Int { RuleSetProof(ruleSet).magnitude }

    private static func clockProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        let names = ruleSet.caseClocks
        var used = Set(ruleSet.rules.flatMap { $0.targets.flatMap { [$0.answerClock, $0.outcomeClock] } })
        used.formUnion(names.firstResponse.values)
        used.formUnion(names.caseAction.values)
        used.formUnion(names.followUp.values.joined())
        used.formUnion(names.callBack.values)
        used.formUnion(names.riskReview.values)
        used.formUnion(names.escalation.values.flatMap(\.values))
        used.formUnion(ruleSet.milestones.values.flatMap { $0.clocks + $0.reminders })
        if let green = ruleSet.greenChannel { used.insert(green) }
        for clock in ruleSet.clocks.values.sorted(by: { $0.name < $1.name }) {
            func report(_ code: RuleProblem.Code, _ message: String) {
                problems.append(
                    .init(code: code, rule: nil, line: ruleSet.clockLines[clock.name] ?? 0, message: message))
            }
            if clock.basis.isEmpty { report(.missingBasis, "clock \(clock.name) has no basis") }
            if !used.contains(clock.name) { report(.unusedClock, "clock \(clock.name) is never used") }
            if let limit = ruleSet.clockLimits[clock.name], !clock.duration.neverExceeds(limit) {
                report(
                    .clockTooLong, "clock \(clock.name) is \(clock.duration), at most \(limit) is allowed")
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
            for (key, clock) in [("call_back", names.callBack[risk]), ("risk_review", names.riskReview[risk])] {
                problems += Self.unknown(
                    clock.map { [$0] } ?? [], in: ruleSet, rule: nil, line: 0, where: "case_clocks.\(key)")
            }
            let escalation = names.escalation[risk].map { $0.values.sorted() } ?? []
            problems += Self.unknown(escalation, in: ruleSet, rule: nil, line: 0, where: "case_clocks.escalation")
        }
        return problems
    }

    /// Clocks of the green channel, of milestones, and those that may be paused or extended.
    private static func otherClockProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        var problems = Self.unknown(
            ruleSet.greenChannel.map { [$0] } ?? [], in: ruleSet, rule: nil, line: 0, where: "green_channel")
        for (kind, milestone) in ruleSet.milestones.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            problems += Self.unknown(
                milestone.clocks + milestone.reminders, in: ruleSet, rule: nil, line: 0,
                where: "milestones.\(kind.rawValue)")
        }
        for ground in ruleSet.changes.grounds.values.sorted(by: { $0.name < $1.name }) {
            let place = "clock_changes.grounds.\(ground.name)"
            problems += Self.unknown(ground.clocks.sorted(), in: ruleSet, rule: nil, line: 0, where: place)
            let unsafe = ruleSet.rules.filter { $0.stage <= .mandatoryReport }
                .flatMap { $0.targets.flatMap { [$0.answerClock, $0.outcomeClock] } }
            for clock in ground.clocks.intersection(unsafe).sorted() {
                problems.append(
                    .init(
                        code: .unsafeClockChange, rule: nil, line: ruleSet.clockLines[clock] ?? 0,
                        message: "\(place) would change \(clock), which protects life or is a duty"))
            }
            if ground.basis.isEmpty {
                problems.append(.init(code: .missingBasis, rule: nil, line: 0, message: "\(place) has no basis"))
            }
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

    private static func ruleProblems(_ rule: Rule, of ruleSet: RuleSet) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        func report(_ code: RuleProblem.Code, _ message: String) {
            problems.append(.init(code: code, rule: rule.id, line: rule.line, message: message))
        }
        if rule.basis.isEmpty { report(.missingBasis, "basis is missing") }
        if (rule.setBy ?? ruleSet.setBy ?? "").isEmpty {
            report(.missingSetBy, "set_by is missing, here and for the set")
        }
        if rule.targets.isEmpty, rule.ownerLevel == nil, rule.note == nil, rule.lane == nil, rule.selection == nil {
            report(.emptyRule, "none of then, owner_level, note, lane and select")
        }
        if rule.selection != nil, rule.stage != .capacity { report(.emptyRule, "select is for capacity rules") }
        if rule.condition.isEmpty { report(.emptyCondition, "when is empty; say always: true") }
        if rule.condition.always, ![.backstop, .tier, .capacity].contains(rule.stage) {
            report(.emptyCondition, "always is for tier, capacity and backstop rules")
        }
        for word in Self.unknownWords(rule.condition) {
            report(.unknownWord, "when names unknown \(word)")
        }
        for target in rule.targets {
            for (code, message) in Self.targetProblems(target, of: rule) { report(code, message) }
        }
        return problems
    }

    private static func targetProblems(_ target: RuleTarget, of rule: Rule) -> [(RuleProblem.Code, String)] {
        var problems: [(RuleProblem.Code, String)] = []
        if target.legalBasis.isEmpty {
            problems.append((.missingBasis, "target \(target.agencyKind) has no legal_basis"))
        }
        if !target.agencyKind.isWellFormed { problems.append((.unknownWord, "agency_kind is not a word")) }
        if !DisclosureProfileName.known.contains(target.profile) {
            problems.append((.unknownWord, "unknown profile \(target.profile)"))
        } else if !Purpose.known.contains(target.purpose) {
            problems.append((.unknownWord, "unknown purpose \(target.purpose)"))
        } else if !target.purpose.allowedProfiles.contains(target.profile) {
            let allowed = target.purpose.allowedProfiles.sorted().map(\.rawValue).joined(separator: ", ")
            problems.append(
                (
                    .profileTooWide,
                    "profile \(target.profile) shows more than \(target.purpose) needs; allowed: \(allowed)"
                ))
        }
        if target.profile.reachesRegardless, rule.stage > .mandatoryReport {
            problems.append((.profileTooWide, "profile \(target.profile) is for safety and mandatory reports"))
        }
        if !target.consentRequired, rule.stage.consentFreeBasis(for: target.agencyKind) == nil {
            problems.append(
                (.consentNotSkippable, "\(target.agencyKind) needs consent in stage \(rule.stage.rawValue)"))
        }
        if target.agencyKind == .mediationCommittee, !target.purpose.isMediation {
            problems.append((.hiddenMediation, "a mediation committee is asked for \(target.purpose)"))
        }
        return problems
    }

    private static func unknownWords(_ condition: RuleCondition) -> [String] {
        let own: [String] =
            condition.categories.subtracting(Category.known).sorted().map { "category \($0)" }
            + condition.needs.subtracting(Need.known).sorted().map { "need \($0)" }
            + condition.consents.filter { !Purpose.known.contains($0.purpose) }.map { "purpose \($0.purpose)" }
        return own + (condition.all + condition.any + condition.none).flatMap(Self.unknownWords)
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

    /// Nothing sets aside what protects life or is a duty, nor the backstop.
    private static func setAsideProblems(_ ruleSet: RuleSet) -> [RuleProblem] {
        let byID = Dictionary(ruleSet.rules.map { ($0.id, $0) }) { first, _ in first }
        return ruleSet.rules.flatMap { rule in
            rule.setsAside.sorted().compactMap { id -> RuleProblem? in
                guard let other = byID[id] else {
                    return .init(
                        code: .unknownRule, rule: rule.id, line: rule.line, message: "sets_aside names no rule: \(id)")
                }
                guard other.stage <= .mandatoryReport || other.stage == .backstop,
                    rule.stage != other.stage
                        || other.stage == .backstop
                else { return nil }
                return .init(
                    code: .unsafeSetAside, rule: rule.id, line: rule.line,
                    message: "sets aside \(id), which protects life, is a duty or is the backstop")
            }
        }
    }
}
