import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct RulesImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Checks a file of rules and puts it in force.",
        discussion: """
            Each import is a version that stays: decisions name the version they were made under. The same text \
            again changes nothing. What the rules disclose to an agency that is new, or more than now, must have been \
            assessed (`dandelion assessments record`); else the version in force stays.

            Examples:

              dandelion rules import deploy/rules/network.yaml
              dandelion rules import deploy/rules/network.yaml --override deploy/demo/short-clocks.yaml
            """)

    @OptionGroup var files: RuleFileArguments
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let file = try self.files.read()
        let version = try await self.database.withPool { pool in
            try await RuleActivation.activate(file, on: pool)
        }
        try self.output.show(RulesReport(file.rules, version: version)) {
            "rules \(file.rules.version) are in force as version \(version)"
        }
    }
}

struct RulesShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the rules in force.",
        discussion: "Examples:\n\n  dandelion rules show\n  dandelion rules show --yaml > rules.yaml")

    @Flag(help: "Print the text of the rules.")
    var yaml = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let stored = try await self.database.withPool({ try await RuleSetStore().active(on: $0) }) else {
            throw CommandFailure(.badData, "no rules are in force; run `dandelion rules import`")
        }
        if self.yaml {
            Terminal.line(stored.yaml)
            return
        }
        let rules = try RuleSet(yaml: stored.yaml)
        try self.output.show(RulesReport(rules, version: stored.version)) {
            var table = TextTable(["stage", "rule", "title", "to", "basis"])
            for rule in rules.rules {
                let targets = rule.targets.map { "\($0.agencyKind.chinese)（\($0.purpose.chinese)）" }
                table.add([
                    rule.stage.rawValue, rule.id, rule.title, targets.joined(separator: "、"), rule.basis,
                ])
            }
            return "\(rules.title): \(rules.version), version \(stored.version)\n\n\(table.text())"
        }
    }
}
