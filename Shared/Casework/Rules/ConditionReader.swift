import Yams

/// Reads the `when` of a rule.
enum ConditionReader {
    /// Every key of a condition, in the order they are documented.
    static let keys = [
        "always", "categories", "needs", "channels", "division_levels", "owner_levels", "within", "risk_at_least",
        "risk_at_most", "risk_items", "flags", "not_flags", "people", "minor_signs", "outcomes", "handling_organs",
        "consents", "deadlines", "breaches_at_least", "all", "any", "none",
    ]

    static func condition(_ node: Node, rule: String?, _ problems: inout [RuleProblem]) -> RuleCondition {
        var condition = RuleCondition()
        guard let map = YAMLMap(node, rule: rule, keys: Set(Self.keys), &problems) else { return condition }
        condition.always = map.flag("always", &problems) ?? false
        condition.categories = Set(map.words("categories", as: Category.self, &problems))
        condition.needs = Set(map.words("needs", as: Need.self, &problems))
        condition.channels = Set(map.words("channels", as: IntakeChannel.self, &problems))
        condition.divisionLevels = Set(map.words("division_levels", as: DivisionLevel.self, &problems))
        condition.ownerLevels = Set(map.words("owner_levels", as: DivisionLevel.self, &problems))
        condition.within = Set(map.words("within", as: DivisionCode.self, &problems))
        condition.riskAtLeast = map.word("risk_at_least", as: RiskLevel.self, &problems)
        condition.riskAtMost = map.word("risk_at_most", as: RiskLevel.self, &problems)
        condition.anyRiskItem = Set(map.words("risk_items", as: RiskItem.self, &problems))
        condition.flags = Set(map.words("flags", as: CaseFlag.self, &problems))
        condition.withoutFlags = Set(map.words("not_flags", as: CaseFlag.self, &problems))
        condition.people = Set(map.words("people", as: PersonFact.self, &problems))
        condition.minorSigns = Set(map.words("minor_signs", as: MinorSign.self, &problems))
        condition.outcomes = Set(map.words("outcomes", as: Outcome.self, &problems))
        condition.handlingOrgans = Set(map.words("handling_organs", as: HandlingOrgan.self, &problems))
        condition.consents = Set(map.items("consents").compactMap { Self.consent($0, rule: rule, &problems) })
        condition.deadlines = Self.deadlines(map, &problems)
        condition.breachesAtLeast = map.number("breaches_at_least", &problems)
        condition.all = map.items("all").map { Self.condition($0, rule: rule, &problems) }
        condition.any = map.items("any").map { Self.condition($0, rule: rule, &problems) }
        condition.none = map.items("none").map { Self.condition($0, rule: rule, &problems) }
        return condition
    }

    private static func consent(
        _ node: Node, rule: String?, _ problems: inout [RuleProblem]
    ) -> ConsentCondition? {
        let keys: Set = ["agency_kind", "purpose", "answers"]
        guard let map = YAMLMap(node, rule: rule, keys: keys, &problems) else { return nil }
        let answers = map.words("answers", as: ConsentAnswer.self, &problems)
        if answers.isEmpty { map.report(.missingKey, "answers", "is missing", &problems) }
        return ConsentCondition(
            agencyKind: AgencyKind(rawValue: map.requiredText("agency_kind", &problems)),
            purpose: Purpose(rawValue: map.requiredText("purpose", &problems)), answers: Set(answers))
    }

    /// `{ limitation: P7D }`: at most so many days ahead.
    private static func deadlines(_ map: YAMLMap, _ problems: inout [RuleProblem]) -> [DeadlineKind: Int] {
        let kinds = Set(DeadlineKind.allCases.map(\.rawValue))
        guard let node = map["deadlines"], let byKind = YAMLMap(node, rule: map.rule, keys: kinds, &problems) else {
            return [:]
        }
        var deadlines: [DeadlineKind: Int] = [:]
        for kind in DeadlineKind.allCases {
            switch byKind.duration(kind.rawValue, &problems) {
            case .calendarDays(let days): deadlines[kind] = days
            case nil: continue
            case .elapsed, .workingDays:
                byKind.report(.shape, kind.rawValue, "expected calendar days like P7D", &problems)
            }
        }
        return deadlines
    }
}
