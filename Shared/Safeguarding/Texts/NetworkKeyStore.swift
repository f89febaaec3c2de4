public import FoundationEssentials
public import PostgresClient

/// The network's keys in the database: public halves, signed.
public struct NetworkKeyStore: Sendable {
    public init() {}

    /// What became of a key that was added.
    public enum Added: String, Sendable {
        /// It is the current one, from its day on.
        case done
        /// It was there already.
        case known
        /// One is there that was signed for a later day: this one would be put back.
        case older
    }

    /// Where a key stands.
    public enum State: String, Sendable {
        /// Agencies seal to it.
        case current
        /// The one before, still taken from agencies that have not asked since.
        case before
        /// Its day is still to come.
        case later
        /// Followed by two others.
        case over
        /// Taken away by somebody.
        case retired
    }

    /// One key, and how much is sealed to it.
    public struct Listed: Sendable {
        public let id: String
        public let validFrom: Date
        /// Nothing when what the row holds is no key to seal to: somebody has written there by hand, and what would be sealed to it
        /// anybody might open.
        public let signed: SignedNetworkKey?
        public let state: State
        public let addedAt: Date
        /// How many texts that are not erased need its private half.
        public let texts: Int64
    }

    /// Makes the key the current one. Whether its signature is good is for the caller to have looked at, and for each agency to look
    /// at again.
    public func add(_ key: SignedNetworkKey, on executor: some PostgresExecutor) async throws -> Added {
        let rows = try await executor.execute(
            Self.addKey, key.statement.key.bytes, key.statement.validFrom, key.signature)
        guard let row = rows.first, let word = Added(rawValue: try row.decode(String.self)) else {
            throw SealedPackageError.malformed
        }
        return word
    }

    /// Nobody seals to it any more.
    /// - Returns: false when there is no such key, or it was retired before.
    public func retire(_ id: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.execute(Self.retireKey, id).first?.decode(Bool.self) ?? false
    }

    /// Every key, newest first.
    public func list(on executor: some PostgresExecutor) async throws -> [Listed] {
        try await executor.execute(Self.listKeys).map { row in
            let (id, bytes, validFrom, signature, addedAt, word, texts) = try row.decode(
                (String, [UInt8], Date, [UInt8], Date, String, Int64).self)
            guard let state = State(rawValue: word) else { throw SealedPackageError.malformed }
            // What is wrong with bytes that are no key there is but one word for.
            let key = try? AgencyPublicKey(bytes: bytes)
            return Listed(
                id: id, validFrom: validFrom,
                signed: key.map {
                    SignedNetworkKey(NetworkKeyStatement(key: $0, validFrom: validFrom), signature: signature)
                },
                state: state, addedAt: addedAt, texts: texts)
        }
    }
}
