public import FoundationEssentials
import Yams

/// An agency as a file describes it, before it has an id.
public struct AgencyEntry: Hashable, Sendable {
    public let code: String
    public let kind: AgencyKind
    public let name: String
    public let division: DivisionCode
    public var services: Set<AgencyServiceCode> = []
    public var hours = AgencyHours.workingTime
    public var capacity: Int?
    public var status = AgencyStatus.active
    /// The code of the agency above it 上级机关; `nil` when nobody said.
    public var superior: String?

    public init(code: String, kind: AgencyKind, name: String, division: DivisionCode) {
        self.code = code
        self.kind = kind
        self.name = name
        self.division = division
    }

    /// The agency, once it has an id.
    public func agency(id: UUID) -> Agency {
        var agency = Agency(
            id: id, code: self.code, kind: self.kind, name: self.name, division: self.division, status: self.status)
        agency.services = self.services
        agency.hours = self.hours
        agency.capacity = self.capacity
        return agency
    }
}

/// What a reference worker of an agency does with its hand-overs in a demonstration.
public struct AgencyBehaviour: Hashable, Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        /// Accepts and then reports the outcome.
        case acceptComplete = "accept_complete"
        /// Rejects every hand-over.
        case reject
        /// Never leases anything.
        case silent
    }

    /// The agency's code.
    public let agency: String
    public let mode: Mode
    /// The outcome it reports.
    public let outcome: Outcome?
    /// Why it rejects.
    public let reason: RejectReason?
    /// The kind it names instead when it rejects.
    public let suggestedKind: AgencyKind?
}

/// A file of agencies: patterns that give every division of a level one agency of a kind, agencies of their own, and, for
/// demonstrations, what their reference workers do.
public struct AgencyFile: Sendable {
    struct Pattern: Sendable {
        let kind: AgencyKind
        /// Appended to the division's code.
        let slug: String
        let hours: AgencyHours
        /// By level: a name in which `{name}` stands for the division's.
        let names: [DivisionLevel: String]
    }

    let patterns: [Pattern]
    let explicit: [AgencyEntry]
    public let behaviours: [AgencyBehaviour]
    /// Agreements across divisions.
    public let alliances: [Alliance]

    /// Reads `patterns`, `agencies`, `alliances` and `workers` from YAML. Throws with every problem, each with its line.
    public init(yaml text: String) throws(RuleSetError) {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(of: text, keys: ["patterns", "agencies", "alliances", "workers"], &problems)
        self.patterns = top.items("patterns").compactMap { Self.pattern($0, &problems) }
        self.explicit = top.items("agencies").compactMap { Self.agency($0, &problems) }
        self.behaviours = top.items("workers").compactMap { Self.behaviour($0, &problems) }
        self.alliances = top.items("alliances").compactMap { Self.alliance($0, &problems) }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
    }

    private static func pattern(_ node: Node, _ problems: inout [RuleProblem]) -> Pattern? {
        guard let map = YAMLMap(node, keys: ["kind", "slug", "names", "hours"], &problems) else { return nil }
        let kind = AgencyKind(rawValue: map.requiredText("kind", &problems))
        let slug = map.requiredText("slug", &problems)
        let levels = Set(DivisionLevel.allCases.map(\.rawValue))
        var names: [DivisionLevel: String] = [:]
        if let node = map["names"], let byLevel = YAMLMap(node, keys: levels, &problems) {
            for level in DivisionLevel.allCases {
                names[level] = byLevel.text(level.rawValue, &problems)
            }
        }
        if names.isEmpty {
            map.report(.missingKey, "names", "must have a name for at least one level", &problems)
        }
        return Pattern(
            kind: kind, slug: slug, hours: map.word("hours", as: AgencyHours.self, &problems) ?? .workingTime,
            names: names)
    }

    private static func agency(_ node: Node, _ problems: inout [RuleProblem]) -> AgencyEntry? {
        guard let map = YAMLMap(node, keys: Self.agencyKeys, &problems) else { return nil }
        let code = map.requiredText("code", &problems)
        if !Agency.isWellFormed(code: code) {
            map.report(.shape, "code", "must be a slug of a-z, 0-9 and hyphens", &problems)
        }
        let kind = AgencyKind(rawValue: map.requiredText("kind", &problems))
        if !kind.isWellFormed {
            map.report(.unknownWord, "kind", "must be a word of a-z, 0-9 and _", &problems)
        }
        let name = map.requiredText("name", &problems)
        guard let division = DivisionCode(map.requiredText("division", &problems)) else {
            map.report(.shape, "division", "must be a division code in quotes", &problems)
            return nil
        }
        var entry = AgencyEntry(code: code, kind: kind, name: name, division: division)
        entry.services = Set(map.texts("services", &problems).map(AgencyServiceCode.init(rawValue:)))
        if !entry.services.allSatisfy(\.isWellFormed) {
            map.report(.unknownWord, "services", "must be words of a-z, 0-9 and _", &problems)
        }
        entry.hours = map.word("hours", as: AgencyHours.self, &problems) ?? .workingTime
        entry.capacity = map.number("capacity", &problems)
        entry.status = map.word("status", as: AgencyStatus.self, &problems) ?? .active
        entry.superior = map.text("superior", &problems)
        return entry
    }

    private static let agencyKeys: Set = [
        "code", "kind", "name", "division", "services", "hours", "capacity", "status", "superior",
    ]

