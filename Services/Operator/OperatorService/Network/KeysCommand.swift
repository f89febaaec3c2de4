import ArgumentParser
import Safeguarding

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that personal fields are sealed with.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Makes the key files that are missing.",
            discussion: """
                Makes field-keys.json (intake, routing, notification) and index-keys.json (intake, routing) with \
                mode 0600. A file that is there is never overwritten: without it, what was sealed with it is lost. \
                Keep copies apart from the database's backups.

                Example:

                  dandelion keys create --directory /etc/dandelion/keys
                """)

        @Option(help: "Where the files are.")
        var directory: String
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let path: String
            let isNew: Bool
        }

        func run() async throws {
            let rows = try KeyFiles.create(directory: self.directory).map { Row(path: $0.path, isNew: $0.isNew) }
            try self.output.show(rows) {
                rows.map { $0.isNew ? "made \($0.path)" : "kept \($0.path)" }.joined(separator: "\n")
            }
        }
    }
}
