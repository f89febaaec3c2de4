/// What a signer vouches for: that the log of this origin has this many entries, and that this root is over them (C2SP
/// tlog-checkpoint).
public struct Checkpoint: Sendable, Hashable {
    /// The name of the log, which is that of its key.
    public let origin: String
    /// How many entries.
    public let size: UInt64
    /// Over them.
    public let root: TreeHash

    public init(origin: String, size: UInt64, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that is signed.
    var text: String { "\(self.origin)\n\(self.size)\n\(self.root)\n" }

    /// Reads the text of a note. Lines behind the third are extensions, which we make none of and pass over.
    init(text: String) throws(LedgerError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, !lines[0].isEmpty, let size = UInt64(lines[1]), "\(size)" == lines[1],
            size <= UInt64(Int64.max), let bytes = Base64.decode(lines[2]), let root = TreeHash(bytes)
        else { throw .malformed("the note is no checkpoint (origin, size, root)") }
        self.init(origin: String(lines[0]), size: size, root: root)
    }
}

/// A checkpoint with its signature.
public struct SignedCheckpoint: Sendable, Hashable {
    /// What was signed.
    public let checkpoint: Checkpoint
    /// The note, as it is passed on.
    public let note: String

    /// Signs it.
    public init(size: UInt64, root: TreeHash, by signer: NoteSigner) throws(LedgerError) {
        let checkpoint = Checkpoint(origin: signer.verifier.name, size: size, root: root)
        self.checkpoint = checkpoint
        self.note = try SignedNote(signing: checkpoint.text, by: signer).encoded
    }

    /// Reads one and believes it only if this key signed it, under its own name.
    /// - Throws: `LedgerError.malformed` or `.signature`.
    public init(note: String, verifiedBy verifier: NoteVerifier) throws(LedgerError) {
        let checkpoint = try Checkpoint(text: SignedNote(note, verifiedBy: verifier).text)
        guard checkpoint.origin == verifier.name else {
            throw .signature("the checkpoint is of the log \(checkpoint.origin), not of \(verifier.name)")
        }
        self.checkpoint = checkpoint
        self.note = note
    }
}
