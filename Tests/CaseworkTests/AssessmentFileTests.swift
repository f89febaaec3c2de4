import Casework
import Foundation
import Testing

/// Impact assessments as a file says them: what is wrong is named with its line and key, and then none is taken.
@Suite struct AssessmentFileTests {
    private static let fields: Set = ["division", "needs", "help_seeker.name"]
    private static let plain: [String: String] = [
        "reference": "2026-a", "subject": "disclosure", "title": "x",
        "discloses":
            "{ profile: legal_aid, fields: [division, needs], to: [{ agency_kinds: [court, police], purposes: [legal_aid] }] }",
        "assessed_by": "权益部", "assessed_on": "\"2026-11-01\"", "lawfulness": "l", "necessity": "n", "impact": "i",
        "risk": "low", "outcome": "approved", "document": "d",
    ]

    private static func yaml(_ change: [String: String?]) -> String {
        var map = Self.plain
        for (key, value) in change { map[key] = value }
        let lines = map.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "assessments:\n  - " + lines.joined(separator: "\n    ") + "\n"
    }

    @Test func aDisclosureIsAPairForEachKindAndPurpose() throws {
        let entry = try #require(try AssessmentFile(yaml: Self.yaml([:]), fields: Self.fields).entries.first)
        #expect(entry.disclosures.map(\.agencyKind) == [.court, .police])
        #expect(entry.disclosures.allSatisfy { $0.purpose == .legalAid && $0.fields == ["division", "needs"] })
        #expect(entry.assessedOn == LocalDate("2026-11-01") && entry.validUntil == nil && entry.processing == nil)
    }

    @Test func aProcessingCoversNoDisclosure() throws {
        let text = Self.yaml(["subject": "processing", "discloses": nil, "processing": "统计"])
        let entry = try #require(try AssessmentFile(yaml: text, fields: Self.fields).entries.first)
        #expect(entry.disclosures.isEmpty && entry.processing == "统计")
    }

    @Test(
        arguments: [
            (["reference": nil], "reference is missing"),
            (["reference": "A b"], "reference: must be 2 to 64"),
            (["reference": "-a"], "reference: must be 2 to 64"),
            (["subject": "gossip"], "subject: unknown word gossip"),
            (["title": "\"\""], "title: expected 1 to 200"),
            (["discloses": nil], "discloses: is missing"),
            (["subject": "processing"], "processing: is missing"),
            (["processing": "x"], "processing: belongs to subject processing"),
            (["subject": "processing", "processing": "x"], "discloses: belongs to subject disclosure"),
            (["discloses": "{ profile: all, fields: [division], to: [] }"], "profile: unknown word all"),
            (
                ["discloses": "{ profile: court, fields: [reporter.name], to: [] }"],
                "fields: no such field can be disclosed"
            ),
            (["discloses": "{ profile: court, fields: [division] }"], "to: is missing"),
            (
                [
                    "discloses":
                        "{ profile: court, fields: [division], to: [{ agency_kinds: [press], purposes: [petition] }] }"
                ], "agency_kinds: unknown word press"
            ),
            (
                [
                    "discloses":
                        "{ profile: court, fields: [division], to: [{ agency_kinds: [court, court], purposes: [petition] }] }"
                ], "court for petition is given twice"
            ),
            (["assessed_on": "soon"], "assessed_on: expected a day"),
            (["assessed_on": nil], "assessed_on: is missing"),
            (["valid_until": "\"2026-10-31\""], "valid_until: is before assessed_on"),
            (["lawfulness": nil], "lawfulness is missing"),
            (["risk": "high"], "measures: are missing"),
            (["outcome": "perhaps"], "outcome: unknown word perhaps"),
            (["document_sha256": "abc"], "document_sha256: expected 64 digits"),
            (["measures": "{ a: b }"], "measures: expected texts"),
            (["her_name": "x"], "unknown key her_name"),
        ] as [([String: String?], String)])
    func aWrongFileNamesTheKey(change: [String: String?], why: String) {
        let error = #expect(throws: RuleSetError.self) {
            try AssessmentFile(yaml: Self.yaml(change), fields: Self.fields)
        }
        let text = error?.problems.map(\.description).joined(separator: "\n") ?? ""
        #expect(text.contains(why) && text.contains("line "), "\(text)")
    }

    @Test(arguments: ["assessments: []", "assessments: [", "{}", "assessments: [x]"])
    func whatIsNoListOfAssessmentsIsRefused(text: String) {
        #expect(throws: RuleSetError.self) { try AssessmentFile(yaml: text, fields: Self.fields) }
    }

    @Test func aReferenceIsGivenOnce() {
        let entry = Self.yaml([:]).replacingOccurrences(of: "assessments:\n", with: "")
        let error = #expect(throws: RuleSetError.self) {
            try AssessmentFile(yaml: "assessments:\n\(entry)\(entry)", fields: Self.fields)
        }
        #expect(error?.description.contains("reference: is given twice") == true)
    }

    @Test func whatIsWiderIsFound() {
        func one(_ kind: AgencyKind, _ fields: String...) -> RuleDisclosure {
            RuleDisclosure(agencyKind: kind, purpose: .legalAid, profile: .legalAid, fields: fields)
        }
        let now = [one(.court, "a", "b"), one(.police, "a")]
        #expect([one(.court, "b"), one(.police, "a")].beyond(now).isEmpty)
        #expect([one(.court, "a", "c")].beyond(now) == [one(.court, "a", "c")])
        #expect([one(.shelter, "a")].beyond(now) == [one(.shelter, "a")])
    }
}
