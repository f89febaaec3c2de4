import ArgumentParser
import Ledger

extension LedgerCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Writes the log into one file that can be verified offline.",
            discussion: """
                JSON lines: the checkpoints, then every leaf. With --agency only that agency's entries are opened, and of \
                these what it may see; all others are bare hashes. Without, everything is opened that was not erased: for \
                auditors. Codes and ids, no names.

                Examples:

                  dandelion ledger export --to ledger.jsonl
                  dandelion ledger export --agency 150602-human-resources --to their-ledger.jsonl
                  dandelion ledger export | gzip > ledger.jsonl.gz
                """)

        @Option(help: ArgumentHelp("Open this agency's entries only.", valueName: "code"))
        var agency: String?
        @Option(
            help: ArgumentHelp("Where to; standard output when left out. Never over another file.", valueName: "file"))
        var to: String?
        @OptionGroup var database: DatabaseOptions
        @Flag(help: "Say as JSON what was written; needs --to.")
        var json = false

        private struct Summary: Encodable {
            let entries: UInt64
            let agency: String?
            let file: String
        }

        func validate() throws {
            guard !self.json || self.to != nil else {
                throw ValidationError("--json needs --to: the export is JSON itself.")
            }
        }

        func run() async throws {
            let export = LedgerExport(agency: self.agency)
            do {
                try await self.database.withPool { pool in
                    // An erasure and the checkpoint over it are seconds apart at most.
                    for _ in 0..<100 where try await !export.isSettled(on: pool) {
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    guard let path = self.to else {
                        _ = try await export.write(from: pool) { Terminal.line($0) }
                        return
                    }
                    let file = try LineFile(path)
                    let entries = try await export.write(from: pool) { try file.write($0) }
                    try file.finish()
                    let summary = Summary(entries: entries, agency: self.agency, file: path)
                    Terminal.line(
                        self.json ? try JSONText.of(summary) : "\(entries) entries written to \(path)")
                }
            } catch let error as LedgerError {
                throw LedgerCommand.failure(error)
            }
        }
    }
}
