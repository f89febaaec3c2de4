import ArgumentParser
import Casework
import FoundationEssentials
import Safeguarding

struct RulesExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says what the rules make of a case that a file describes, and why.",
        discussion: """
            The file is a scenario, like those in deploy/rules/scenarios; what it expects is not looked at. Without \
            agencies every agency there could be is at hand. --rule says of one rule whether it holds, and if not, \
            what of it does not.

            Examples:

              dandelion rules explain deploy/rules/scenarios/4-07-protection-order.yaml
              dandelion rules explain my-case.yaml --rules my-rules.yaml --rule need-legal-aid
            """)

    @Argument(help: "The case (YAML).")
    var file: String
    @Option(help: ArgumentHelp("The rules (YAML).", valueName: "file"))
    var rules = "deploy/rules/network.yaml"
    @Option(help: ArgumentHelp("Look at this rule.", valueName: "id"))
    var rule: String?
    @OptionGroup var network: ScenarioNetworkOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let rules = try RuleFile(path: self.rules, override: nil).rules
        let scenario = try ScenarioFile.scenario(try TextFile.read(self.file), path: self.file)
        if let id = self.rule {
            guard let rule = rules.rules.first(where: { $0.id == id }) else {
                throw CommandFailure(.badData, "\(self.rules) has no rule \(id.printable)")
            }
            let unmet = rule.condition.unmet(scenario.facts, at: scenario.now)
            let setAside = !rules.matchingRuleIDs(scenario.facts, at: scenario.now).contains(id)
            Terminal.line(
                unmet.isEmpty
                    ? "\(id): \(setAside ? "holds, but is set aside by another rule" : "holds")"
                    : "\(id): does not hold, because of \(unmet.joined(separator: ", "))")
            return
        }
        let directory =
            self.network.agencies.isEmpty
            ? rules.directoryOfEverything(for: scenario.facts) : try self.network.read().directory
        let decision = rules.decide(scenario.facts, directory: directory, now: scenario.now)
        try self.output.show(decision) { decision.explanation.joined(separator: "\n") }
    }
}

struct RulesDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Says what two files of rules do differently.",
        discussion: """
            Rules and clocks that were added, removed or changed, and for each rule a case that is decided otherwise, \
            with what its decision loses and gains. What is disclosed to an agency for the first time, or more than \
            before, is marked: it has to be assessed first. Exit status 1 when there is a difference.

            Example:

              dandelion rules diff old-rules.yaml deploy/rules/network.yaml
            """)

    @Argument(help: "The rules as they were (YAML).")
    var old: String
    @Argument(help: "The rules as they are to be (YAML).")
    var new: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let old = try RuleFile(path: self.old, override: nil).rules
        let new = try RuleFile(path: self.new, override: nil).rules
        let diff = RuleSetDiff(from: old, to: new)
        let wider = try new.disclosures().beyond(try old.disclosures())
        try self.output.show(diff.changes) {
            guard !diff.isEmpty else { return "no difference" }
            return (diff.changes.map(\.description) + wider.map { "! \($0) is new or wider: \(RuleActivation.remedy)" })
                .joined(separator: "\n")
        }
        guard diff.isEmpty else { throw CommandFailure(.difference, "\(diff.changes.count) differences") }
    }
}

struct RulesSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of the rules' language, for editors.",
        discussion: "Example:\n\n  dandelion rules schema > deploy/rules/rules.schema.json")

    func run() async throws {
        Terminal.line(String(RuleSetSchema.text.dropLast()))
    }
}