    private static func alliance(_ node: Node, _ problems: inout [RuleProblem]) -> Alliance? {
        let keys: Set = ["code", "name", "members", "purposes", "from", "until", "basis"]
        guard let map = YAMLMap(node, keys: keys, &problems) else { return nil }
        let before = problems.count
        let members = map.words("members", as: DivisionCode.self, &problems)
        if Set(members).count < 2 { map.report(.shape, "members", "needs at least two divisions", &problems) }
        let purposes = map.codes("purposes", known: Purpose.known, &problems)
        if purposes.isEmpty { map.report(.missingKey, "purposes", "is missing", &problems) }
        let from = LocalDate(map.requiredText("from", &problems))
        if from == nil { map.report(.shape, "from", "expected a day as YYYY-MM-DD", &problems) }
        let until = map.text("until", &problems)
        if let until, LocalDate(until) == nil { map.report(.shape, "until", "expected a day as YYYY-MM-DD", &problems) }
        let alliance = Alliance(
            code: map.requiredText("code", &problems), name: map.requiredText("name", &problems), members: members,
            purposes: Set(purposes), from: from ?? LocalDate(dayNumber: 0), until: until.flatMap { LocalDate($0) },
            basis: map.requiredText("basis", &problems))
        return problems.count == before ? alliance : nil
    }

    private static func behaviour(_ node: Node, _ problems: inout [RuleProblem]) -> AgencyBehaviour? {
        let keys: Set = ["agency", "behaviour", "outcome", "reason", "suggested_kind"]
        guard let map = YAMLMap(node, keys: keys, &problems) else { return nil }
        let agency = map.requiredText("agency", &problems)
        _ = map.requiredText("behaviour", &problems)
        guard let mode = map.word("behaviour", as: AgencyBehaviour.Mode.self, &problems) else { return nil }
        let outcome = map.word("outcome", as: Outcome.self, &problems)
        let reason = map.word("reason", as: RejectReason.self, &problems)
        switch mode {
        case .acceptComplete where outcome == nil:
            map.report(.missingKey, "outcome", "is required for accept_complete", &problems)
        case .reject where reason == nil:
            map.report(.missingKey, "reason", "is required for reject", &problems)
        case .acceptComplete, .reject, .silent:
            break
        }
        return AgencyBehaviour(
            agency: agency, mode: mode, outcome: outcome, reason: reason,
            suggestedKind: map.text("suggested_kind", &problems).map(AgencyKind.init(rawValue:)))
    }

    /// Every agency the file gives for these divisions, wider levels first. One of its own replaces the pattern's of the
    /// same code. Throws when an agency lies in no division or a code is used twice.
    public func agencies(in divisions: DivisionTree) throws(RuleSetError) -> [AgencyEntry] {
        var problems: [RuleProblem] = []
        var byCode: [String: AgencyEntry] = [:]
        for entry in self.explicit {
            if !divisions.contains(entry.division) {
                problems.append(
                    RuleProblem(
                        code: .unknownWord, rule: nil, line: 0,
                        message: "agency \(entry.code): no division \(entry.division)"))
            }
            if byCode.updateValue(entry, forKey: entry.code) != nil {
                problems.append(
                    RuleProblem(code: .duplicateID, rule: nil, line: 0, message: "agency \(entry.code) is given twice"))
            }
        }
        for behaviour in self.behaviours where !self.gives(behaviour.agency, byCode, in: divisions) {
            problems.append(
                RuleProblem(
                    code: .unknownWord, rule: nil, line: 0, message: "workers: no agency \(behaviour.agency)"))
        }
        for entry in byCode.values.sorted(by: { $0.code < $1.code }) {
            guard let superior = entry.superior, !self.gives(superior, byCode, in: divisions) else { continue }
            problems.append(
                RuleProblem(
                    code: .unknownWord, rule: nil, line: 0,
                    message: "agency \(entry.code): no agency \(superior) to be above it"))
        }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        for division in divisions.divisions {
            for pattern in self.patterns {
                guard let name = pattern.names[division.level] else { continue }
                let code = "\(division.code)-\(pattern.slug)"
                guard byCode[code] == nil else { continue }
                var entry = AgencyEntry(
                    code: code, kind: pattern.kind,
                    name: name.split(separator: "{name}", omittingEmptySubsequences: false)
                        .joined(separator: division.name), division: division.code)
                entry.hours = pattern.hours
                byCode[code] = entry
            }
        }
        return byCode.values.sorted { ($0.division.level, $0.code) < ($1.division.level, $1.code) }
    }

    private func gives(_ code: String, _ explicit: [String: AgencyEntry], in divisions: DivisionTree) -> Bool {
        if explicit[code] != nil { return true }
        guard let dash = code.firstIndex(of: "-"), let division = DivisionCode(String(code[..<dash])),
            let level = divisions[division]?.level
        else { return false }
        let slug = code[code.index(after: dash)...]
        return self.patterns.contains { $0.slug == slug && $0.names[level] != nil }
    }
}

extension AgencyFile {
    /// The agencies of several files: one that a later file gives again replaces the earlier one's. Throws like
    /// ``agencies(in:)``.
    public static func agencies(
        of files: some Sequence<AgencyFile>, in divisions: DivisionTree
    ) throws(RuleSetError) -> [AgencyEntry] {
        var byCode: [String: AgencyEntry] = [:]
        for file in files {
            for entry in try file.agencies(in: divisions) { byCode[entry.code] = entry }
        }
        return byCode.values.sorted { ($0.division.level, $0.code) < ($1.division.level, $1.code) }
    }
}
