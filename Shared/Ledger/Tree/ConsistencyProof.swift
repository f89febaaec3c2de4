/// Shows that a tree is the beginning of another: nothing of it was changed, removed or put elsewhere (RFC 9162, section
/// 2.1.4).
public struct ConsistencyProof: Sendable, Hashable {
    public let path: [TreeHash]

    /// Takes a proof from elsewhere.
    public init(path: [TreeHash]) {
        self.path = path
    }

    /// Which subtrees a proof is made of, in its order. Empty when the sizes are equal or the first is 0.
    public static func plan(from first: UInt64, to second: UInt64) -> [Subtree] {
        precondition(first <= second, "the first tree is not the larger one")
        guard first > 0, first < second else { return [] }
        var plan: [Subtree] = []
        var leaves = 0..<second
        // Whether the old tree, of which this is left, is the whole of the verifier's: then it knows the root itself.
        var isWhole = true
        while leaves.upperBound != first {
            let middle = leaves.lowerBound + split(UInt64(leaves.count))
            if first <= middle {
                plan.append(Subtree(middle..<leaves.upperBound))
                leaves = leaves.lowerBound..<middle
            } else {
                plan.append(Subtree(leaves.lowerBound..<middle))
                leaves = middle..<leaves.upperBound
                isWhole = false
            }
        }
        if !isWhole { plan.append(Subtree(leaves)) }
        return plan.reversed()
    }

    /// Whether the tree of the first size and root is the beginning of the second.
    public func proves(from first: UInt64, _ firstRoot: TreeHash, to second: UInt64, _ secondRoot: TreeHash) -> Bool {
        guard first <= second else { return false }
        if first == second { return self.path.isEmpty && firstRoot == secondRoot }
        if first == 0 { return self.path.isEmpty && firstRoot == .empty }
        var rest = self.path[...]
        // A tree of a power of two is a node of the larger one, and its root the proof's first hash.
        let isNode = first & (first - 1) == 0
        guard let begin = isNode ? firstRoot : rest.popFirst() else { return false }
        var place = first - 1
        var last = second - 1
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var old = begin
        var new = begin
        for sibling in rest {
            guard last != 0 else { return false }
            if place & 1 == 1 || place == last {
                old = .node(sibling, old)
                new = .node(sibling, new)
                while place & 1 == 0 && place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = .node(new, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && old == firstRoot && new == secondRoot
    }
}
