import Yams

/// Turns the rules' YAML into a ``RuleSet``, collecting every problem of shape.
enum RuleSetReader {
    static func read(_ text: String) throws(RuleSetError) -> RuleSet {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(
            of: text, keys: ["version", "title", "clocks", "case_clocks", "rules"], &problems)
        let version = top.requiredText("version", &problems)
        let title = top.text("title", &problems) ?? ""
        let (clocks, limits) = Self.clocks(top, &problems)
        let caseClocks = Self.caseClocks(top, &problems)
        let rules = top.items("rules").compactMap { Self.rule($0, &problems) }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        return RuleSet(
            version: version, title: title, clocks: clocks, clockLimits: limits, caseClocks: caseClocks, rules: rules)
    }

    static func readOverrides(_ text: String) throws(RuleSetError) -> ClockOverrides {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(of: text, keys: ["suffix", "clocks"], &problems)
        let suffix = top.requiredText("suffix", &problems)
        var durations: [ClockName: ClockDuration] = [:]
        if let node = top["clocks"], let map = YAMLMap(node, keys: nil, &problems) {
            for name in map.keys {
                durations[ClockName(rawValue: name)] = map.duration(name, &problems)
            }
        }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        return ClockOverrides(suffix: suffix, durations: durations)
    }

    private static func clocks(
        _ top: YAMLMap, _ problems: inout [RuleProblem]
    ) -> ([ClockName: ClockDefinition], [ClockName: ClockDuration]) {
        var clocks: [ClockName: ClockDefinition] = [:]
        var limits: [ClockName: ClockDuration] = [:]
        guard let node = top["clocks"], let map = YAMLMap(node, keys: nil, &problems) else {
            problems.append(RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "clocks is missing"))
            return ([:], [:])
        }
        for key in map.keys {
            guard let entry = map[key],
                let fields = YAMLMap(entry, keys: ["duration", "at_most", "basis"], &problems)
            else { continue }
            let name = ClockName(rawValue: key)
            guard let duration = fields.duration("duration", &problems) else {
                problems.append(
                    RuleProblem(
                        code: .missingKey, rule: nil, line: fields.line, message: "clock \(key): duration is missing"))
                continue
            }
            let basis = fields.text("basis", &problems) ?? ""
            clocks[name] = ClockDefinition(name: name, duration: duration, basis: basis)
            limits[name] = fields.duration("at_most", &problems)
        }
        return (clocks, limits)
    }

    private static func caseClocks(_ top: YAMLMap, _ problems: inout [RuleProblem]) -> CaseClockNames {
        var names = CaseClockNames()
        guard let node = top["case_clocks"],
            let map = YAMLMap(node, keys: ["first_response", "case_action", "follow_up", "escalation"], &problems)
        else {
            problems.append(
                RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "case_clocks is missing"))
            return names
        }
        names.firstResponse = Self.byRisk(map, "first_response", &problems) { $0.scalar.map { [$0.string] } ?? [] }
            .compactMapValues(\.first)
        names.caseAction = Self.byRisk(map, "case_action", &problems) { $0.scalar.map { [$0.string] } ?? [] }
            .compactMapValues(\.first)
        names.followUp = Self.byRisk(map, "follow_up", &problems) { node in
            node.sequence?.compactMap(\.scalar?.string) ?? []
        }
        guard let node = map["escalation"] else { return names }
        let risks = Set(RiskLevel.allCases.map(\.rawValue))
        let levels = Set(DivisionLevel.allCases.map(\.rawValue))
        guard let byRisk = YAMLMap(node, keys: risks, &problems) else { return names }
        for risk in RiskLevel.allCases {
            guard let entry = byRisk[risk.rawValue], let byLevel = YAMLMap(entry, keys: levels, &problems) else {
                continue
            }
            for level in DivisionLevel.allCases {
                names.escalation[risk, default: [:]][level] = byLevel.text(level.rawValue, &problems)
                    .map(ClockName.init(rawValue:))
            }
        }
        return names
    }

    private static func byRisk(
        _ map: YAMLMap, _ key: String, _ problems: inout [RuleProblem], _ read: (Node) -> [String]
    ) -> [RiskLevel: [ClockName]] {
        var names: [RiskLevel: [ClockName]] = [:]
        let risks = Set(RiskLevel.allCases.map(\.rawValue))
        guard let node = map[key], let byRisk = YAMLMap(node, keys: risks, &problems) else { return [:] }
        for risk in RiskLevel.allCases {
            guard let entry = byRisk[risk.rawValue] else { continue }
            let found = read(entry)
            if found.isEmpty {
                byRisk.report(.shape, risk.rawValue, "expected clock names", &problems)
            }
            names[risk] = found.map(ClockName.init(rawValue:))
        }
        return names
    }

    private static func rule(_ node: Node, _ problems: inout [RuleProblem]) -> Rule? {
        let keys: Set = ["id", "stage", "title", "when", "then", "owner_level", "basis"]
        guard var map = YAMLMap(node, keys: keys, &problems) else { return nil }
        map.rule = map["id"]?.scalar?.string
        let id = map.requiredText("id", &problems)
        let title = map.requiredText("title", &problems)
        guard let stage = map.word("stage", as: RuleStage.self, &problems) else {
            if map["stage"] == nil {
                _ = map.requiredText("stage", &problems)
            }
            return nil
        }
        guard let when = map["when"] else {
            _ = map.requiredText("when", &problems)
            return nil
        }
        let condition = Self.condition(when, rule: map.rule, &problems)
        let targets = map.items("then").compactMap { Self.target($0, stage: stage, rule: map.rule, &problems) }
        let ownerLevel = map.word("owner_level", as: DivisionLevel.self, &problems)
        let basis = map.text("basis", &problems) ?? ""
        return Rule(
            id: id, stage: stage, title: title, condition: condition, targets: targets, ownerLevel: ownerLevel,
            basis: basis, line: map.line)
    }

    private static func condition(
        _ node: Node, rule: String?, _ problems: inout [RuleProblem]
    ) -> RuleCondition {
        var condition = RuleCondition()
        let keys: Set = [
            "always", "categories", "needs", "channels", "division_levels", "risk_at_least", "risk_at_most", "flags",
            "not_flags", "risk_items", "all", "any", "none",
        ]
        guard let map = YAMLMap(node, rule: rule, keys: keys, &problems) else { return condition }
        condition.always = map.flag("always", &problems) ?? false
        condition.categories = Set(map.words("categories", as: Category.self, &problems))
        condition.needs = Set(map.words("needs", as: Need.self, &problems))
        condition.channels = Set(map.words("channels", as: IntakeChannel.self, &problems))
        condition.divisionLevels = Set(map.words("division_levels", as: DivisionLevel.self, &problems))
        condition.riskAtLeast = map.word("risk_at_least", as: RiskLevel.self, &problems)
        condition.riskAtMost = map.word("risk_at_most", as: RiskLevel.self, &problems)
        condition.flags = Set(map.words("flags", as: CaseFlag.self, &problems))
        condition.withoutFlags = Set(map.words("not_flags", as: CaseFlag.self, &problems))
        condition.anyRiskItem = Set(map.words("risk_items", as: RiskItem.self, &problems))
        condition.all = map.items("all").map { Self.condition($0, rule: rule, &problems) }
        condition.any = map.items("any").map { Self.condition($0, rule: rule, &problems) }
        condition.none = map.items("none").map { Self.condition($0, rule: rule, &problems) }
        return condition
    }

    private static func target(
        _ node: Node, stage: RuleStage, rule: String?, _ problems: inout [RuleProblem]
    ) -> RuleTarget? {
        let keys: Set = [
            "agency_kind", "level", "purpose", "profile", "answer_clock", "outcome_clock", "consent", "legal_basis",
            "assignees", "hold_until_safe",
        ]
        guard let map = YAMLMap(node, rule: rule, keys: keys, &problems) else { return nil }
        let before = problems.count
        let level = map.requiredText("level", &problems)
        let wanted = level == "lowest" ? WantedLevel.lowest : DivisionLevel(rawValue: level).map(WantedLevel.at)
        if wanted == nil {
            map.report(.unknownWord, "level", "expected lowest or a level", &problems)
        }
        let consent = map.requiredText("consent", &problems)
        if !["required", "not_required"].contains(consent) {
            map.report(.unknownWord, "consent", "expected required or not_required", &problems)
        }
        let assignees = Int(map.text("assignees", &problems) ?? "1") ?? 0
        if !(1...20).contains(assignees) {
            map.report(.shape, "assignees", "expected 1 to 20", &problems)
        }
        let target = RuleTarget(
            agencyKind: AgencyKind(rawValue: map.requiredText("agency_kind", &problems)), level: wanted ?? .lowest,
            purpose: Purpose(rawValue: map.requiredText("purpose", &problems)),
            profile: DisclosureProfileName(rawValue: map.requiredText("profile", &problems)),
            answerClock: ClockName(rawValue: map.requiredText("answer_clock", &problems)),
            outcomeClock: ClockName(rawValue: map.requiredText("outcome_clock", &problems)),
            consentRequired: consent == "required", legalBasis: map.text("legal_basis", &problems) ?? "",
            assignees: assignees, holdUntilSafe: map.flag("hold_until_safe", &problems) ?? false)
        return problems.count == before ? target : nil
    }
}
