public import FoundationEssentials
public import PostgresClient

/// The log as the database holds it. The tables are behind functions of the schema `ledger`; this type only calls them.
public struct LedgerStore: Sendable {
    public init() {}

    /// How far the log has come.
    struct Head: Sendable {
        let size: UInt64
        let lastCommitment: [UInt8]?
        /// The size of the latest checkpoint.
        let signedSize: UInt64
        let note: String?
    }

    /// The latest checkpoint as a signed note, or nil before the first: what goes with a hand-over.
    public func latestCheckpoint(on executor: some PostgresExecutor) async throws(PostgresError) -> String? {
        try await executor.execute(Self.latestCheckpoint).first?.decode(String?.self) ?? nil
    }

    /// Has what opens a case's entries destroyed; the signer does it within seconds, and enters in the log that it did. For whoever
    /// erases the case, in that transaction.
    public func erase(_ caseID: UUID, on executor: some PostgresExecutor) async throws(PostgresError) {
        try await executor.execute(Self.erase, caseID)
    }

    /// How the log is kept, for operators.
    public func health(on executor: some PostgresExecutor) async throws(PostgresError) -> LedgerHealth {
        guard let row = try await executor.execute(Self.health).first else { return LedgerHealth() }
        let (size, signed, at, isLed, waiting) = try row.decode((Int64, Int64, Date?, Bool, Date?).self)
        var health = LedgerHealth()
        health.size = UInt64(size)
        health.signedSize = UInt64(signed)
        health.publishedAt = at
        health.hasSigner = isLed
        health.waitingSince = waiting
        return health
    }

    /// Where the entries about a referral or a disclosure stand, in order.
    public func positions(
        referral: String?, disclosure: UUID?, on executor: some PostgresExecutor
    ) async throws(PostgresError) -> [(position: UInt64, kind: String)] {
        var found: [(position: UInt64, kind: String)] = []
        for row in try await executor.execute(Self.locate, referral, disclosure) {
            let (position, kind) = try row.decode((Int64, String).self)
            found.append((UInt64(position), kind))
        }
        return found
    }

    /// A page of the log: from a position on and below another.
    /// - Parameter agency: the code of the agency that it is for, which then reads its own entries only; nil reads all.
    public func page(
        from: UInt64, until: UInt64, agency: String?, on executor: some PostgresExecutor
    ) async throws(PostgresError) -> [LedgerEntry] {
        try await executor.execute(Self.page, Int64(clamping: from), Int64(clamping: until), agency)
            .map { row throws(PostgresError) in
                let (position, commitment, state, nonce, shared, sealed) = try row.decode(
                    (Int64, [UInt8], String, [UInt8]?, String?, String?).self)
                return LedgerEntry(
                    position: UInt64(position), commitment: commitment,
                    state: LedgerEntry.State(rawValue: state) ?? .missing, nonce: nonce, text: shared, sealed: sealed)
            }
    }

    /// Checkpoints of larger logs than this, the smallest first.
    public func checkpoints(
        after size: UInt64, limit: Int = 1000, on executor: some PostgresExecutor
    ) async throws(PostgresError) -> [(size: UInt64, note: String)] {
        try await executor.execute(Self.checkpointsAfter, Int64(clamping: size), Int32(clamping: limit))
            .map { row throws(PostgresError) in
                let (size, note) = try row.decode((Int64, String).self)
                return (UInt64(size), note)
            }
    }

    /// Rows that ought to be entries and are not: `event 17`.
    public func strays(limit: Int = 1000, on executor: some PostgresExecutor) async throws(PostgresError) -> [String] {
        try await executor.execute(Self.strays, Int32(clamping: limit)).map { row throws(PostgresError) in
            let (source, id) = try row.decode((String, Int64).self)
            return "\(source) \(id)"
        }
    }

    // MARK: - The signer's

    func head(on executor: some PostgresExecutor) async throws(PostgresError) -> Head {
        guard let row = try await executor.execute(Self.head).first else {
            return Head(size: 0, lastCommitment: nil, signedSize: 0, note: nil)
        }
        let (size, last, signed, note) = try row.decode((Int64, [UInt8]?, Int64, String?).self)
        return Head(size: UInt64(size), lastCommitment: last, signedSize: UInt64(signed), note: note)
    }

    func lead(_ signer: UUID, seconds: Double, on executor: some PostgresExecutor) async throws(PostgresError) -> Bool {
        try await executor.execute(Self.lead, signer, seconds).first?.decode(Bool.self) ?? false
    }

    func resign(_ signer: UUID, on executor: some PostgresExecutor) async throws(PostgresError) {
        try await executor.execute(Self.resign, signer)
    }

    /// Puts what has been committed behind the last entry and returns its commitments, in order.
    /// - Parameter nonces: 32 bytes for each entry that may be taken.
    /// - Throws: `LedgerError.notLeader`, `.moved`, `.contradiction`, or a `PostgresError`.
    func sequence(
        _ signer: UUID, size: UInt64, last: [UInt8]?, nonces: [UInt8], on executor: some PostgresExecutor
    ) async throws -> [[UInt8]] {
        try await Self.translated {
            try await executor.execute(Self.sequence, signer, Int64(clamping: size), last, nonces)
                .enumerated().map { index, row in
                    let (position, commitment) = try row.decode((Int64, [UInt8]).self)
                    guard UInt64(position) == size + UInt64(index) else {
                        throw LedgerError.tree("the log has a gap")
                    }
                    return commitment
                }
        }
    }

    func commitments(
        from position: UInt64, limit: Int, on executor: some PostgresExecutor
    ) async throws -> [[UInt8]] {
        try await executor.execute(Self.commitments, Int64(clamping: position), Int32(clamping: limit))
            .enumerated().map { index, row in
                let (found, commitment) = try row.decode((Int64, [UInt8]).self)
                guard UInt64(found) == position + UInt64(index) else {
                    throw LedgerError.tree("the log has a gap at \(position + UInt64(index))")
                }
                return commitment
            }
    }

    func publish(
        _ signer: UUID, _ checkpoint: SignedCheckpoint, tiles: [Tile], on executor: some PostgresExecutor
    ) async throws {
        _ = try await Self.translated {
            try await executor.execute(
                Self.publish, signer, Int64(clamping: checkpoint.checkpoint.size), checkpoint.checkpoint.root.bytes,
                checkpoint.note, tiles.map { Int16(clamping: $0.level) }, tiles.map { Int64(clamping: $0.number) },
                tiles.map { tile in tile.hashes.flatMap(\.bytes) }, tiles.map(\.root.bytes))
        }
    }

    /// The hashes of a tile, as far as there are any.
    func hashes(_ tile: TileName, on executor: some PostgresExecutor) async throws -> [TreeHash] {
        let bytes =
            try await executor.execute(Self.tileHashes, Int16(clamping: tile.level), Int64(clamping: tile.number))
            .first?.decode([UInt8].self) ?? []
        return stride(from: 0, to: bytes.count - 31, by: 32).compactMap { TreeHash(bytes[$0..<($0 + 32)]) }
    }

    /// The refusals of the functions, as what they mean.
    private static func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            switch error.sqlState {
            case "DL001": throw LedgerError.notLeader
            case "DL002": throw LedgerError.moved
            case "DL003":
                throw LedgerError.contradiction(
                    """
                    the database's transaction numbers went back: it was restored from a dump, and what was committed \
                    since cannot be told from what is in the log
                    """)
            case "DL004":
                throw LedgerError.contradiction("the database holds a checkpoint or tile that contradicts the log")
            default: throw error
            }
        }
    }
}
