public import Casework
public import FoundationEssentials
public import PostgresClient

/// A referral as routing makes it.
public struct NewReferral: Sendable {
    public var id: UUID
    public var number: ReferralNumber
    public var caseID: UUID
    public var agencyID: UUID
    public var purpose: Purpose
    public var profile: DisclosureProfileName
    /// The level of the agency.
    public var tier: DivisionLevel
    public var ruleVersion: Int64
    /// Why: rule ids, conditions and codes, never a person.
    public var explanation: PostgresJSON
    public var legalBasis: String
    public var consentBasis: ConsentBasis
    /// 0 first to 9.
    public var priority: Int
    /// The clock of the rule set that starts when the agency accepts.
    public var outcomeClock: ClockName
    /// The referral this one replaces.
    public var predecessorID: UUID?

    public init(
        id: UUID, number: ReferralNumber, caseID: UUID, agencyID: UUID, purpose: Purpose,
        profile: DisclosureProfileName, tier: DivisionLevel, ruleVersion: Int64, explanation: PostgresJSON,
        legalBasis: String, consentBasis: ConsentBasis, priority: Int, outcomeClock: ClockName,
        predecessorID: UUID? = nil
    ) {
        self.id = id
        self.number = number
        self.caseID = caseID
        self.agencyID = agencyID
        self.purpose = purpose
        self.profile = profile
        self.tier = tier
        self.ruleVersion = ruleVersion
        self.explanation = explanation
        self.legalBasis = legalBasis
        self.consentBasis = consentBasis
        self.priority = priority
        self.outcomeClock = outcomeClock
        self.predecessorID = predecessorID
    }
}

/// A referral as it is stored.
public struct ReferralRecord: Sendable, Equatable {
    public let id: UUID
    public let number: ReferralNumber
    public let caseID: UUID
    public let agencyID: UUID
    public let agencyKind: AgencyKind
    /// The agency's.
    public let division: DivisionCode
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    public let status: ReferralStatus
    public let tier: DivisionLevel
    /// The clock of the rule set that starts when the agency accepts.
    public let outcomeClock: ClockName
    /// Why it was rejected, objected to or withdrawn.
    public let reasonCode: String?
    public let suggestedKind: AgencyKind?
    public let outcome: Outcome?
    public let predecessorID: UUID?
    public let ruleVersion: Int64
    public let legalBasis: String
    public let consentBasis: ConsentBasis
    public let priority: Int
    /// What it was created with.
    public let explanation: PostgresJSON
    public let requestedAt: Date
    /// When the agency accepted, rejected or objected.
    public let answeredAt: Date?
    public let settledAt: Date?
    /// It came to an end that she says does not hold: it counts no more, and may be asked for again.
    public let isPast: Bool

    init(caseID: UUID, row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.caseID = caseID
        self.agencyID = try row.decode(column: "agency_id")
        self.agencyKind = try row.word(column: "agency_kind")
        self.division = try row.word(column: "division_code")
        self.purpose = try row.word(column: "purpose")
        self.profile = try row.word(column: "profile")
        self.status = try row.word(column: "status")
        self.tier = try row.word(column: "tier")
        self.outcomeClock = try row.word(column: "outcome_clock")
        self.reasonCode = try row.decode(column: "reason_code")
        self.suggestedKind = try row.optionalWord(column: "suggested_kind")
        self.outcome = try row.optionalWord(column: "outcome_code")
        self.predecessorID = try row.decode(column: "predecessor_id")
        self.ruleVersion = try row.decode(column: "rule_version")
        self.legalBasis = try row.decode(column: "legal_basis")
        self.consentBasis = try row.word(column: "consent_basis")
        self.priority = Int(try row.decode(Int32.self, column: "priority"))
        self.explanation = try row.decode(column: "explanation")
        self.requestedAt = try row.decode(column: "requested_at")
        self.answeredAt = try row.decode(column: "answered_at")
        self.settledAt = try row.decode(column: "settled_at")
        self.isPast = try row.decode(column: "is_past")
    }
}
