import Casework
import Yams

/// A rule set as it is stored: one YAML text. An override of clocks is written into it, since decisions must be
/// explained by the text they were made under.
struct RuleFile: Sendable {
    let text: String
    let rules: RuleSet

    /// Reads the files and checks the rules as a whole.
    /// - Throws: `CommandFailure` with a line for every problem.
    init(path: String, override: String?) throws(CommandFailure) {
        let text = try TextFile.read(path)
        let overrides = try override.map { path throws(CommandFailure) in try TextFile.read(path) }
        do throws(RuleSetError) {
            let rules = try RuleSet.load(yaml: text, clockOverridesYAML: overrides)
            guard let overrides else {
                self.text = text
                self.rules = rules
                return
            }
            let merged = try Self.merged(text, version: rules.version, try ClockOverrides(yaml: overrides))
            let reread = try RuleSet.load(yaml: merged)
            guard reread.version == rules.version, reread.clocks == rules.clocks else {
                throw RuleSetError(problems: [])
            }
            self.text = merged
            self.rules = reread
        } catch {
            guard !error.problems.isEmpty else {
                throw CommandFailure(.internalError, "\(path): the override could not be written into the rules")
            }
            throw CommandFailure(.badData, error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
        }
    }

    /// The text with the version and the durations replaced. Comments are lost; the original file keeps them.
    private static func merged(
        _ text: String, version: String, _ overrides: ClockOverrides
    ) throws(RuleSetError) -> String {
        do {
            guard var top = try Yams.compose(yaml: text) else { throw RuleSetError(problems: []) }
            top["version"] = Node(version, Tag(.str), .doubleQuoted)
            for (name, duration) in overrides.durations {
                top["clocks"]?[name.rawValue]?["duration"] = Node(duration.description)
            }
            return try Yams.serialize(node: top, width: -1, allowUnicode: true)
        } catch {
            throw RuleSetError(problems: [])
        }
    }
}
