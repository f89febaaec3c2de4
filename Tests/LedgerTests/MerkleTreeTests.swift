import Crypto
@testable import Ledger
import Testing

/// Against the values that Certificate Transparency publishes for RFC 6962 (whose hashing RFC 9162 kept), and against a
/// recursive transcription of the RFC's definitions in another language.
@Suite struct MerkleTreeTests {
    static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57], Array(0x60...0x6f),
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    /// A leaf of a tree without contents: its own position.
    static func leaf(_ position: UInt64) -> TreeHash {
        .leaf((0..<8).map { UInt8(truncatingIfNeeded: position >> (56 - 8 * UInt64($0))) })
    }

    private static func hash(_ node: TreeNode) -> TreeHash {
        guard node.level > 0 else { return self.leaf(node.index) }
        return .node(
            self.hash(TreeNode(level: node.level - 1, index: 2 * node.index)),
            self.hash(TreeNode(level: node.level - 1, index: 2 * node.index + 1)))
    }

    private static func paths(_ plan: [Subtree], _ hash: (TreeNode) -> TreeHash) throws -> [TreeHash] {
        try plan.map { subtree in try subtree.root { node throws(LedgerError) in hash(node) } }
    }

    @Test func rootsAreThePublishedOnes() {
        var builder = TreeBuilder()
        #expect(Hex.encode(builder.root.bytes) == Self.roots[0])
        for (index, leaf) in Self.leaves.enumerated() {
            _ = builder.append(.leaf(leaf))
            #expect(Hex.encode(builder.root.bytes) == Self.roots[index + 1])
        }
    }

    @Test(
        arguments: [
            (0, 1, []),
            (
                0, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
            (
                1, 5,
                [
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(UInt64, UInt64, [String])])
    func inclusionProofsAreThePublishedOnes(position: UInt64, size: UInt64, path: [String]) throws {
        let made = try Self.paths(InclusionProof.plan(position: position, size: size)) { Self.published($0) }
        #expect(made.map { Hex.encode($0.bytes) } == path)
        let root = try #require(TreeHash(Self.bytes(Self.roots[Int(size)])))
        #expect(
            InclusionProof(path: made).proves(
                leaf: .leaf(Self.leaves[Int(position)]), position: position, size: size, root: root))
    }

    @Test(
        arguments: [
            (1, 1, []),
            (
                1, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                6, 8,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (
                2, 5,
                [
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(UInt64, UInt64, [String])])
    func consistencyProofsAreThePublishedOnes(first: UInt64, second: UInt64, path: [String]) throws {
        let made = try Self.paths(ConsistencyProof.plan(from: first, to: second)) { Self.published($0) }
        #expect(made.map { Hex.encode($0.bytes) } == path)
        let roots = try [first, second].map { try #require(TreeHash(Self.bytes(Self.roots[Int($0)]))) }
        #expect(ConsistencyProof(path: made).proves(from: first, roots[0], to: second, roots[1]))
    }

    /// Every proof of every tree up to 39 leaves, and every root up to 600: one hash over all stands for them.
    @Test func everySmallTreeIsTheTranscriptions() throws {
        var proofs = SHA256()
        for size in UInt64(1)..<40 {
            for position in 0..<size {
                for hash in try Self.paths(InclusionProof.plan(position: position, size: size), Self.hash) {
                    proofs.update(data: hash.bytes)
                }
            }
            for first in 1...size {
                for hash in try Self.paths(ConsistencyProof.plan(from: first, to: size), Self.hash) {
                    proofs.update(data: hash.bytes)
                }
            }
        }
        #expect(
            Hex.encode(Array(proofs.finalize())) == "9e95cae94244732e2304319c34b6569a4d4058839b86d85009fec2a8980077d4")
        var roots = SHA256()
        var builder = TreeBuilder()
        for position in UInt64(0)..<600 {
            _ = builder.append(Self.leaf(position))
            roots.update(data: builder.root.bytes)
        }
        #expect(
            Hex.encode(Array(roots.finalize())) == "c7c579e5dd06a520611192412cac957188eb8e7066aac54ae65d9869cdfa30dc")
    }

    /// Three levels of tiles: 256 of them make one of the next level.
    @Test func aLargeTreeHasTheTranscriptionsRoots() {
        var builder = TreeBuilder()
        var tiles: [Tile] = []
        var roots: [UInt64: String] = [:]
        for position in UInt64(0)..<70_000 {
            tiles += builder.append(Self.leaf(position))
            if [65_536, 65_537, 70_000].contains(builder.size) { roots[builder.size] = Hex.encode(builder.root.bytes) }
        }
        #expect(
            roots == [
                65_536: "bc9bca909516d5bf148c2bf2dea0a0d9f717ce4987d2fe7504d6694363b41598",
                65_537: "a901bb447a4b4c361cdf559658f27f24a8a3ebbc49257c472efe950932d4853a",
                70_000: "0759167a0f98e35e802d46ff7c7d29d2c3f03a63a256deb6abbff357a91b63b1",
            ])
        #expect(tiles.filter { $0.level == 0 }.map(\.number) == Array(0..<273))
        #expect(tiles.filter { $0.level == 1 }.map(\.number) == [0])
    }

    /// Whatever is changed in a proof, a position, a size or a root, it proves nothing.
    @Test func aProofThatWasTouchedProvesNothing() throws {
        let size: UInt64 = 13
        let root = try Self.paths([Subtree(0..<size)], Self.hash)[0]
        let wrong = TreeHash.leaf([1])
        for position in 0..<size {
            let path = try Self.paths(InclusionProof.plan(position: position, size: size), Self.hash)
            let leaf = Self.leaf(position)
            func proves(_ path: [TreeHash], _ leaf: TreeHash, _ position: UInt64, _ size: UInt64, _ root: TreeHash)
                -> Bool
            {
                InclusionProof(path: path).proves(leaf: leaf, position: position, size: size, root: root)
            }
            #expect(proves(path, leaf, position, size, root))
            #expect(!proves(path, wrong, position, size, root))
            #expect(!proves(path, leaf, position, size, wrong))
            #expect(!proves(path + [wrong], leaf, position, size, root))
            #expect(!proves(path.dropLast(), leaf, position, size, root))
            #expect(!proves(path, leaf, size + position, size, root))
            for other in 0..<size where other != position { #expect(!proves(path, leaf, other, size, root)) }
            for index in path.indices {
                var touched = path
                touched[index] = wrong
                #expect(!proves(touched, leaf, position, size, root))
            }
        }
    }

    @Test func aConsistencyProofThatWasTouchedProvesNothing() throws {
        let second: UInt64 = 13
        let root = try Self.paths([Subtree(0..<second)], Self.hash)[0]
        let wrong = TreeHash.leaf([1])
        for first in 1..<second {
            let old = try Self.paths([Subtree(0..<first)], Self.hash)[0]
            let path = try Self.paths(ConsistencyProof.plan(from: first, to: second), Self.hash)
            func proves(_ path: [TreeHash], _ first: UInt64, _ old: TreeHash, _ new: TreeHash) -> Bool {
                ConsistencyProof(path: path).proves(from: first, old, to: second, new)
            }
            #expect(proves(path, first, old, root))
            #expect(!proves(path, first, wrong, root))
            #expect(!proves(path, first, old, wrong))
            #expect(!proves(path + [wrong], first, old, root))
            #expect(!proves(path.dropLast(), first, old, root))
            for index in path.indices {
                var touched = path
                touched[index] = wrong
                #expect(!proves(touched, first, old, root))
            }
        }
        #expect(!ConsistencyProof(path: []).proves(from: 14, root, to: 13, root))
        #expect(ConsistencyProof(path: []).proves(from: 0, .empty, to: 13, root))
        #expect(!ConsistencyProof(path: []).proves(from: 0, wrong, to: 13, root))
    }

    private static func published(_ node: TreeNode) -> TreeHash {
        guard node.level > 0 else { return .leaf(self.leaves[Int(node.index)]) }
        return .node(
            self.published(TreeNode(level: node.level - 1, index: 2 * node.index)),
            self.published(TreeNode(level: node.level - 1, index: 2 * node.index + 1)))
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        var rest = hex[...]
        var bytes: [UInt8] = []
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
