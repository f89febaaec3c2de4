import ArgumentParser
import Casework
import CaseworkStore
import Crypto
import FoundationEssentials
import PostgresClient

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "The rules 转介规则 that decide which agencies a case goes to.",
        subcommands: [Check.self, Import.self, Show.self])

    /// The files of a rule set.
    struct Files: ParsableArguments {
        @Argument(help: "The rules (YAML).")
        var file: String
        @Option(help: ArgumentHelp("Other durations for some clocks (YAML).", valueName: "file"))
        var override: String?

        func read() throws(CommandFailure) -> RuleFile { try RuleFile(path: self.file, override: self.override) }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Checks a file of rules as a whole, without a database.",
            discussion: "Example:\n\n  dandelion rules check deploy/rules/network.yaml")

        @OptionGroup var files: Files
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let rules = try self.files.read().rules
            try self.output.show(Report(rules, version: nil)) {
                "\(rules.title): version \(rules.version), \(rules.rules.count) rules, "
                    + "\(rules.clocks.count) clocks; no problems"
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Checks a file of rules and puts it in force.",
            discussion: """
                Each import is a version that stays: decisions name the version they were made under. The same text \
                again changes nothing.

                Examples:

                  dandelion rules import deploy/rules/network.yaml
                  dandelion rules import deploy/rules/network.yaml --override deploy/demo/short-clocks.yaml
                """)

        @OptionGroup var files: Files
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let file = try self.files.read()
            let checksum = Array(SHA256.hash(data: Array(file.text.utf8)))
            let version = try await self.database.withPool { pool in
                try await RuleSetStore().activate(yaml: file.text, checksum: checksum, on: pool)
            }
            try self.output.show(Report(file.rules, version: version)) {
                "rules \(file.rules.version) are in force as version \(version)"
            }
        }
    }

    struct Show: AsyncParsableCommand {
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
            try self.output.show(Report(rules, version: stored.version)) {
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

    private struct Report: Encodable {
        let title: String
        let rules: String
        let version: Int64?
        let ruleCount: Int
        let clockCount: Int

        init(_ rules: RuleSet, version: Int64?) {
            self.title = rules.title
            self.rules = rules.version
            self.version = version
            self.ruleCount = rules.rules.count
            self.clockCount = rules.clocks.count
        }
    }
}
