import Yams

/// The clocks of a rules file, and what may start and change them.
struct ClockTable {
    private(set) var definitions: [ClockName: ClockDefinition] = [:]
    private(set) var limits: [ClockName: ClockDuration] = [:]
    private(set) var lines: [ClockName: Int] = [:]

    init(_ top: YAMLMap, _ problems: inout [RuleProblem]) {
        guard let node = top["clocks"], let map = YAMLMap(node, keys: nil, &problems) else {
            problems.append(RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "clocks is missing"))
            return
        }
        for key in map.keys {
            guard let entry = map[key],
                let fields = YAMLMap(entry, keys: ["duration", "at_most", "basis"], &problems)
            else { continue }
            let name = ClockName(rawValue: key)
            guard let duration = fields.duration("duration", &problems) else {
                problems.append(
                    RuleProblem(
                        code: .missingKey, rule: nil, line: fields.line, message: "clock \(key): duration is missing"))
                continue
            }
            let basis = fields.text("basis", &problems) ?? ""
            self.definitions[name] = ClockDefinition(name: name, duration: duration, basis: basis)
            self.limits[name] = fields.duration("at_most", &problems)
            self.lines[name] = fields.line
        }
    }

    static func milestones(_ top: YAMLMap, _ problems: inout [RuleProblem]) -> [MilestoneKind: Milestone] {
        let kinds = Set(MilestoneKind.allCases.map(\.rawValue))
        guard let node = top["milestones"], let map = YAMLMap(node, keys: kinds, &problems) else { return [:] }
        var milestones: [MilestoneKind: Milestone] = [:]
        for kind in MilestoneKind.allCases {
            guard let entry = map[kind.rawValue],
                let fields = YAMLMap(entry, keys: ["clocks", "reminders"], &problems)
            else { continue }
            let milestone = Milestone(
                clocks: fields.texts("clocks", &problems).map(ClockName.init(rawValue:)),
                reminders: fields.texts("reminders", &problems).map(ClockName.init(rawValue:)))
            if milestone.clocks.isEmpty, milestone.reminders.isEmpty {
                map.report(.missingKey, kind.rawValue, "needs clocks or reminders", &problems)
            }
            milestones[kind] = milestone
        }
        return milestones
    }

    static func changes(_ top: YAMLMap, _ problems: inout [RuleProblem]) -> ClockChanges {
        var changes = ClockChanges()
        guard let node = top["clock_changes"], let map = YAMLMap(node, keys: ["warnings", "grounds"], &problems) else {
            return changes
        }
        for text in map.texts("warnings", &problems) {
            // A running clock is first looked at when half of its time is over.
            guard let percent = Int(text), (50...99).contains(percent) else {
                map.report(.shape, "warnings", "expected percentages from 50 to 99", &problems)
                continue
            }
            changes.warnings.append(percent)
        }
        changes.warnings.sort()
        guard let node = map["grounds"], let byName = YAMLMap(node, keys: nil, &problems) else { return changes }
        for name in byName.keys {
            guard let entry = byName[name],
                let fields = YAMLMap(entry, keys: ["clocks", "pause", "extend", "basis"], &problems)
            else { continue }
            let pauses = fields.flag("pause", &problems) ?? false
            let longer = fields.duration("extend", &problems)
            guard pauses != (longer != nil) else {
                byName.report(.shape, name, "needs either pause: true or extend", &problems)
                continue
            }
            changes.grounds[name] = ClockChangeGround(
                name: name, clocks: Set(fields.texts("clocks", &problems).map(ClockName.init(rawValue:))),
                effect: longer.map(ClockChangeGround.Effect.extend) ?? .pause,
                basis: fields.text("basis", &problems) ?? "")
        }
        return changes
    }
}
