import Casework
import Foundation
import Testing

@Suite struct RuleSetDiffTests {
    private func diff(_ old: String, _ new: String) throws -> [RuleSetDiff.Change] {
        let text = try Deployment.text("rules/network.yaml")
        #expect(text.contains(old))
        return RuleSetDiff(
            from: try RuleSet(yaml: text), to: try RuleSet(yaml: text.replacingOccurrences(of: old, with: new))
        ).changes
    }

    @Test func theSameRulesDoNotDiffer() throws {
        let rules = try Deployment.ruleSet()
        #expect(RuleSetDiff(from: rules, to: rules).isEmpty)
    }

    @Test func aChangedConditionIsShownByACaseItDecidesOtherwise() throws {
        let changes = try self.diff("when: { breaches_at_least: 2 }", "when: { breaches_at_least: 3 }")
        #expect(changes.map(\.subject) == ["rule jurisdiction-breach-supervision"])
        #expect(changes.first?.what == ["when"])
        #expect(changes.first?.example?.contains("breaches: 2") == true)
        #expect(changes.first?.before.contains { $0.contains("督促处理意见") } == true)
    }

    @Test func aRemovedRuleIsShownByWhatItsCasesLose() throws {
        let text = try Deployment.text("rules/network.yaml")
        let start = try #require(text.range(of: "  - id: jurisdiction-lawsuit-support"))
        let end = try #require(text.range(of: "  - id: jurisdiction-divorce-barred"))
        let removed = String(text[..<start.lowerBound]) + String(text[end.lowerBound...])
        let changes = RuleSetDiff(from: try RuleSet(yaml: text), to: try RuleSet(yaml: removed)).changes
        #expect(changes.map(\.kind) == [.removed])
        #expect(changes.first?.example?.contains("needs: [lawsuit_support]") == true)
        #expect(changes.first?.description.hasPrefix("- rule jurisdiction-lawsuit-support") == true)
    }

    @Test func aClockSaysHowLongItWasAndIs() throws {
        let changes = try self.diff("police_outcome: { duration: P7D", "police_outcome: { duration: P5D")
        #expect(changes.map(\.subject) == ["clock police_outcome"])
        #expect(changes.first?.what == ["P7D → P5D"])
    }
}
