import ArgumentParser
import FoundationEssentials
import Ledger

extension LedgerCommand {
    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract: "Proves that a hand-over or disclosure is in the log, or that the log only grew.",
            discussion: """
                Writes what `dandelion ledger verify` and any verifier of RFC 9162 can check with the public key: the entry \
                with its nonce, its path to the root of a signed checkpoint, and with --from that an older checkpoint is the \
                beginning of the same log. Some seconds pass before a new entry is under a checkpoint.

                Examples:

                  dandelion ledger prove --referral R-SQHQ-CRVK --to proof.json
                  dandelion ledger prove --disclosure 7a1d2f6e-0f0c-4d2b-9a53-1d8a4be0c7aa
                  dandelion ledger prove --from of-march.txt --until of-may.txt --json
                """)

        @Option(help: ArgumentHelp("Every entry about this referral and its hand-over.", valueName: "number"))
        var referral: String?
        @Option(help: ArgumentHelp("The entry about this disclosure.", valueName: "id"))
        var disclosure: String?
        @Option(help: "The entry at this position.")
        var position: UInt64?
        @Option(help: ArgumentHelp("An older checkpoint, which must be the beginning of the log.", valueName: "file"))
        var from: String?
        @Option(help: ArgumentHelp("The checkpoint to prove against; the latest when left out.", valueName: "file"))
        var until: String?
        @Option(help: ArgumentHelp("Write the proofs there, as JSON.", valueName: "file"))
        var to: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            let wanted = [self.referral != nil, self.disclosure != nil, self.position != nil].count { $0 }
            guard wanted <= 1 else { throw ValidationError("Give one of --referral, --disclosure and --position.") }
            guard wanted == 1 || self.from != nil else {
                throw ValidationError("Say what to prove: --referral, --disclosure, --position, or --from.")
            }
            if let disclosure, UUID(uuidString: disclosure) == nil {
                throw ValidationError("--disclosure must be the id of one.")
            }
        }

        func run() async throws {
            let from = try self.from.map(LedgerCommand.note)
            let until = try self.until.map(LedgerCommand.note)
            do {
                let proofs = try await self.database.withPool { pool in
                    var positions: [UInt64?] = [self.position]
                    if self.referral != nil || self.disclosure != nil {
                        positions = try await LedgerStore().positions(
                            referral: self.referral, disclosure: self.disclosure.flatMap(UUID.init(uuidString:)),
                            on: pool
                        ).map(\.position)
                        guard !positions.isEmpty else {
                            throw CommandFailure(
                                .badData, "nothing of it is in the log; check the number, or try again in some seconds")
                        }
                    }
                    var proofs: [LedgerProof] = []
                    for position in positions {
                        proofs.append(
                            try await LedgerProof.make(position: position, from: from, against: until, on: pool))
                    }
                    return proofs
                }
                if let to { try PrivateFile.create(to, try JSONText.of(proofs) + "\n") }
                try self.output.show(proofs) { proofs.map(Self.text).joined(separator: "\n\n") }
            } catch let error as LedgerError {
                throw LedgerCommand.failure(error)
            }
        }

        static func text(_ proof: LedgerProof) -> String {
            var lines: [String] = []
            if let position = proof.position {
                lines.append("entry \(position): \(proof.text?.printable ?? "erased, or not to be opened")")
                lines.append("inclusion: \(proof.inclusion?.count ?? 0) hashes")
            }
            if let consistency = proof.consistency { lines.append("consistency: \(consistency.count) hashes") }
            lines.append("under the checkpoint")
            lines += proof.checkpoint.split(separator: "\n").prefix(3).map { "  \(String($0).printable)" }
            return lines.joined(separator: "\n")
        }
    }
}
