import ArgumentParser
import Ledger

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The signed log 台账 of what was offered, leased, read, answered and disclosed.",
        discussion: """
            Each offer, lease, reading, answer, disclosure and change of consent is a leaf of an append-only Merkle log \
            (RFC 9162), whose checkpoints the ledger-signer signs (C2SP tlog-checkpoint, Ed25519). A leaf says nothing by \
            itself; what opens it is destroyed when the case is erased. An export is verified anywhere, with the public key \
            (ledger-key.pub) and nothing else.

            Examples:

              dandelion ledger export --to ledger.jsonl
              dandelion ledger verify ledger.jsonl --key ledger-key.pub
              dandelion ledger prove --referral R-SQHQ-CRVK --to proof.json
            """,
        subcommands: [Export.self, Verify.self, Prove.self])

    /// What an error of the ledger's amounts to.
    static func failure(_ error: LedgerError) -> CommandFailure {
        switch error {
        case .malformed, .file: CommandFailure(.badData, error.description)
        case .signature, .contradiction: CommandFailure(.difference, error.description)
        case .tree, .notLeader, .moved: CommandFailure(.unavailable, error.description)
        }
    }

    /// A signed note out of a file.
    static func note(_ path: String) throws(CommandFailure) -> String { try TextFile.read(path) }

    /// The public key out of a file.
    static func key(_ path: String) throws(CommandFailure) -> NoteVerifier {
        let text = try TextFile.read(path).filter { !$0.isWhitespace }
        do throws(LedgerError) {
            return try NoteVerifier(text)
        } catch {
            throw CommandFailure(.badData, "\(path): \(error)")
        }
    }
}
