public import Casework
public import FoundationEssentials
import PostgresClient

/// What an agency sees of a referral: never the case, never another agency's.
public struct AgencyReferral: Sendable, Equatable {
    public let id: UUID
    public let number: ReferralNumber
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    public let status: ReferralStatus
    public let legalBasis: String
    public let tier: DivisionLevel
    public let requestedAt: Date
    public let receivedAt: Date?
    public let answeredAt: Date?
    public let settledAt: Date?
    public let reasonCode: String?
    public let outcome: Outcome?
    /// When the answer is due.
    public let answerDueAt: Date?
    /// When the outcome is due, once accepted.
    public let outcomeDueAt: Date?
    /// The lease that accepted: repeating the acceptance with it is no second one.
    public let acceptedLease: String?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.purpose = try row.word(column: "purpose")
        self.profile = try row.word(column: "profile")
        self.status = try row.word(column: "status")
        self.legalBasis = try row.decode(column: "legal_basis")
        self.tier = try row.word(column: "tier")
        self.requestedAt = try row.decode(column: "requested_at")
        self.receivedAt = try row.decode(column: "received_at")
        self.answeredAt = try row.decode(column: "answered_at")
        self.settledAt = try row.decode(column: "settled_at")
        self.reasonCode = try row.decode(column: "reason_code")
        self.outcome = try row.optionalWord(column: "outcome_code")
        self.answerDueAt = try row.decode(column: "answer_due_at")
        self.outcomeDueAt = try row.decode(column: "outcome_due_at")
        self.acceptedLease = try row.decode(column: "accepted_lease")
    }
}

/// How many of an agency's referrals are in one state.
public struct AgencyCount: Sendable, Equatable {
    public let status: ReferralStatus
    public let referrals: Int64
    /// How many of them are past the time in which an answer, or an outcome, was due.
    public let overdue: Int64
}

/// What an agency's endpoint is to be told.
public struct WebhookDelivery: Sendable, Equatable {
    public let id: UUID
    public let agencyID: UUID
    /// `nil` when the agency has no endpoint any more, or is suspended.
    public let url: String?
    /// Each signs: the newest, and the one before it for as long as the endpoint changes over.
    public let secrets: [[UInt8]]
    public let event: String
    public let state: DeliveryState
    /// `nil` for a test of the endpoint.
    public let referralNumber: ReferralNumber?
    public let createdAt: Date

    init(id: UUID, row: PostgresRow) throws {
        self.id = id
        self.agencyID = try row.decode(column: "agency_id")
        self.url = try row.decode(column: "url")
        let secrets: [[UInt8]?] = [try row.decode(column: "secret"), try row.decode(column: "secret_before")]
        self.secrets = secrets.compactMap(\.self).filter { !$0.isEmpty }
        self.event = try row.decode(column: "event")
        self.state = try row.word(column: "state")
        let number: String? = try row.decode(column: "referral_number")
        self.referralNumber = number == nil ? nil : try row.word(column: "referral_number")
        self.createdAt = try row.decode(column: "created_at")
    }
}

/// Where a webhook delivery stands.
public enum DeliveryState: String, Sendable, Codable, CaseIterable {
    case pending
    case delivered
    case failed
}
