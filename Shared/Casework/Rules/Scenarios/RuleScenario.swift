public import FoundationEssentials
import Yams

/// A case written down for review: what is known of it, and what the rules make of it. Lawyers read these files; a test
/// holds the rules to them.
public struct RuleScenario: Sendable {
    /// Something that happens to a referral after the first decision.
    public struct Step: Hashable, Sendable {
        public enum Event: String, Sendable, CaseIterable {
            case rejected
            case unanswered
            case failed
        }

        public let agencyKind: AgencyKind
        public let purpose: Purpose
        public let event: Event
        public let suggested: AgencyKind?
    }

    /// Something that happens to the case and starts a time.
    public struct Occurrence: Hashable, Sendable {
        public let kind: MilestoneKind
        public let until: LocalDate?
    }

    /// The row of the coverage table, such as `4-07`.
    public let row: String
    public let title: String
    /// What the row asks, in Chinese.
    public let says: String
    /// When the decision is made.
    public let now: Date
    public let facts: CaseFacts
    public let steps: [Step]
    public let occurrences: [Occurrence]
    /// The file up to and including the case, as it was written.
    let given: String

    /// The line behind which a file says what is expected; what stands there is written by ``text(_:)``.
    static let expectation = "expect:"

    /// Reads a scenario. Throws with every problem, each with its line.
    public init(yaml text: String) throws(RuleSetError) {
        var given: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == Self.expectation { break }
            given.append(line)
        }
        while given.last?.isEmpty == true { given.removeLast() }
        self.given = given.joined(separator: "\n")

        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(
            of: self.given, keys: ["row", "title", "says", "now", "case", "steps", "milestones"], &problems)
        self.row = top.requiredText("row", &problems)
        self.title = top.requiredText("title", &problems)
        self.says = top.requiredText("says", &problems)
        self.now = Self.instant(top, &problems)
        self.facts = Self.facts(top, now: self.now, &problems)
        self.steps = top.items("steps").compactMap { Self.step($0, &problems) }
        self.occurrences = top.items("milestones").compactMap { Self.occurrence($0, &problems) }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
    }

    /// `2026-11-23 10:00` in Beijing.
    private static func instant(_ top: YAMLMap, _ problems: inout [RuleProblem]) -> Date {
        let text = top.requiredText("now", &problems)
        let parts = text.split(separator: " ")
        guard parts.count == 2, let day = LocalDate(String(parts[0])), let time = LocalTime(String(parts[1])) else {
            top.report(.shape, "now", "expected a time like 2026-11-23 10:00", &problems)
            return Date(timeIntervalSince1970: 0)
        }
        return day.startInBeijing.addingTimeInterval(Double(time.minuteOfDay) * 60)
    }

    private static func step(_ node: Node, _ problems: inout [RuleProblem]) -> Step? {
        let keys: Set = ["agency_kind", "purpose", "event", "suggested"]
        guard let map = YAMLMap(node, keys: keys, &problems) else { return nil }
        let kind = map.requiredText("agency_kind", &problems)
        let purpose = map.requiredText("purpose", &problems)
        guard let event = map.word("event", as: Step.Event.self, &problems) else {
            map.report(.missingKey, "event", "expected rejected, unanswered or failed", &problems)
            return nil
        }
        return Step(
            agencyKind: AgencyKind(rawValue: kind), purpose: Purpose(rawValue: purpose), event: event,
            suggested: map.text("suggested", &problems).map(AgencyKind.init(rawValue:)))
    }

    private static func occurrence(_ node: Node, _ problems: inout [RuleProblem]) -> Occurrence? {
        guard let map = YAMLMap(node, keys: ["kind", "until"], &problems) else { return nil }
        guard let kind = map.word("kind", as: MilestoneKind.self, &problems) else {
            map.report(.missingKey, "kind", "expected a milestone", &problems)
            return nil
        }
        let until = map.text("until", &problems)
        if let until, LocalDate(until) == nil { map.report(.shape, "until", "expected a day", &problems) }
        return Occurrence(kind: kind, until: until.flatMap { LocalDate($0) })
    }
}
