import Yams

/// A member of staff as a file describes her.
public struct StaffEntry: Hashable, Sendable {
    public let member: StaffMember
    public let isActive: Bool

    public init(_ member: StaffMember, isActive: Bool = true) {
        self.member = member
        self.isActive = isActive
    }
}

/// A file of staff: opaque ids, roles, divisions, trainings with their last day, and how many cases each can have. It holds
/// no names.
public struct StaffFile: Sendable {
    public let entries: [StaffEntry]

    /// Reads `staff` from YAML. Throws with every problem, each with its line.
    public init(yaml text: String) throws(RuleSetError) {
        var problems: [RuleProblem] = []
        let top = try YAMLMap.top(of: text, keys: ["staff"], &problems)
        var entries: [StaffEntry] = []
        var seen: Set<StaffID> = []
        for node in top.items("staff") {
            guard let map = YAMLMap(node, keys: Self.keys, &problems),
                let entry = Self.entry(map, &problems)
            else { continue }
            if !seen.insert(entry.member.id).inserted {
                map.report(.duplicateID, "id", "is given twice", &problems)
            }
            entries.append(entry)
        }
        if entries.isEmpty, problems.isEmpty {
            problems.append(
                RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "staff is missing or empty"))
        }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        self.entries = entries
    }

    private static let keys: Set = ["id", "roles", "divisions", "capacity", "trainings", "status"]

    private static func entry(_ map: YAMLMap, _ problems: inout [RuleProblem]) -> StaffEntry? {
        let before = problems.count
        let id = StaffID(rawValue: map.requiredText("id", &problems))
        if problems.count == before, !id.isWellFormed {
            map.report(.shape, "id", "must be 2 to 32 letters, digits and hyphens, and no name", &problems)
        }
        let roles = map.words("roles", as: StaffRole.self, &problems)
        if map["roles"] == nil { map.report(.missingKey, "roles", "is missing", &problems) }
        let divisions = map.words("divisions", as: DivisionCode.self, &problems)
        if map["divisions"] == nil { map.report(.missingKey, "divisions", "is missing", &problems) }
        var trainings: [Training] = []
        if let node = map["trainings"], let byCode = YAMLMap(node, keys: nil, &problems) {
            for code in byCode.keys {
                guard let day = byCode.text(code, &problems).flatMap({ LocalDate($0) }) else {
                    byCode.report(.shape, code, "expected the last day it counts, as \"YYYY-MM-DD\"", &problems)
                    continue
                }
                guard AgencyServiceCode(rawValue: code).isWellFormed else {
                    byCode.report(.unknownWord, code, "must be a word of a-z, 0-9 and _", &problems)
                    continue
                }
                trainings.append(Training(code: code, validUntil: day))
            }
        }
        let capacity = map.number("capacity", &problems) ?? 0
        if map["capacity"] == nil { map.report(.missingKey, "capacity", "is missing", &problems) }
        if capacity > 10_000 { map.report(.shape, "capacity", "expected at most 10000", &problems) }
        let status = map.word("status", as: AgencyStatus.self, &problems) ?? .active
        guard problems.count == before else { return nil }
        return StaffEntry(
            StaffMember(
                id: id, roles: Set(roles), divisions: Set(divisions), trainings: trainings, capacity: capacity),
            isActive: status == .active)
    }
}

extension StaffID {
    /// Whether it has the form of an id: 2 to 32 letters, digits and hyphens.
    public var isWellFormed: Bool {
        let text = self.rawValue
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return (2...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
            && text.utf8.first.map(isPlain) == true && text.utf8.last.map(isPlain) == true
    }
}
