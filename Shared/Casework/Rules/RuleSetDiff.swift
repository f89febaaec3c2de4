import FoundationEssentials

/// What two rule sets do differently: which rules and clocks changed, each with a case that shows it where one does.
public struct RuleSetDiff: Sendable {
    public struct Change: Hashable, Sendable, Codable, CustomStringConvertible {
        public enum Kind: String, Sendable, Codable, CaseIterable {
            case added
            case removed
            case changed
        }

        public let kind: Kind
        /// `rule need-legal-aid` or `clock police_answer`.
        public let subject: String
        /// What of it changed.
        public let what: [String]
        /// A case that is decided otherwise, as a scenario file writes it.
        public let example: String?
        /// What the decision on that case loses and gains, in Chinese.
        public let before: [String]
        public let after: [String]

        public var description: String {
            let mark = ["added": "+", "removed": "-", "changed": "~"][self.kind.rawValue] ?? ""
            var lines = [
                "\(mark) \(self.subject)" + (self.what.isEmpty ? "" : ": " + self.what.joined(separator: "; "))
            ]
            if let example {
                lines.append("    for example the case { \(example) }")
                lines += self.before.map { "      - \($0)" } + self.after.map { "      + \($0)" }
            }
            return lines.joined(separator: "\n")
        }
    }

    public let changes: [Change]

    public init(from old: RuleSet, to new: RuleSet) {
        self.changes = Self.clockChanges(old, new) + Self.ruleChanges(old, new)
    }

    public var isEmpty: Bool { self.changes.isEmpty }

    private static func clockChanges(_ old: RuleSet, _ new: RuleSet) -> [Change] {
        let names = Set(old.clocks.keys).union(new.clocks.keys)
        var changes = names.sorted().compactMap { name -> Change? in
            let (before, after) = (old.clocks[name], new.clocks[name])
            guard before != after || old.clockLimits[name] != new.clockLimits[name] else { return nil }
            var what: [String] = []
            if let before, let after {
                if before.duration != after.duration { what.append("\(before.duration) → \(after.duration)") }
                if before.basis != after.basis { what.append("\(before.basis) → \(after.basis)") }
                if old.clockLimits[name] != new.clockLimits[name] { what.append("at_most") }
            } else if let one = after ?? before {
                what.append("\(one.duration), \(one.basis)")
            }
            return Self.plain(before == nil ? .added : after == nil ? .removed : .changed, "clock \(name)", what)
        }
        if old.caseClocks != new.caseClocks { changes.append(Self.plain(.changed, "case_clocks", [])) }
        if old.greenChannel != new.greenChannel { changes.append(Self.plain(.changed, "green_channel", [])) }
        if old.milestones != new.milestones { changes.append(Self.plain(.changed, "milestones", [])) }
        if old.changes != new.changes { changes.append(Self.plain(.changed, "clock_changes", [])) }
        return changes
    }

    private static func plain(_ kind: Change.Kind, _ subject: String, _ what: [String]) -> Change {
        Change(kind: kind, subject: subject, what: what, example: nil, before: [], after: [])
    }

    private static func ruleChanges(_ old: RuleSet, _ new: RuleSet) -> [Change] {
        let before = Dictionary(old.rules.map { ($0.id, $0) }) { first, _ in first }
        let after = Dictionary(new.rules.map { ($0.id, $0) }) { first, _ in first }
        return Set(before.keys).union(after.keys).sorted().compactMap { id in
            switch (before[id], after[id]) {
            case (let one?, nil): return Self.change(.removed, one, [], shownIn: old, old, new)
            case (nil, let two?): return Self.change(.added, two, [], shownIn: new, old, new)
            case (let one?, let two?):
                let what = Self.differences(one, two)
                return what.isEmpty ? nil : Self.change(.changed, two, what, shownIn: new, old, new)
            case (nil, nil): return nil
            }
        }
    }

    private static func differences(_ one: Rule, _ two: Rule) -> [String] {
        var what: [String] = []
        if one.stage != two.stage { what.append("stage \(one.stage.rawValue) → \(two.stage.rawValue)") }
        if one.title != two.title { what.append("title \(one.title) → \(two.title)") }
        if one.condition != two.condition { what.append("when") }
        if one.targets != two.targets { what.append("then") }
        if one.ownerLevel != two.ownerLevel { what.append("owner_level") }
        if one.note != two.note { what.append("note") }
        if one.lane != two.lane { what.append("lane") }
        if one.selection != two.selection { what.append("select") }
        if one.setsAside != two.setsAside { what.append("sets_aside") }
        if one.basis != two.basis { what.append("basis \(one.basis) → \(two.basis)") }
        if one.setBy != two.setBy { what.append("set_by") }
        if one.review != two.review { what.append("review") }
        return what
    }

    /// A case for which the rule takes effect, and how the two sets decide it; no example when they decide it alike.
    private static func change(
        _ kind: Change.Kind, _ rule: Rule, _ what: [String], shownIn set: RuleSet, _ old: RuleSet, _ new: RuleSet
    ) -> Change {
        let now = LocalDate(dayNumber: 20_454).startInBeijing
        guard var facts = Self.differingCase(rule.id, old, new, at: now) ?? Self.caseOf(rule.id, in: set, at: now)
        else {
            return Self.plain(kind, "rule \(rule.id)", what)
        }
        let example = facts.example(at: now)
        facts.consents += (old.rules + new.rules).flatMap(\.targets).map {
            Consent(agencyKinds: [$0.agencyKind], purpose: $0.purpose, status: .granted)
        }
        let directory = new.directoryOfEverything(for: facts, and: old)
        let before = old.decide(facts, directory: directory, now: now).explanation
        let after = new.decide(facts, directory: directory, now: now).explanation
        let lost = before.filter { !after.contains($0) }
        let gained = after.filter { !before.contains($0) }
        return Change(
            kind: kind, subject: "rule \(rule.id)", what: what, example: lost.isEmpty && gained.isEmpty ? nil : example,
            before: lost, after: gained)
    }

    /// A case for which a rule takes effect.
    private static func caseOf(_ id: String, in set: RuleSet, at now: Date) -> CaseFacts? {
        let space = InputSpace(set.compiled.vocabulary)
        return set.rules.firstIndex { $0.id == id }
            .flatMap { space.model(of: set.compiled.effective($0).formula(in: set.compiled.vocabulary)) }
            .map { space.facts($0, at: now) }
    }

    /// A case for which a rule of both sets holds in one and not in the other.
    private static func differingCase(_ id: String, _ old: RuleSet, _ new: RuleSet, at now: Date) -> CaseFacts? {
        guard let before = old.rules.first(where: { $0.id == id })?.condition,
            let after = new.rules.first(where: { $0.id == id })?.condition, before != after
        else { return nil }
        let vocabulary = FactVocabulary([before, after])
        let space = InputSpace(vocabulary)
        func holds(_ condition: RuleCondition, _ holds: Bool) -> InputFormula {
            condition.compiled(in: vocabulary).formula(holds, in: vocabulary)
        }
        let model =
            space.model(of: .all([holds(after, true), holds(before, false)]))
            ?? space.model(of: .all([holds(before, true), holds(after, false)]))
        return model.map { space.facts($0, at: now) }
    }
}
