public import Casework
public import FoundationEssentials
import PostgresClient

/// A hand-over 交办 as it was leased to its agency. Its disclosure is in the ledger once the lease has committed.
public struct LeasedHandOver: Sendable {
    /// What the agency is told of the referral, and the record its package is read against.
    public struct Referral: Sendable {
        public let id: UUID
        public let number: ReferralNumber
        public let purpose: Purpose
        public let legalBasis: String
        public let tier: DivisionLevel
        public let answerDueAt: Date?
        public let disclosure: UUID
    }

    /// The lease's random name.
    public let lease: UUID
    public let expiresAt: Date
    public let attempt: Int
    /// `nil` when it was not delivered: `refused` says why, and the job is settled.
    public let referral: Referral?
    /// Why it was not delivered: `undecodable_arguments`, `referral_not_of_this_agency`, `referral_not_open`, `delivery_failed`,
    /// `consent_gone` or `package_unreadable`.
    public let refused: String?

    init(row: PostgresRow) throws {
        self.lease = try row.decode(column: "lease")
        self.expiresAt = try row.decode(column: "expires_at")
        self.attempt = try Int(row.decode(Int32.self, column: "attempt"))
        self.refused = try row.decode(column: "refused")
        guard self.refused == nil else {
            self.referral = nil
            return
        }
        self.referral = Referral(
            id: try row.decode(column: "referral_id"), number: try Self.word(row, "number"),
            purpose: try Self.word(row, "purpose"), legalBasis: try row.decode(column: "legal_basis"),
            tier: try Self.word(row, "tier"), answerDueAt: try row.decode(column: "answer_due_at"),
            disclosure: try row.decode(column: "disclosure"))
    }

    private static func word<Word: RawRepresentable<String>>(_ row: PostgresRow, _ column: String) throws -> Word {
        guard let word = Word(rawValue: try row.decode(String.self, column: column)) else {
            throw AgencyDoorError(place: column)
        }
        return word
    }
}

/// A stored word is not one this version knows.
public struct AgencyDoorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The column, never its value.
    public let place: String
    public var description: String { "a word of the doors is not one this version knows (\(self.place))" }
}
