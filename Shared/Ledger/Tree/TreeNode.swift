/// A node whose subtree is full: it covers the leaves from `index << level`, `1 << level` of them. Such nodes never change,
/// so they can be stored for good; level 0 are the leaves.
public struct TreeNode: Sendable, Hashable {
    public let level: Int
    public let index: UInt64

    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// What a subtree, full or not, is made of: its full parts from left to right, the largest first.
public struct Subtree: Sendable, Hashable {
    public let nodes: [TreeNode]

    /// - Parameter leaves: begins at a multiple of the largest power of two that is not above its length, as every subtree
    ///   of RFC 9162 does.
    init(_ leaves: Range<UInt64>) {
        var nodes: [TreeNode] = []
        var begin = leaves.lowerBound
        while begin < leaves.upperBound {
            let level = 63 - (leaves.upperBound - begin).leadingZeroBitCount
            nodes.append(TreeNode(level: level, index: begin >> UInt64(level)))
            begin += 1 << UInt64(level)
        }
        self.nodes = nodes
    }

    /// Its root, from the hashes of its full parts.
    func root(_ hash: (TreeNode) throws(LedgerError) -> TreeHash) throws(LedgerError) -> TreeHash {
        var root: TreeHash?
        for node in self.nodes.reversed() {
            let left = try hash(node)
            root = root.map { TreeHash.node(left, $0) } ?? left
        }
        return root ?? .empty
    }
}

/// Where a tree of so many leaves is split: the largest power of two below it.
func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
}
