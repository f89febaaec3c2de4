import Crypto
import FoundationEssentials
public import PostgresClient

/// Takes what has been committed into the log and signs checkpoints over it. Each step is on disk before the next begins:
///
/// 1. entries get their positions and nonces, in one transaction;
/// 2. a checkpoint over committed entries is signed and written to the file beside the key;
/// 3. it is published, with the tiles that it completed, in another transaction.
///
/// A process that dies between two of them is followed by one that finds what is there and goes on; what was signed is over
/// committed entries, so no two checkpoints can contradict each other unless the database loses a commit. That is what the
/// file is for: every signer compares the log with it before it signs.
public actor LogSigner {
    /// What a round did.
    public struct Round: Sendable, Equatable {
        /// Whether this process is the signer; otherwise another is, and this one only watched.
        public var isLeader: Bool
        /// How many entries were taken.
        public var taken: Int
        /// How many entries the latest checkpoint is over.
        public var signedSize: UInt64
    }

    /// The log as this process knows it.
    private struct Known {
        var builder: TreeBuilder
        var lastCommitment: [UInt8]?
        var signedSize: UInt64
        /// Completed since the last checkpoint.
        var tiles: [Tile]
    }

    private let id = UUID()
    private let key: NoteSigner
    private let file: SignedFile
    private let pool: PostgresPool
    private let store = LedgerStore()
    private let batch: Int
    private let lease: Double
    private var known: Known?
    /// What the last round took.
    private var lastTaken = 0

    /// - Parameters:
    ///   - batch: how many entries are taken in one transaction, at most.
    ///   - lease: after how many seconds of silence another signer may take over.
    public init(key: NoteSigner, file: SignedFile, pool: PostgresPool, batch: Int = 2000, lease: Double = 15) {
        self.key = key
        self.file = file
        self.pool = pool
        self.batch = batch
        self.lease = lease
    }

    /// Takes everything that is there, signs and publishes.
    /// - Throws: `LedgerError.contradiction`, `.signature` or `.file`: signing on would make things worse, and the process
    ///   must end. `PostgresError`: try again.
    public func round() async throws -> Round {
        do {
            guard try await self.store.lead(self.id, seconds: self.lease, on: self.pool) else {
                self.known = nil
                return Round(isLeader: false, taken: 0, signedSize: try await self.watch())
            }
            var known: Known
            if let kept = self.known { known = kept } else { known = try await self.load() }
            let taken = try await self.take(&known)
            if known.builder.size > known.signedSize { try await self.sign(&known) }
            self.known = known
            return Round(isLeader: true, taken: taken, signedSize: known.signedSize)
        } catch {
            self.known = nil  // Whatever it was, the next round looks at what is there.
            switch error as? LedgerError {
            case .notLeader: return Round(isLeader: false, taken: 0, signedSize: 0)
            case .moved: return Round(isLeader: true, taken: 0, signedSize: 0)
            default: throw error
            }
        }
    }

    /// Lets another signer begin at once.
    public func resign() async throws(PostgresError) {
        try await self.store.resign(self.id, on: self.pool)
        self.known = nil
    }

    /// One transaction for each batch; a checkpoint may wait for several of them, not for all that a long absence left.
    private func take(_ known: inout Known) async throws -> Int {
        var taken = 0
        for turn in 0..<8 {
            // Mostly there is about as much as in the last round: the first look brings nonces for twice that with it.
            let count = turn == 0 ? min(max(64, 2 * self.lastTaken), self.batch) : self.batch
            let commitments = try await self.store.sequence(
                self.id, size: known.builder.size, last: known.lastCommitment, nonces: Self.nonces(count), on: self.pool
            )
            for commitment in commitments { known.tiles += known.builder.append(.leaf(commitment)) }
            known.lastCommitment = commitments.last ?? known.lastCommitment
            taken += commitments.count
            if commitments.count < count { break }
        }
        self.lastTaken = taken
        return taken
    }

    private func sign(_ known: inout Known) async throws {
        let checkpoint = try SignedCheckpoint(size: known.builder.size, root: known.builder.root, by: self.key)
        try self.file.write(checkpoint.note)
        try await self.store.publish(self.id, checkpoint, tiles: known.tiles, on: self.pool)
        known.signedSize = checkpoint.checkpoint.size
        known.tiles = []
    }

    /// From the system's generator of keys, one behind the other.
    private static func nonces(_ count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: 256 * count)).withUnsafeBytes { Array($0) }
    }

    // MARK: - What is there

    /// The log from the database, compared with everything that was ever signed and is still known. What a signer signed
    /// before it died and did not publish is followed by a checkpoint over at least as much.
    private func load() async throws -> Known {
        try await self.stored().known
    }

    /// Follows the signer that is at work, so that this one's file knows as much when it has to take over.
    private func watch() async throws -> UInt64 {
        let (known, note, signed) = try await self.stored()
        if let note, known.signedSize > signed?.checkpoint.size ?? 0 { try self.file.write(note) }
        return known.signedSize
    }

    private func stored() async throws -> (known: Known, published: String?, signed: SignedCheckpoint?) {
        let signed = try self.file.read().map { note throws(LedgerError) in
            try SignedCheckpoint(note: note, verifiedBy: self.key.verifier)
        }
        return try await self.pool.withTransaction("ledger_load", isolation: .repeatableRead) { transaction in
            let head = try await self.store.head(on: transaction)
            return (try await self.known(head, signed, on: transaction), head.note, signed)
        }
    }

    private func known(
        _ head: LedgerStore.Head, _ signed: SignedCheckpoint?, on transaction: PostgresTransaction
    ) async throws -> Known {
        let published = try head.note.map { note throws(LedgerError) in
            try SignedCheckpoint(note: note, verifiedBy: self.key.verifier).checkpoint
        }
        let mine = signed?.checkpoint
        guard head.size >= mine?.size ?? 0, head.size >= head.signedSize else {
            throw LedgerError.contradiction(
                """
                the database's log has \(head.size) entries and this signer has signed \(mine?.size ?? head.signedSize): \
                the end was lost, by a failover or a restore
                """)
        }
        let tree = StoredTree()
        var known = Known(
            builder: try await tree.builder(at: head.signedSize, on: transaction), lastCommitment: head.lastCommitment,
            signedSize: head.signedSize, tiles: [])
        guard known.builder.root == published?.root ?? .empty else {
            throw LedgerError.contradiction("the stored tree has another root than the checkpoint that is published")
        }
        if let mine, mine.size <= head.signedSize {
            guard try await tree.root(of: mine.size, on: transaction) == mine.root else {
                throw Self.otherHistory(mine)
            }
        }
        while known.builder.size < head.size {
            let commitments = try await self.store.commitments(
                from: known.builder.size, limit: self.batch, on: transaction)
            guard !commitments.isEmpty else { throw LedgerError.tree("the log ends before its length") }
            for commitment in commitments {
                known.tiles += known.builder.append(.leaf(commitment))
                if let mine, mine.size == known.builder.size, mine.root != known.builder.root {
                    throw Self.otherHistory(mine)
                }
            }
        }
        return known
    }

    private static func otherHistory(_ checkpoint: Checkpoint) -> LedgerError {
        .contradiction(
            """
            the database's first \(checkpoint.size) entries are not those that this signer has signed: they were \
            changed, or lost and replaced, by a failover or a restore
            """)
    }
}
