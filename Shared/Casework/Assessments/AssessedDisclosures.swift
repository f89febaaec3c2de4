/// What an assessment of a disclosure says under `discloses`: a profile, its fields, and to whom for what.
enum AssessedDisclosures {
    /// Empty when the key is missing or wrong; the problems are recorded.
    static func read(_ map: YAMLMap, fields known: Set<String>, _ problems: inout [RuleProblem]) -> [RuleDisclosure] {
        guard let node = map["discloses"],
            let discloses = YAMLMap(node, keys: ["profile", "fields", "to"], &problems)
        else { return [] }
        for key in ["profile", "fields", "to"] where discloses[key] == nil {
            discloses.report(.missingKey, key, "is missing", &problems)
        }
        let profile = discloses["profile"].flatMap { _ in
            discloses.codes("profile", known: DisclosureProfileName.known, &problems).first
        }
        let fields = discloses.texts("fields", &problems)
        for field in fields where !known.contains(field) {
            discloses.report(.unknownWord, "fields", "no such field can be disclosed: \(field)", &problems)
        }
        var found: [RuleDisclosure] = []
        var pairs: Set<[String]> = []
        for item in discloses.items("to") {
            guard let to = YAMLMap(item, keys: ["agency_kinds", "purposes"], &problems) else { continue }
            for key in ["agency_kinds", "purposes"] where to[key] == nil {
                to.report(.missingKey, key, "is missing", &problems)
            }
            let kinds = to.codes("agency_kinds", known: AgencyKind.known, &problems)
            let purposes = to.codes("purposes", known: Purpose.known, &problems)
            for kind in kinds {
                for purpose in purposes {
                    if !pairs.insert([kind.rawValue, purpose.rawValue]).inserted {
                        to.report(.duplicateID, "purposes", "\(kind) for \(purpose) is given twice", &problems)
                    }
                    if let profile {
                        found.append(
                            RuleDisclosure(agencyKind: kind, purpose: purpose, profile: profile, fields: fields))
                    }
                }
            }
        }
        return found.sorted()
    }
}
