/// An entry as it stands in the log, with what opens it where that is there.
public struct LedgerEntry: Sendable, Hashable {
    /// What there is of an entry.
    public enum State: String, Sendable, Hashable, Codable {
        /// Nonce and text.
        case open
        /// The commitment alone: it is somebody else's.
        case bare
        /// The nonce was destroyed.
        case erased
        /// The row that the entry is of is gone, and its nonce is not: it was removed behind the ledger's back.
        case missing
    }

    /// From 0.
    public let position: UInt64
    /// 32 bytes: the data of the leaf.
    public let commitment: [UInt8]
    public let state: State
    /// 32 bytes.
    public let nonce: [UInt8]?
    /// What the commitment is of, with the nonce.
    public let text: String?
    /// The part of which the text holds only a hash.
    public let sealed: String?

    public init(
        position: UInt64, commitment: [UInt8], state: State, nonce: [UInt8]? = nil, text: String? = nil,
        sealed: String? = nil
    ) {
        self.position = position
        self.commitment = commitment
        self.state = state
        self.nonce = nonce
        self.text = text
        self.sealed = sealed
    }
}
