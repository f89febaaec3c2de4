/// A tree that only grows. It remembers of each level the hashes of its last, unfinished tile, at most 255, whatever its
/// size; finished tiles are handed out to be stored.
public struct TreeBuilder: Sendable {
    /// How many leaves it has.
    public private(set) var size: UInt64
    /// Of each level, what is left behind its last full tile.
    private var open: [[TreeHash]]

    /// A tree without leaves.
    public init() {
        self.size = 0
        self.open = []
    }

    /// The tree as it stood.
    /// - Parameter open: of each level from the leaves up, the hashes behind the last full tile.
    /// - Throws: `LedgerError.tree` when they are not as many as the size says.
    init(size: UInt64, open: [[TreeHash]]) throws(LedgerError) {
        for (level, hashes) in open.enumerated() where hashes.count != Tile.openCount(level: level, size: size) {
            throw .tree("a level of the stored tree has not as many hashes as its size says")
        }
        guard open.count == Tile.levels(size: size) else { throw .tree("the stored tree lacks a level") }
        self.size = size
        self.open = open
    }

    /// Puts a leaf behind the last one and returns the tiles that it has filled.
    public mutating func append(_ leaf: TreeHash) -> [Tile] {
        var filled: [Tile] = []
        var level = 0
        var hash = leaf
        while true {
            if level == self.open.count { self.open.append([]) }
            self.open[level].append(hash)
            guard self.open[level].count == Tile.width else { break }
            let number = (self.size >> UInt64(Tile.height * (level + 1)))
            let tile = Tile(level: level, number: number, hashes: self.open[level])
            self.open[level] = []
            filled.append(tile)
            hash = tile.root
            level += 1
        }
        self.size += 1
        return filled
    }

    /// The root of the tree as it is now.
    public var root: TreeHash {
        var root: TreeHash?
        for hashes in self.open {
            // The full parts of what is left, the smallest first: they hang to the left of all that is below them.
            var end = hashes.count
            while end > 0 {
                let count = end & -end
                let part = Tile.root(hashes[(end - count)..<end])
                root = root.map { TreeHash.node(part, $0) } ?? part
                end -= count
            }
        }
        return root ?? .empty
    }
}
