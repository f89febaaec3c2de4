public import FoundationEssentials
public import PostgresClient

/// The sealed packages of hand-overs. Routing puts them; the gateway reads the bytes, against a record in the ledger.
public struct SealedPackageStore: Sendable {
    /// What a package holds, without its bytes: what the gateway records before it reads.
    public struct Summary: Sendable, Hashable {
        /// The disclosure profile's name.
        public let profile: String
        /// The names of the fields.
        public let fields: [String]
        public let sealedAt: Date
    }

    /// A package that is there, and to which key it is sealed.
    public struct Description: Sendable, Hashable {
        public let summary: Summary
        /// SHA-256 of the key.
        public let keyFingerprint: [UInt8]
    }

    /// A package that was read.
    public struct Stored: Sendable, Hashable {
        public let summary: Summary
        public let package: SealedPackage
    }

    public init() {}

    /// Stores packages of referrals, with the transaction's next statement, or replaces each by one sealed again for the same
    /// agency. That a referral's package is another agency's comes up there, as SQLSTATE DC102.
    public func post(_ packages: [NewSealedPackage], in transaction: PostgresTransaction) throws {
        try transaction.post(
            Self.putPackages, packages.map(\.referralID), packages.map(\.agencyID), packages.map(\.package.profile),
            try packages.map { try PostgresJSON(encoding: $0.package.fields) }, packages.map(\.key.fingerprint),
            packages.map(\.sealed.bytes))
    }

    /// Writes into the ledger that the referral's package is about to be disclosed, with the transaction's next statement,
    /// where a package that is not there comes up as SQLSTATE DC102. It counts from the next transaction on.
    /// - Returns: the record's id, which `read` asks for.
    public func recordDisclosure(
        of referral: UUID, to agency: UUID, purpose: String, legalBasis: String, requestedBy: String,
        in transaction: PostgresTransaction
    ) throws -> UUID {
        let id = UUID()
        try transaction.post(Self.recordPackageDisclosure, id, referral, agency, purpose, legalBasis, requestedBy)
        return id
    }

    /// What the referral's package holds; `nil` when the agency has none.
    public func describe(
        referral: UUID, agency: UUID, on executor: some PostgresExecutor
    ) async throws -> Description? {
        let rows = try await DisclosureError.run(Self.describePackage, on: executor, [referral, agency])
        guard let row = rows.first else { return nil }
        let (profile, fields, sealedAt, key) = try row.decode((String, [String], Date, [UInt8]).self)
        return Description(
            summary: Summary(profile: profile, fields: fields, sealedAt: sealedAt), keyFingerprint: key)
    }

    /// The bytes, against the ledger's record of this disclosure, which an earlier transaction committed.
    /// - Throws: `DisclosureError`.
    public func read(
        disclosure: UUID, referral: UUID, agency: UUID, on executor: some PostgresExecutor
    ) async throws -> Stored {
        let rows = try await DisclosureError.run(Self.readPackage, on: executor, [disclosure, referral, agency])
        guard let row = rows.first else { throw DisclosureError.noPackage }
        let (profile, fields, bytes, sealedAt) = try row.decode((String, [String], [UInt8], Date).self)
        return Stored(
            summary: Summary(profile: profile, fields: fields, sealedAt: sealedAt),
            package: try SealedPackage(bytes: bytes))
    }

    /// Removes the bytes: after a withdrawal, a cancellation, at erasure. The ledger stays.
    /// - Returns: whether there were any.
    @discardableResult
    public func discard(referral: UUID, on executor: some PostgresExecutor) async throws -> Bool {
        let rows = try await DisclosureError.run(Self.discardPackage, on: executor, [referral])
        guard let row = rows.first else { return false }
        return try row.decode(Bool.self)
    }
}
