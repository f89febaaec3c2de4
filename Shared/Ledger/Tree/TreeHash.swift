import Crypto

/// A hash of the tree: 32 bytes. Leaves and nodes are hashed as RFC 9162 (section 2.1.1) says, with different first bytes, so
/// that no node passes for a leaf.
public struct TreeHash: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes 32 bytes, and nothing else.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    private init(digest: SHA256.Digest) {
        self.bytes = Array(digest)
    }

    /// Of a leaf: `SHA-256(0x00 || data)`.
    public static func leaf(_ data: some Collection<UInt8>) -> TreeHash {
        var hasher = SHA256()
        hasher.update(data: [0x00])
        hasher.update(data: Array(data))
        return TreeHash(digest: hasher.finalize())
    }

    /// Of a node: `SHA-256(0x01 || left || right)`.
    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        var hasher = SHA256()
        hasher.update(data: [0x01])
        hasher.update(data: left.bytes)
        hasher.update(data: right.bytes)
        return TreeHash(digest: hasher.finalize())
    }

    /// The root of a tree without leaves: the hash of nothing.
    public static let empty = TreeHash(digest: SHA256.hash(data: [UInt8]()))

    /// In base64, as checkpoints and proofs show it.
    public var description: String { Base64.encode(self.bytes) }
}
