public import Casework
public import FoundationEssentials
public import PostgresClient

/// A referral as operators see it.
public struct ReferralOverview: Sendable, Equatable {
    public let id: UUID
    public let number: ReferralNumber
    public let agencyCode: String
    public let agencyName: String
    public let agencyKind: AgencyKind
    public let division: DivisionCode
    public let tier: DivisionLevel
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    public let status: ReferralStatus
    public let reasonCode: String?
    public let outcome: Outcome?
    public let legalBasis: String
    public let consentBasis: ConsentBasis
    public let ruleVersion: Int64
    /// Why routing chose it, as it was recorded then.
    public let explanation: PostgresJSON
    /// The number of the referral this one replaced.
    public let predecessor: ReferralNumber?
    public let requestedAt: Date
    public let receivedAt: Date?
    public let answeredAt: Date?
    public let settledAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.agencyCode = try row.decode(column: "agency_code")
        self.agencyName = try row.decode(column: "agency_name")
        self.agencyKind = try row.word(column: "agency_kind")
        self.division = try row.word(column: "division_code")
        self.tier = try row.word(column: "tier")
        self.purpose = try row.word(column: "purpose")
        self.profile = try row.word(column: "profile")
        self.status = try row.word(column: "status")
        self.reasonCode = try row.decode(column: "reason_code")
        self.outcome = try row.optionalWord(column: "outcome_code")
        self.legalBasis = try row.decode(column: "legal_basis")
        self.consentBasis = try row.word(column: "consent_basis")
        self.ruleVersion = try row.decode(column: "rule_version")
        self.explanation = try row.decode(column: "explanation")
        self.predecessor = try row.optionalWord(column: "predecessor")
        self.requestedAt = try row.decode(column: "requested_at")
        self.receivedAt = try row.decode(column: "received_at")
        self.answeredAt = try row.decode(column: "answered_at")
        self.settledAt = try row.decode(column: "settled_at")
    }
}

/// A clock as operators see it.
public struct ClockOverview: Sendable, Equatable {
    public let id: UUID
    public let referral: ReferralNumber?
    public let kind: ClockKind
    public let name: ClockName
    public let basis: String
    public let status: ClockStatus
    public let startedAt: Date
    public let dueAt: Date
    public let endedAt: Date?
    /// Since when it stands still.
    public let pausedAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.referral = try row.optionalWord(column: "referral")
        self.kind = try row.word(column: "kind")
        self.name = try row.word(column: "name")
        self.basis = try row.decode(column: "basis")
        self.status = try row.word(column: "state")
        self.startedAt = try row.decode(column: "started_at")
        self.dueAt = try row.decode(column: "due_at")
        self.endedAt = try row.decode(column: "ended_at")
        self.pausedAt = try row.decode(column: "paused_at")
    }
}
