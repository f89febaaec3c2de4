import Yams

/// Turns the rules' YAML into a ``RuleSet``, collecting every problem of shape.
enum RuleSetReader {
    static func read(_ text: String) throws(RuleSetError) -> RuleSet {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(
            of: text,
            keys: [
                "version", "title", "set_by", "clocks", "case_clocks", "green_channel", "milestones", "clock_changes",
                "rules",
            ], &problems)
        let version = top.requiredText("version", &problems)
        let clocks = ClockTable(top, &problems)
        let caseClocks = Self.caseClocks(top, &problems)
        let milestones = ClockTable.milestones(top, &problems)
        let changes = ClockTable.changes(top, &problems)
        let rules = top.items("rules").compactMap { Self.rule($0, &problems) }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        return RuleSet(
            version: version, title: top.text("title", &problems) ?? "", clocks: clocks.definitions,
            clockLimits: clocks.limits, caseClocks: caseClocks, rules: rules, setBy: top.text("set_by", &problems),
            greenChannel: top.text("green_channel", &problems).map(ClockName.init(rawValue:)), milestones: milestones,
            changes: changes, clockLines: clocks.lines)
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

    private static let caseClockKeys: Set = [
        "first_response", "case_action", "follow_up", "call_back", "risk_review", "escalation",
    ]

    private static func caseClocks(_ top: YAMLMap, _ problems: inout [RuleProblem]) -> CaseClockNames {
        var names = CaseClockNames()
        guard let node = top["case_clocks"],
            let map = YAMLMap(node, keys: Self.caseClockKeys, &problems)
        else {
            problems.append(
                RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "case_clocks is missing"))
            return names
        }
        names.firstResponse = Self.byRisk(map, "first_response", &problems) { $0.scalar.map { [$0.string] } ?? [] }
            .compactMapValues(\.first)
        names.caseAction = Self.byRisk(map, "case_action", &problems) { $0.scalar.map { [$0.string] } ?? [] }
            .compactMapValues(\.first)
        names.callBack = Self.byRisk(map, "call_back", &problems) { $0.scalar.map { [$0.string] } ?? [] }
            .compactMapValues(\.first)
        names.riskReview = Self.byRisk(map, "risk_review", &problems) { $0.scalar.map { [$0.string] } ?? [] }
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
        let keys: Set = [
            "id", "stage", "title", "when", "then", "owner_level", "basis", "note", "lane", "select", "sets_aside",
            "set_by", "review",
        ]
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
        let condition = ConditionReader.condition(when, rule: map.rule, &problems)
        let targets = map.items("then").compactMap { Self.target($0, stage: stage, rule: map.rule, &problems) }
        let ownerLevel = map.word("owner_level", as: DivisionLevel.self, &problems)
        let basis = map.text("basis", &problems) ?? ""
        var rule = Rule(
            id: id, stage: stage, title: title, condition: condition, targets: targets, ownerLevel: ownerLevel,
            basis: basis, line: map.line)
        rule.note = map.text("note", &problems)
        rule.lane = map.word("lane", as: RuleLane.self, &problems)
        rule.selection = map["select"].flatMap { Self.selection($0, rule: map.rule, &problems) }
        rule.setsAside = Set(map.texts("sets_aside", &problems))
        rule.setBy = map.text("set_by", &problems)
        rule.review = map.text("review", &problems)
        return rule
    }

    private static func selection(
        _ node: Node, rule: String?, _ problems: inout [RuleProblem]
    ) -> AgencySelection? {
        guard let map = YAMLMap(node, rule: rule, keys: ["purposes", "services"], &problems) else { return nil }
        let purposes = map.codes("purposes", known: Purpose.known, &problems)
        let services = map.texts("services", &problems).map(AgencyServiceCode.init(rawValue:))
        if purposes.isEmpty || services.isEmpty {
            map.report(.missingKey, "select", "needs purposes and services", &problems)
        }
        return AgencySelection(purposes: Set(purposes), services: Set(services))
    }

    private static func target(
        _ node: Node, stage: RuleStage, rule: String?, _ problems: inout [RuleProblem]
    ) -> RuleTarget? {
        let keys: Set = [
            "agency_kind", "level", "purpose", "profile", "answer_clock", "outcome_clock", "consent", "legal_basis",
            "assignees", "hold_until_safe", "places",
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
        let places = map.words("places", as: PlaceRole.self, &problems)
        let target = RuleTarget(
            agencyKind: AgencyKind(rawValue: map.requiredText("agency_kind", &problems)), level: wanted ?? .lowest,
            purpose: Purpose(rawValue: map.requiredText("purpose", &problems)),
            profile: DisclosureProfileName(rawValue: map.requiredText("profile", &problems)),
            answerClock: ClockName(rawValue: map.requiredText("answer_clock", &problems)),
            outcomeClock: ClockName(rawValue: map.requiredText("outcome_clock", &problems)),
            consentRequired: consent == "required", legalBasis: map.text("legal_basis", &problems) ?? "",
            assignees: assignees, holdUntilSafe: map.flag("hold_until_safe", &problems) ?? false,
            places: places.isEmpty ? [.caseDivision] : places)
        return problems.count == before ? target : nil
    }
}
