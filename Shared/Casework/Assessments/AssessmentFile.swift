/// A file of impact assessments, as `dandelion assessments record` takes it.
public struct AssessmentFile: Sendable {
    public let entries: [ImpactAssessment]

    /// Reads `assessments` from YAML. Throws with every problem, each with its line and key.
    /// - Parameter fields: the names of all fields that can be disclosed.
    public init(yaml text: String, fields: Set<String>) throws(RuleSetError) {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(of: text, keys: ["assessments"], &problems)
        var entries: [ImpactAssessment] = []
        var seen: Set<String> = []
        for node in top.items("assessments") {
            guard let map = YAMLMap(node, keys: Self.keys, &problems) else { continue }
            let before = problems.count
            let entry = Self.entry(map, fields: fields, &problems)
            guard problems.count == before, let entry else { continue }
            if !seen.insert(entry.reference).inserted {
                map.report(.duplicateID, "reference", "is given twice", &problems)
            }
            entries.append(entry)
        }
        if entries.isEmpty, problems.isEmpty {
            problems.append(
                RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "assessments is missing or empty"))
        }
        guard problems.isEmpty else { throw RuleSetError(problems: problems) }
        self.entries = entries
    }

    private static let keys: Set = [
        "reference", "subject", "title", "discloses", "processing", "assessed_by", "assessed_on", "valid_until",
        "lawfulness", "necessity", "impact", "risk", "measures", "outcome", "document", "document_sha256",
    ]

    private static func entry(
        _ map: YAMLMap, fields: Set<String>, _ problems: inout [RuleProblem]
    ) -> ImpactAssessment? {
        let reference = self.reference(map, &problems)
        let subject = Self.word("subject", map, as: ImpactAssessment.Subject.self, &problems)
        let risk = Self.word("risk", map, as: ImpactAssessment.Risk.self, &problems)
        let outcome = Self.word("outcome", map, as: ImpactAssessment.Outcome.self, &problems)
        let assessedOn = Self.day("assessed_on", map, &problems)
        if map["assessed_on"] == nil { map.report(.missingKey, "assessed_on", "is missing", &problems) }
        let validUntil = Self.day("valid_until", map, &problems)
        if let assessedOn, let validUntil, validUntil < assessedOn {
            map.report(.shape, "valid_until", "is before assessed_on", &problems)
        }
        let measures = map.texts("measures", &problems)
        for measure in measures where measure.count > 1000 {
            map.report(.shape, "measures", "one is longer than 1000 characters", &problems)
        }
        if measures.isEmpty, outcome == .approved, let risk, risk != .low {
            map.report(
                .missingKey, "measures", "are missing: nothing with a \(risk) risk is approved as it is", &problems)
        }
        let processing = map["processing"].map { _ in Self.text("processing", map, 4000, &problems) }
        let disclosures = AssessedDisclosures.read(map, fields: fields, &problems)
        switch subject {
        case .disclosure where map["discloses"] == nil:
            map.report(.missingKey, "discloses", "is missing", &problems)
        case .disclosure where processing != nil:
            map.report(.conflict, "processing", "belongs to subject processing", &problems)
        case .processing where processing == nil:
            map.report(.missingKey, "processing", "is missing", &problems)
        case .processing where map["discloses"] != nil:
            map.report(.conflict, "discloses", "belongs to subject disclosure", &problems)
        case .disclosure, .processing, nil: break
        }
        let before = problems.count
        let texts = [
            "title": 200, "assessed_by": 200, "lawfulness": 4000, "necessity": 4000, "impact": 4000,
            "document": 400,
        ]
        let read = Dictionary(
            uniqueKeysWithValues: texts.keys.sorted().map { key in
                (key, Self.text(key, map, texts[key] ?? 0, &problems))
            })
        let hash = Self.hash(map, &problems)
        guard problems.count == before, let subject, let risk, let outcome, let assessedOn else { return nil }
        return ImpactAssessment(
            reference: reference, subject: subject, title: read["title"] ?? "", processing: processing,
            assessedBy: read["assessed_by"] ?? "", assessedOn: assessedOn, validUntil: validUntil,
            lawfulness: read["lawfulness"] ?? "", necessity: read["necessity"] ?? "", impact: read["impact"] ?? "",
            risk: risk, measures: measures, outcome: outcome, document: read["document"] ?? "", documentSHA256: hash,
            disclosures: disclosures)
    }

    private static func reference(_ map: YAMLMap, _ problems: inout [RuleProblem]) -> String {
        let before = problems.count
        let text = map.requiredText("reference", &problems)
        let plain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
        }
        let ends = [text.utf8.first, text.utf8.last].allSatisfy { $0.map { !"._-".utf8.contains($0) } == true }
        if problems.count == before, !plain || !ends || !(2...64).contains(text.utf8.count) {
            map.report(.shape, "reference", "must be 2 to 64 of a-z, 0-9, '.', '_' and '-'", &problems)
        }
        return text
    }

    private static func text(_ key: String, _ map: YAMLMap, _ most: Int, _ problems: inout [RuleProblem]) -> String {
        let before = problems.count
        let text = map.requiredText(key, &problems)
        if problems.count == before, !(1...most).contains(text.unicodeScalars.count) {
            map.report(.shape, key, "expected 1 to \(most) characters", &problems)
        }
        return text
    }

    private static func word<Word: RawRepresentable<String>>(
        _ key: String, _ map: YAMLMap, as type: Word.Type, _ problems: inout [RuleProblem]
    ) -> Word? {
        if map[key] == nil { map.report(.missingKey, key, "is missing", &problems) }
        return map.word(key, as: type, &problems)
    }

    private static func day(_ key: String, _ map: YAMLMap, _ problems: inout [RuleProblem]) -> LocalDate? {
        guard let text = map.text(key, &problems) else { return nil }
        guard let day = LocalDate(text) else {
            map.report(.shape, key, "expected a day, as \"YYYY-MM-DD\"", &problems)
            return nil
        }
        return day
    }

    private static func hash(_ map: YAMLMap, _ problems: inout [RuleProblem]) -> String? {
        guard let text = map.text("document_sha256", &problems) else { return nil }
        guard text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            map.report(.shape, "document_sha256", "expected 64 digits of 0-9 and a-f", &problems)
            return nil
        }
        return text
    }
}
