public import PostgresClient

/// Proofs out of the stored tree: a few tiles are read for each, whatever the size of the log.
public struct StoredTree: Sendable {
    private let store = LedgerStore()

    public init() {}

    /// - Throws: `LedgerError.tree` when the stored tree lacks what it must have.
    public func inclusion(
        of position: UInt64, in size: UInt64, on executor: some PostgresExecutor
    ) async throws -> InclusionProof {
        InclusionProof(
            path: try await self.roots(InclusionProof.plan(position: position, size: size), on: executor))
    }

    /// - Throws: `LedgerError.tree` when the stored tree lacks what it must have.
    public func consistency(
        from first: UInt64, to second: UInt64, on executor: some PostgresExecutor
    ) async throws -> ConsistencyProof {
        ConsistencyProof(path: try await self.roots(ConsistencyProof.plan(from: first, to: second), on: executor))
    }

    /// The root over the first entries.
    /// - Throws: `LedgerError.tree` when the stored tree lacks what it must have.
    public func root(of size: UInt64, on executor: some PostgresExecutor) async throws -> TreeHash {
        try await self.roots([Subtree(0..<size)], on: executor).first ?? .empty
    }

    /// The tree as it stood at a size, to be gone on with.
    func builder(at size: UInt64, on executor: some PostgresExecutor) async throws -> TreeBuilder {
        var open: [[TreeHash]] = []
        for level in 0..<Tile.levels(size: size) {
            let count = Tile.openCount(level: level, size: size)
            let name = TileName(level: level, number: size >> UInt64(Tile.height * (level + 1)))
            open.append(count == 0 ? [] : Array(try await self.store.hashes(name, on: executor).prefix(count)))
        }
        return try TreeBuilder(size: size, open: open)
    }

    private func roots(_ subtrees: [Subtree], on executor: some PostgresExecutor) async throws -> [TreeHash] {
        var tiles: [TileName: [TreeHash]] = [:]
        for node in subtrees.flatMap(\.nodes) where tiles[TileName(of: node)] == nil {
            tiles[TileName(of: node)] = try await self.store.hashes(TileName(of: node), on: executor)
        }
        let hashes = tiles
        var roots: [TreeHash] = []
        for subtree in subtrees {
            let root = try subtree.root { node throws(LedgerError) in
                let name = TileName(of: node)
                guard let hash = hashes[name].flatMap({ name.hash(of: node, in: $0) }) else {
                    throw .tree("the stored tree lacks node \(node.index) of level \(node.level)")
                }
                return hash
            }
            roots.append(root)
        }
        return roots
    }
}
