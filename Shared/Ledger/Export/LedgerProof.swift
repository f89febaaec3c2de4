import FoundationEssentials
public import PostgresClient

/// Shows that one entry is under a checkpoint and, if asked for, that an older checkpoint is a beginning of the same log.
public struct LedgerProof: Sendable, Hashable, Codable {
    static let formatName = "dandelion-ledger-proof/1"

    /// Which format this is.
    public let format: String
    /// A signed note.
    public let checkpoint: String
    public let position: UInt64?
    /// In base64, like all bytes here.
    public let commitment: String?
    public let nonce: String?
    public let text: String?
    public let inclusion: [String]?
    /// An older signed note.
    public let from: String?
    public let consistency: [String]?

    /// Makes a proof against a checkpoint.
    /// - Parameters:
    ///   - position: of the entry, or nil to prove consistency alone.
    ///   - from: an older checkpoint's note.
    ///   - against: the checkpoint's note; nil is the latest one.
    /// - Throws: `LedgerError.tree` when there is no checkpoint over the entry yet, `.contradiction` when the older one is over
    ///   more than there is.
    public static func make(
        position: UInt64?, from: String?, against given: String? = nil, on pool: PostgresPool
    ) async throws -> LedgerProof {
        try await pool.withTransaction("ledger_prove", isolation: .repeatableRead) { transaction in
            let store = LedgerStore()
            let tree = StoredTree()
            let head = try await store.head(on: transaction)
            guard let note = given ?? head.note else { throw LedgerError.tree("there is no checkpoint yet") }
            let size = try Checkpoint(text: Self.body(note)).size
            guard size <= head.signedSize else {
                throw LedgerError.contradiction(
                    "the checkpoint is over \(size) entries, the log has \(head.signedSize): its end was lost")
            }
            guard position ?? 0 < size else {
                throw LedgerError.tree("no checkpoint is over this entry yet: try again in some seconds")
            }
            var entry: LedgerEntry?
            var inclusion: InclusionProof?
            if let position {
                entry = try await store.page(
                    from: position, until: position + 1, agency: nil, on: transaction
                ).first
                inclusion = try await tree.inclusion(of: position, in: size, on: transaction)
            }
            let old = try from.map { note throws(LedgerError) in try Checkpoint(text: Self.body(note)) }
            if let old, old.size > head.signedSize {
                throw LedgerError.contradiction(
                    "the older checkpoint is over \(old.size) entries, the log has \(head.signedSize): its end was lost"
                )
            }
            let consistency: ConsistencyProof? =
                if let old {
                    try await tree.consistency(from: old.size, to: size, on: transaction)
                } else { nil }
            return LedgerProof(
                format: Self.formatName, checkpoint: note, position: position,
                commitment: entry.map { Base64.encode($0.commitment) }, nonce: entry?.nonce.map(Base64.encode),
                text: entry?.text, inclusion: inclusion?.path.map(\.description), from: from,
                consistency: consistency?.path.map(\.description))
        }
    }

    /// Reads one, or returns nil when the text is something else.
    public init?(decoding text: String) {
        guard let proof = try? JSONDecoder().decode(LedgerProof.self, from: Data(text.utf8)),
            proof.format == Self.formatName
        else { return nil }
        self = proof
    }

    /// One proof, or a list of them.
    public static func all(decoding text: String) -> [LedgerProof]? {
        if let proof = LedgerProof(decoding: text) { return [proof] }
        let proofs = try? JSONDecoder().decode([LedgerProof].self, from: Data(text.utf8))
        return proofs?.allSatisfy { $0.format == Self.formatName } == true ? proofs : nil
    }

    private init(
        format: String, checkpoint: String, position: UInt64?, commitment: String?, nonce: String?, text: String?,
        inclusion: [String]?, from: String?, consistency: [String]?
    ) {
        self.format = format
        self.checkpoint = checkpoint
        self.position = position
        self.commitment = commitment
        self.nonce = nonce
        self.text = text
        self.inclusion = inclusion
        self.from = from
        self.consistency = consistency
    }

    /// Everything that is wrong with it, for whoever has the public key.
    /// - Throws: `LedgerError` when a checkpoint is not signed by the key, or the proof is not of the form it must have.
    public func problems(key: NoteVerifier) throws(LedgerError) -> [String] {
        let checkpoint = try SignedCheckpoint(note: self.checkpoint, verifiedBy: key).checkpoint
        var problems: [String] = []
        if let position = self.position {
            guard let commitment = self.commitment.flatMap(Base64.decode), let inclusion = self.inclusion else {
                throw .malformed("the proof has no commitment or path")
            }
            let entry = LedgerEntry(
                position: position, commitment: commitment, state: self.text == nil ? .bare : .open,
                nonce: self.nonce.flatMap(Base64.decode), text: self.text)
            if let fault = entry.fault(self.text.flatMap(EntryText.init)) { problems.append("the entry \(fault)") }
            let proof = InclusionProof(path: try Self.hashes(inclusion))
            if !proof.proves(
                leaf: .leaf(commitment), position: position, size: checkpoint.size, root: checkpoint.root)
            {
                problems.append("the entry is not under the checkpoint")
            }
        }
        if let from = self.from {
            let old = try SignedCheckpoint(note: from, verifiedBy: key).checkpoint
            guard let consistency = self.consistency else { throw .malformed("the proof of consistency has no path") }
            let proof = ConsistencyProof(path: try Self.hashes(consistency))
            if !proof.proves(from: old.size, old.root, to: checkpoint.size, checkpoint.root) {
                problems.append(
                    "the older checkpoint is not the beginning of the newer one: two histories were signed")
            }
        }
        guard self.position != nil || self.from != nil else { throw .malformed("the proof proves nothing") }
        return problems
    }

    private static func hashes(_ texts: [String]) throws(LedgerError) -> [TreeHash] {
        guard texts.count <= 130 else { throw .malformed("a path is too long") }
        var hashes: [TreeHash] = []
        for text in texts {
            guard let hash = Base64.decode(text).flatMap({ TreeHash($0) }) else {
                throw .malformed("a hash of a path is none")
            }
            hashes.append(hash)
        }
        return hashes
    }

    /// What stands before a note's signatures.
    private static func body(_ note: String) -> String {
        guard let gap = note.firstRange(of: "\n\n") else { return note }
        return String(note[..<gap.lowerBound]) + "\n"
    }
}
