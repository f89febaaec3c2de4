import FoundationEssentials
import Yams

extension RuleScenario {
    /// The facts under `case`.
    static func facts(_ top: YAMLMap, now: Date, _ problems: inout [RuleProblem]) -> CaseFacts {
        let keys: Set = [
            "channel", "division", "owner_level", "categories", "needs", "risk", "risk_items", "flags", "people",
            "minor_signs", "consents", "places", "deadlines", "handling_organ", "outcomes", "breaches",
        ]
        guard let node = top["case"], let map = YAMLMap(node, keys: keys, &problems),
            let division = map.word("division", as: DivisionCode.self, &problems)
        else {
            top.report(.missingKey, "case", "needs at least a division", &problems)
            return CaseFacts(channel: .hotline, division: .nowhere)
        }
        var facts = CaseFacts(channel: .hotline, division: division)
        facts.channel = map.word("channel", as: IntakeChannel.self, &problems) ?? .hotline
        facts.ownerLevel = map.word("owner_level", as: DivisionLevel.self, &problems) ?? division.level
        facts.categories = Set(map.codes("categories", known: Category.known, &problems))
        facts.needs = Set(map.codes("needs", known: Need.known, &problems))
        facts.riskItems = Set(map.words("risk_items", as: RiskItem.self, &problems))
        // The screening's level holds at least; the file may only raise it.
        facts.risk = RiskScreening(facts.riskItems).level(for: facts.categories)
            .raised(to: map.word("risk", as: RiskLevel.self, &problems) ?? .low)
        facts.flags = Set(map.words("flags", as: CaseFlag.self, &problems))
        facts.people = Set(map.words("people", as: PersonFact.self, &problems))
        facts.minorSigns = Set(map.words("minor_signs", as: MinorSign.self, &problems))
        facts.handlingOrgan = map.word("handling_organ", as: HandlingOrgan.self, &problems) ?? .none
        facts.outcomes = Set(map.words("outcomes", as: Outcome.self, &problems))
        facts.breaches = map.number("breaches", &problems) ?? 0
        facts.consents = map.items("consents").compactMap { Self.consent($0, now: now, &problems) }
        facts.places = Self.keyed(map, "places", PlaceRole.self, "a division", &problems) { DivisionCode($0) }
        facts.deadlines = Self.keyed(map, "deadlines", DeadlineKind.self, "a day", &problems) { LocalDate($0) }
        return facts
    }

    private static func consent(_ node: Node, now: Date, _ problems: inout [RuleProblem]) -> Consent? {
        guard let map = YAMLMap(node, keys: ["to", "purpose", "answer"], &problems) else { return nil }
        let kinds = map.texts("to", &problems).map(AgencyKind.init(rawValue:))
        let purpose = Purpose(rawValue: map.requiredText("purpose", &problems))
        let answer = map.word("answer", as: ConsentAnswer.self, &problems) ?? .granted
        switch answer {
        case .granted: return Consent(agencyKinds: kinds, purpose: purpose, status: .granted)
        case .expired: return Consent(agencyKinds: kinds, purpose: purpose, status: .granted, expiresAt: now)
        case .refused: return Consent(agencyKinds: kinds, purpose: purpose, status: .refused)
        case .withdrawn: return Consent(agencyKinds: kinds, purpose: purpose, status: .withdrawn)
        case .missing: return nil
        }
    }

    private static func keyed<Key: RawRepresentable<String> & CaseIterable & Hashable, Value>(
        _ map: YAMLMap, _ key: String, _ type: Key.Type, _ wanted: String, _ problems: inout [RuleProblem],
        _ read: (String) -> Value?
    ) -> [Key: Value] {
        guard let node = map[key],
            let entries = YAMLMap(node, keys: Set(Key.allCases.map(\.rawValue)), &problems)
        else { return [:] }
        var keyed: [Key: Value] = [:]
        for name in Key.allCases {
            guard let text = entries.text(name.rawValue, &problems) else { continue }
            guard let value = read(text) else {
                entries.report(.shape, name.rawValue, "expected \(wanted)", &problems)
                continue
            }
            keyed[name] = value
        }
        return keyed
    }
}
