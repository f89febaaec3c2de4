import ArgumentParser
import Casework
import CaseworkStore
import Crypto
import FoundationEssentials
import PostgresClient

struct RulesLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Checks a file of rules and keeps it as a draft, without putting it in force.",
        discussion: """
            Shows what the draft does differently from the rules in force. `dandelion rules activate` puts it in force.

            Example:

              dandelion rules load my-rules.yaml
            """)

    @OptionGroup var files: RuleFileArguments
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let draft: Int64
        let changes: [RuleSetDiff.Change]
        /// What it discloses that has to be assessed first.
        let toAssess: [RuleDisclosure]
    }

    func run() async throws {
        let file = try self.files.read()
        let checksum = Array(SHA256.hash(data: Array(file.text.utf8)))
        let (id, active, obstacles) = try await self.database.withPool { pool in
            let id = try await RuleDraftStore().load(
                name: file.rules.version, yaml: file.text, checksum: checksum, on: pool)
            return (
                id, try await RuleSetStore().active(on: pool), try await RuleActivation.obstacles(file.rules, on: pool)
            )
        }
        let changes = try active.map { RuleSetDiff(from: try RuleSet(yaml: $0.yaml), to: file.rules).changes } ?? []
        try self.output.show(Report(draft: id, changes: changes, toAssess: obstacles.map(\.disclosure))) {
            var lines = changes.map(\.description) + obstacles.map { "! \(RuleActivation.line($0))" }
            lines.append(
                obstacles.isEmpty
                    ? "draft \(id) is loaded; `dandelion rules activate \(id)` puts it in force"
                    : "draft \(id) is loaded; before it can be activated, \(RuleActivation.remedy)")
            return lines.joined(separator: "\n")
        }
    }
}

struct RulesActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Puts a loaded draft of the rules in force.",
        discussion: """
            The draft is checked again, as this version of the program understands it. An earlier draft can be \
            activated again; it becomes a version of its own. What is disclosed to an agency that is new, or more \
            than now, must have been assessed (`dandelion assessments record`); else the version in force stays.

            Example:

              dandelion rules activate 3
            """)

    @Argument(help: "The draft's number, as `dandelion rules list` shows it.")
    var draft: Int64
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (version, rules) = try await self.database.withPool { pool in
            guard let yaml = try await RuleDraftStore().yaml(of: self.draft, on: pool) else {
                throw CommandFailure(.badData, "there is no draft \(self.draft); see `dandelion rules list`")
            }
            let rules = try RuleSet.load(yaml: yaml)
            guard let version = try await RuleActivation.activate(draft: self.draft, rules, on: pool) else {
                throw CommandFailure(.badData, "there is no draft \(self.draft); see `dandelion rules list`")
            }
            return (version, rules)
        }
        try self.output.show(RulesReport(rules, version: version)) {
            "rules \(rules.version) are in force as version \(version)"
        }
    }
}

struct RulesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the drafts of the rules, and what became of them.",
        discussion: "Example:\n\n  dandelion rules list")

    @Option(help: "How many.")
    var limit = 20
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let draft: Int64
        let rules: String
        let loadedAt: String
        let loadedBy: String
        let version: Int64?
    }

    func run() async throws {
        let drafts = try await self.database.withPool { try await RuleDraftStore().list(limit: self.limit, on: $0) }
        let rows = drafts.map {
            Row(
                draft: $0.id, rules: $0.name, loadedAt: BeijingTime.full($0.loadedAt), loadedBy: $0.loadedBy,
                version: $0.version)
        }
        try self.output.show(rows) {
            var table = TextTable(["draft", "rules", "loaded", "by", "version"])
            for row in rows {
                table.add([
                    "\(row.draft)", row.rules, row.loadedAt, row.loadedBy, row.version.map { "\($0)" } ?? "",
                ])
            }
            return table.text(empty: "no drafts; run `dandelion rules load`")
        }
    }
}
