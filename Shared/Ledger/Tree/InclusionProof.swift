/// Shows that a leaf stands at a position of a tree (RFC 9162, section 2.1.3).
public struct InclusionProof: Sendable, Hashable {
    /// From the leaf up: the siblings on its way to the root.
    public let path: [TreeHash]

    /// Takes a proof from elsewhere.
    public init(path: [TreeHash]) {
        self.path = path
    }

    /// Which subtrees a proof is made of, from the leaf up.
    public static func plan(position: UInt64, size: UInt64) -> [Subtree] {
        precondition(position < size, "the leaf is in the tree")
        var plan: [Subtree] = []
        var leaves = 0..<size
        while leaves.count > 1 {
            let middle = leaves.lowerBound + split(UInt64(leaves.count))
            if position < middle {
                plan.append(Subtree(middle..<leaves.upperBound))
                leaves = leaves.lowerBound..<middle
            } else {
                plan.append(Subtree(leaves.lowerBound..<middle))
                leaves = middle..<leaves.upperBound
            }
        }
        return plan.reversed()
    }

    /// Whether the leaf is at this position of the tree with this size and root.
    public func proves(leaf: TreeHash, position: UInt64, size: UInt64, root: TreeHash) -> Bool {
        guard position < size else { return false }
        var place = position
        var last = size - 1
        var hash = leaf
        for sibling in self.path {
            guard last != 0 else { return false }
            if place & 1 == 1 || place == last {
                hash = .node(sibling, hash)
                while place & 1 == 0 && place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }
}
