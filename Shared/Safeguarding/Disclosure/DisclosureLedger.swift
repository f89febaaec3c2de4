public import FoundationEssentials
public import PostgresClient

/// The disclosure ledger (invariant 5): what was shown to whom. One transaction records and commits; a later one reads.
///
/// The tables are behind functions of the schema `safeguarding`; this type only calls them.
public struct DisclosureLedger: Sendable {
    public init() {}

    /// Writes what is about to be disclosed. It counts from the next transaction on.
    /// - Returns: the record's id, which reading the package asks for.
    public func record(_ request: DisclosureRequest, on executor: some PostgresExecutor) async throws -> UUID {
        let rows = try await DisclosureError.run(
            Self.recordDisclosure, on: executor,
            [
                request.referralID, request.agencyID, request.profile, request.fields, request.purpose,
                request.legalBasis,
                request.requestedBy,
            ])
        guard let row = rows.first else { throw DisclosureError.notRecorded }
        return try row.decode(UUID.self)
    }

    /// Returns if this record allows showing this referral to this agency now.
    /// - Throws: `DisclosureError.notRecorded` when there is no such record, it is about another referral or agency, or
    ///   the transaction of this call wrote it.
    public func require(
        _ id: UUID, referral: UUID, agency: UUID, on executor: some PostgresExecutor
    ) async throws {
        _ = try await DisclosureError.run(Self.requireDisclosure, on: executor, [id, referral, agency])
    }

    /// Everything that was disclosed of a referral, in order. For routing and operators.
    public func disclosures(of referral: UUID, on executor: some PostgresExecutor) async throws -> [DisclosureRecord] {
        let rows = try await DisclosureError.run(Self.disclosuresOf, on: executor, [referral])
        return try rows.map { row in
            let (id, number, agency, profile, fields, purpose, basis, by, at) = try row.decode(
                (UUID, Int64, UUID, String, [String], String, String, String, Date).self)
            return DisclosureRecord(
                id: id, number: number, recordedAt: at,
                request: DisclosureRequest(
                    referralID: referral, agencyID: agency, profile: profile, fields: fields, purpose: purpose,
                    legalBasis: basis, requestedBy: by))
        }
    }

    /// The ledger's records after a number, in order, at most `limit`. For operators.
    public func disclosures(
        after number: Int64, limit: Int = 100, on executor: some PostgresExecutor
    ) async throws -> [DisclosureRecord] {
        let rows = try await DisclosureError.run(
            Self.disclosuresAfter, on: executor, [number, Int32(clamping: limit)])
        return try rows.map { row in
            let (id, number, referral, agency, profile, fields, purpose, basis, by, at) = try row.decode(
                (UUID, Int64, UUID, UUID, String, [String], String, String, String, Date).self)
            return DisclosureRecord(
                id: id, number: number, recordedAt: at,
                request: DisclosureRequest(
                    referralID: referral, agencyID: agency, profile: profile, fields: fields, purpose: purpose,
                    legalBasis: basis, requestedBy: by))
        }
    }
}
