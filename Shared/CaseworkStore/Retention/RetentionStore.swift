public import Casework
public import FoundationEssentials
public import PostgresClient

/// How long people can be told from a case that is over, and who holds it longer.
public struct RetentionStore: Sendable {
    public init() {}

    /// A supervisor holds a case for a reason, or releases it. Returns the case.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`; `alreadySo`;
    ///   `notPossible` when nothing of people is left to hold.
    public func setHold(
        _ reason: LegalHold, stands: Bool, on number: CaseNumber, by actor: CaseActor,
        in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.setLegalHold, [number.rawValue, actor.client, actor.staff.rawValue, reason.rawValue, stands]
        ).decode(UUID.self)
    }

    /// Takes out of at most `limit` cases what identifies people, once they have been closed for so long and nobody holds
    /// them. Returns them: the packages of their referrals are the caller's to discard, in the same transaction.
    public func anonymise(
        closedFor time: Duration, limit: Int, in transaction: PostgresTransaction
    ) async throws -> [UUID] {
        try await transaction.call(
            Self.anonymiseCases, [Double(time.components.seconds), Int32(limit)]
        ).map { try $0.decode(UUID.self) }
    }
}
