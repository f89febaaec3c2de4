import ArgumentParser
import Casework

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "The rules 转介规则 that decide which agencies a case goes to.",
        subcommands: [
            RulesCheckCommand.self, RulesExplainCommand.self, RulesDiffCommand.self, RulesSchemaCommand.self,
            RulesLoadCommand.self, RulesActivateCommand.self, RulesListCommand.self, RulesImportCommand.self,
            RulesShowCommand.self,
        ])
}

/// The files of a rule set.
struct RuleFileArguments: ParsableArguments {
    @Argument(help: "The rules (YAML).")
    var file: String
    @Option(help: ArgumentHelp("Other durations for some clocks (YAML).", valueName: "file"))
    var override: String?

    func read() throws(CommandFailure) -> RuleFile { try RuleFile(path: self.file, override: self.override) }
}

/// What a rules command reports of a rule set.
struct RulesReport: Encodable {
    let title: String
    let rules: String
    let version: Int64?
    let ruleCount: Int
    let clockCount: Int
    /// At least two to this power of inputs were proven.
    var inputsPowerOfTwo: Int?
    var scenarioCount: Int?
    /// What a lawyer still has to compare.
    var reviews: [String] = []

    init(_ rules: RuleSet, version: Int64?) {
        self.title = rules.title
        self.rules = rules.version
        self.version = version
        self.ruleCount = rules.rules.count
        self.clockCount = rules.clocks.count
    }
}
