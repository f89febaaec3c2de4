import ArgumentParser
import Casework

struct RulesCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Proves a file of rules as a whole, without a database.",
        discussion: """
            Over every input there can be, not over examples: each case has an owner and a clock, no rule is dead, no \
            two rules contradict each other, nothing is disclosed beyond the profile of its purpose, and nothing \
            mediates while violence is suspected. What does not hold is shown with its rule, its line and a case that \
            shows it. With --scenarios each file must say what the rules do. Exit status 65 when something is wrong, 1 \
            when a scenario expects something else.

            Examples:

              dandelion rules check deploy/rules/network.yaml
              dandelion rules check deploy/rules/network.yaml --scenarios deploy/rules/scenarios \\
                --agencies deploy/demo/agencies.yaml --agencies deploy/rules/scenario-agencies.yaml \\
                --divisions deploy/data/divisions.csv --divisions deploy/demo/divisions.csv
            """)

    @OptionGroup var files: RuleFileArguments
    @Option(help: ArgumentHelp("Scenarios that must come out as written.", valueName: "directory"))
    var scenarios: String?
    @OptionGroup var network: ScenarioNetworkOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let rules = try self.files.read().rules
        var report = RulesReport(rules, version: nil)
        report.inputsPowerOfTwo = RuleSetChecker.magnitude(of: rules)
        report.reviews = rules.rules.compactMap { rule in rule.review.map { "\(rule.id): \($0)" } }
        if let scenarios {
            report.scenarioCount = try self.compare(scenarios, with: rules)
        }
        let shown = report
        try self.output.show(shown) {
            var lines = [
                "\(rules.title): version \(rules.version), \(rules.rules.count) rules, \(rules.clocks.count) clocks; "
                    + "no problems",
                "proven over all of more than 2^\(shown.inputsPowerOfTwo ?? 0) inputs: an owner and a clock, no dead "
                    + "rule, no contradiction, no profile too wide, no mediation with the violence flag",
            ]
            if let count = shown.scenarioCount { lines.append("\(count) scenarios come out as written") }
            if !shown.reviews.isEmpty {
                lines.append("for a lawyer to compare:")
                lines += shown.reviews.map { "  \($0)" }
            }
            return lines.joined(separator: "\n")
        }
    }

    /// - Returns: how many scenarios there are.
    private func compare(_ directory: String, with rules: RuleSet) throws(CommandFailure) -> Int {
        let paths = try TextFile.files(in: directory, ending: ".yaml")
        let network = try self.network.read()
        var differences: [String] = []
        for path in paths {
            let written = try TextFile.read(path)
            let text = try ScenarioFile.scenario(written, path: path).text(rules, in: network)
            guard written != text else { continue }
            let lines = written.split(separator: "\n", omittingEmptySubsequences: false)
            let found = text.split(separator: "\n", omittingEmptySubsequences: false)
            let change = found.difference(from: lines)
            differences.append("\(path):")
            differences += change.removals.compactMap { Self.line($0, "-") }
            differences += change.insertions.compactMap { Self.line($0, "+") }
        }
        guard differences.isEmpty else { throw CommandFailure(.difference, differences.joined(separator: "\n")) }
        return paths.count
    }

    private static func line(_ change: CollectionDifference<Substring>.Change, _ mark: String) -> String? {
        switch change {
        case .insert(let offset, let line, _), .remove(let offset, let line, _): "  \(mark) \(offset + 1): \(line)"
        }
    }
}
