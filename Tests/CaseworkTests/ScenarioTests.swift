import Casework
import Foundation
import TestSupport
import Testing

/// The scenario files beside the rules: what a lawyer reads, held to what the rules do.
@Suite struct ScenarioTests {
    private static let folder = Deployment.folder.appending(path: "rules/scenarios")
    static let update = ProcessInfo.processInfo.environment["DANDELION_UPDATE_RULES"] == "1"
    private static let hint =
        "DANDELION_UPDATE_RULES=1 ./deploy/local/test --filter ScenarioTests, then review the diff"

    /// By file name, which begins with the row of the coverage table: `4-07-protection-order`.
    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? [])
        .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

    private static let rules = Result { try Deployment.ruleSet() }
    private static let network = Result { try Self.makeNetwork() }

    private static func makeNetwork() throws -> ScenarioNetwork {
        let divisions = try Deployment.divisions()
        let files = try ["demo/agencies.yaml", "rules/scenario-agencies.yaml"].map {
            try AgencyFile(yaml: try Deployment.text($0))
        }
        var generator = SplitMix(seed: 21)
        let agencies = try AgencyFile.agencies(of: files, in: divisions).map {
            $0.agency(id: .random(using: &generator))
        }
        let calendar = try HolidayCalendar(csv: try Deployment.text("data/holidays.csv"))
        return ScenarioNetwork(
            directory: AgencyDirectory(agencies, alliances: files.flatMap(\.alliances), calendar: calendar),
            calendar: calendar)
    }

    @Test(arguments: names)
    func theRulesDoWhatTheRowAsks(_ name: String) throws {
        let file = Self.folder.appending(path: "\(name).yaml")
        let written = try String(contentsOf: file, encoding: .utf8)
        let scenario = try RuleScenario(yaml: written)
        #expect(name.hasPrefix("\(scenario.row)-"), "the file's name does not begin with its row \(scenario.row)")
        let text = scenario.text(try Self.rules.get(), in: try Self.network.get())
        if Self.update {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(Self.update || written == text, "\(Self.hint)\n\(text)")
        #expect(!text.contains("- nothing:"), "a step of the scenario does not fit")
    }

    @Test func everyRowIsCoveredAndTheTableSaysSo() throws {
        let coverage = RuleCoverage(
            rows: try RuleCoverage.rows(csv: try Deployment.text("rules/rows.csv")),
            scenarios: try Self.names.map { name in
                (name, try RuleScenario(yaml: try Deployment.text("rules/scenarios/\(name).yaml")))
            })
        #expect(coverage.problems == [])
        let file = Deployment.folder.appending(path: "rules/coverage.md")
        if Self.update {
            try coverage.markdown.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == coverage.markdown, "\(Self.hint)")
    }

    /// No rule is in the set without a scenario that shows it.
    @Test func everyRuleIsShownByAScenario() throws {
        let rules = try Deployment.ruleSet()
        var shown: Set<String> = []
        for name in Self.names {
            let scenario = try RuleScenario(yaml: try Deployment.text("rules/scenarios/\(name).yaml"))
            shown.formUnion(rules.matchingRuleIDs(scenario.facts, at: scenario.now))
        }
        let hidden = Set(rules.rules.map(\.id)).subtracting(shown)
        #expect(hidden == [], "no scenario shows these rules")
    }

    @Test func theEditorsSchemaIsTheReadersLanguage() throws {
        let file = Deployment.folder.appending(path: "rules/rules.schema.json")
        if Self.update {
            try RuleSetSchema.text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == RuleSetSchema.text, "\(Self.hint)")
        let schema = try JSONSerialization.jsonObject(with: Data(RuleSetSchema.text.utf8)) as? [String: Any]
        let condition = ((schema?["$defs"] as? [String: Any])?["condition"] as? [String: Any])?["properties"]
        #expect((condition as? [String: Any])?.count == 22)
    }

    @Test func aScenarioOfAnotherShapeIsRefusedWithItsLine() {
        let error = #expect(throws: RuleSetError.self) {
            try RuleScenario(
                yaml: "row: 4-01\ntitle: x\nsays: y\nnow: soon\ncase: { division: \"150104\", riks: low }\n")
        }
        #expect(error?.problems.contains { $0.line == 4 && $0.code == .shape } == true)
        #expect(error?.problems.contains { $0.line == 5 && $0.code == .unknownKey } == true)
    }
}
