import ArgumentParser
import FoundationEssentials
import Ledger

extension LedgerCommand {
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Verifies an export or a proof, with the public key and nothing else.",
            discussion: """
                Needs no database. Finds rows that were changed, removed, added or moved, leaves that are not those that \
                were signed, and with --checkpoint (from a hand-over, say) whether this is the log that was shown then. \
                Exit status 0 when all is well, 1 when something is not, 65 when the file is no export or is cut off.

                Examples:

                  dandelion ledger verify ledger.jsonl --key ledger-key.pub
                  dandelion ledger verify proof.json --key ledger-key.pub --json
                  dandelion ledger verify ledger.jsonl --key ledger-key.pub --checkpoint of-march.txt --checkpoint of-may.txt
                """)

        @Argument(help: ArgumentHelp("What `export` or `prove` wrote.", valueName: "file"))
        var file: String
        @Option(help: ArgumentHelp("The log's public key.", valueName: "file"))
        var key: String
        @Option(help: ArgumentHelp("A checkpoint that was kept; may be repeated.", valueName: "file"))
        var checkpoint: [String] = []
        @OptionGroup var output: OutputOptions

        private struct Proven: Encodable {
            let proofs: Int
            let problems: [String]
        }

        func run() async throws {
            let key = try LedgerCommand.key(self.key)
            let kept = try self.checkpoint.map(LedgerCommand.note)
            do {
                if let proofs = try self.proofs() {
                    try self.verify(proofs, key: key)
                } else {
                    try self.verifyExport(key: key, kept: kept)
                }
            } catch let error as LedgerError {
                throw LedgerCommand.failure(error)
            }
        }

        /// The proofs of the file, or nil when it is something else, such as an export.
        private func proofs() throws -> [LedgerProof]? {
            let lines = try LineFile.Reader(self.file)
            guard let first = try lines.next() else { throw CommandFailure(.badData, "\(self.file) is empty") }
            guard first.hasPrefix("[") || LedgerProof(decoding: first) != nil else { return nil }
            let text = try TextFile.read(self.file)
            guard let proofs = LedgerProof.all(decoding: text), !proofs.isEmpty else {
                throw CommandFailure(.badData, "\(self.file) is not whole")
            }
            guard self.checkpoint.isEmpty else {
                throw CommandFailure(.usage, "--checkpoint goes with an export; a proof names its own: `prove --from`")
            }
            return proofs
        }

        private func verify(_ proofs: [LedgerProof], key: NoteVerifier) throws {
            var problems: [String] = []
            for (index, proof) in proofs.enumerated() {
                problems += try proof.problems(key: key).map { "proof \(index + 1): \($0)" }
            }
            let proven = Proven(proofs: proofs.count, problems: problems)
            try self.output.show(proven) {
                (problems + [problems.isEmpty ? "\(proofs.count) proofs hold" : ""]).joined(separator: "\n")
            }
            guard problems.isEmpty else { throw CommandFailure(.difference, "\(problems.count) proofs do not hold") }
        }

        private func verifyExport(key: NoteVerifier, kept: [String]) throws {
            var verifier = try LedgerVerifier(key: key, kept: kept)
            let lines = try LineFile.Reader(self.file)
            while let line = try lines.next() { try verifier.take(line) }
            let report = try verifier.finish()
            try self.output.show(report) { Self.text(report) }
            guard report.problemCount == 0 else {
                throw CommandFailure(.difference, "\(report.problemCount) problems in \(report.size) entries")
            }
        }

        static func text(_ report: LedgerReport) -> String {
            let opened = report.agency.map { "\(report.opened) of \($0)" } ?? "\(report.opened)"
            return
                (report.problems + [
                    "\(report.size) entries, root \(report.root)",
                    "\(opened) opened, \(report.bare) bare, \(report.erased) erased",
                    "held against \(report.checkpoints) signed checkpoints, and \(report.kept) that were kept elsewhere",
                    report.problemCount == 0 ? "all is well" : "\(report.problemCount) problems",
                ]).joined(separator: "\n")
        }
    }
}
