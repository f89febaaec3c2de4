import ArgumentParser
import Ledger
import Safeguarding

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that personal fields are sealed with, and the ledger's.",
        subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Makes the key files that are missing.",
            discussion: """
                Makes field-keys.json (intake, routing, notification) and index-keys.json (intake, routing) with \
                mode 0600, and the ledger's: ledger-key (ledger-signer alone) and ledger-key.pub (for everybody who \
                verifies). A file that is there is never overwritten: without it, what was sealed with it is lost, and \
                the log that it signed cannot be gone on with. Keep copies apart from the database's backups.

                Example:

                  dandelion keys create --directory /etc/dandelion/keys
                """)

        @Option(help: "Where the files are.")
        var directory: String
        @Option(help: "The ledger's name, such as wf.example.org/ledger, for checkpoints; left out, a random one.")
        var ledgerOrigin: String?
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let path: String
            let isNew: Bool
        }

        func run() async throws {
            let files: [KeyFiles.File]
            do {
                files =
                    try KeyFiles.create(directory: self.directory)
                    + LedgerKeyFile.create(directory: self.directory, origin: self.ledgerOrigin)
            } catch let error as LedgerError {
                throw CommandFailure(.badData, "--ledger-origin: \(error)")
            }
            let rows = files.map { Row(path: $0.path, isNew: $0.isNew) }
            try self.output.show(rows) {
                rows.map { $0.isNew ? "made \($0.path)" : "kept \($0.path)" }.joined(separator: "\n")
            }
        }
    }
}
