/// Why the ledger, or something that claims to be of it, cannot be used.
public enum LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A key, note, checkpoint or proof is not of the form it must have.
    case malformed(String)
    /// No signature of the expected key, or a wrong one.
    case signature(String)
    /// The stored tree is not what it must be.
    case tree(String)
    /// What was signed is contradicted. The signer stops: whatever it signed next would be a second history.
    case contradiction(String)
    /// Another signer holds the lease.
    case notLeader
    /// The log has grown or shrunk since it was last looked at.
    case moved
    /// A file of the signer's cannot be read or written.
    case file(String)

    /// One line, without contents.
    public var description: String {
        switch self {
        case .malformed(let text): text
        case .signature(let text): text
        case .tree(let text): text
        case .contradiction(let text): text
        case .notLeader: "another signer is at work"
        case .moved: "the log is not as long as it was when it was last looked at"
        case .file(let text): text
        }
    }
}
