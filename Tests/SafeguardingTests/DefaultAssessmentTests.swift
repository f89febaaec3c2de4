import Casework
import Foundation
import Safeguarding
import Testing

/// The assessments that come with the rules speak of what the rules and the profiles of this program disclose: no less, or
/// nothing could be put in force, and no more, or they would approve what nobody asked for.
@Suite struct DefaultAssessmentTests {
    private static func file(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "deploy/rules/\(name)"), encoding: .utf8)
    }

    @Test func theyCoverTheRulesExactly() throws {
        let rules = try RuleSet(yaml: try Self.file("network.yaml")).disclosures()
        let assessed = try AssessmentFile(
            yaml: try Self.file("assessments.yaml"), fields: DisclosureField.disclosableNames
        ).entries.flatMap(\.disclosures)
        #expect(Set(rules).subtracting(assessed) == [], "the rules disclose it, nobody assessed it")
        #expect(Set(assessed).subtracting(rules) == [], "assessed, and not what the rules disclose")
        #expect(rules.count == assessed.count && rules.count > 40)
    }

    @Test func whatIsNeverDisclosedCannotBeAssessed() {
        let names = DisclosureField.disclosableNames
        #expect(!names.contains("shelter_location"))
        #expect(!names.contains { $0.hasPrefix("reporter.") || $0.hasPrefix("witness.") })
        #expect(DisclosureProfile.all.flatMap(\.fields).allSatisfy { names.contains($0.name) })
    }
}
