/// 256 neighbouring hashes of every eighth level: what is stored of the tree, once, when it is full, and never changed. A
/// proof reads a few tiles for each level, whatever the size of the log.
public struct Tile: Sendable, Hashable {
    /// How many levels of the tree a tile spans.
    static let height = 8
    /// How many hashes are in a full one.
    static let width = 1 << height

    /// 0 are the leaves; the hashes of level `n` are nodes `8 * n` levels above them.
    public let level: Int
    /// From the left.
    public let number: UInt64
    /// 256 when it is full.
    public let hashes: [TreeHash]

    /// The node above all of a full tile, which is one hash of a tile of the next level.
    public var root: TreeHash { Self.root(self.hashes[...]) }

    /// Of a power of two of neighbours.
    static func root(_ hashes: ArraySlice<TreeHash>) -> TreeHash {
        guard let first = hashes.first else { return .empty }
        guard hashes.count > 1 else { return first }
        let middle = hashes.startIndex + hashes.count / 2
        return .node(Self.root(hashes[..<middle]), Self.root(hashes[middle...]))
    }

    /// How many hashes of a level stand behind its last full tile.
    static func openCount(level: Int, size: UInt64) -> Int {
        Int((size >> UInt64(self.height * level)) & UInt64(self.width - 1))
    }

    /// How many levels a tree of this size has had to do with.
    static func levels(size: UInt64) -> Int {
        var levels = 0
        while size >> UInt64(self.height * levels) > 0 { levels += 1 }
        return levels
    }
}

/// A tile by its place.
struct TileName: Sendable, Hashable {
    let level: Int
    let number: UInt64

    /// The tile in which a node can be reckoned.
    init(of node: TreeNode) {
        self.level = node.level / Tile.height
        self.number = node.index >> UInt64(Tile.height - node.level % Tile.height)
    }

    init(level: Int, number: UInt64) {
        self.level = level
        self.number = number
    }

    /// The node's hash, out of the tile's, or nil when these do not reach so far.
    func hash(of node: TreeNode, in hashes: [TreeHash]) -> TreeHash? {
        let height = node.level % Tile.height
        let first = Int((node.index << UInt64(height)) & UInt64(Tile.width - 1))
        let end = first + 1 << height
        guard end <= hashes.count else { return nil }
        return Tile.root(hashes[first..<end])
    }
}
