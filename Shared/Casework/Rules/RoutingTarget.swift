public import FoundationEssentials

/// One agency a decision sends the case to, with everything that explains and limits it. Stored with the referral.
public struct RoutingTarget: Hashable, Sendable {
    public let agencyKind: AgencyKind
    public let agencyID: UUID
    /// The agency's division.
    public let division: DivisionCode
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    public let answerClock: ClockName
    public let outcomeClock: ClockName
    public let consentBasis: ConsentBasis
    public let stage: RuleStage
    /// The rules that asked for it, first one first.
    public let ruleIDs: [String]
    /// The facts that made those rules hold, like `need:shelter`.
    public let reasonCodes: [String]
    /// The laws, one per rule, without repetition.
    public let legalBases: [String]
    /// How many persons of the agency take it on.
    public let assignees: Int
    /// Other agencies whose place founds jurisdiction as well: she may choose one of them instead.
    public let alternatives: [UUID]

    public init(
        agencyKind: AgencyKind, agencyID: UUID, division: DivisionCode, purpose: Purpose,
        profile: DisclosureProfileName, answerClock: ClockName, outcomeClock: ClockName, consentBasis: ConsentBasis,
        stage: RuleStage, ruleIDs: [String], reasonCodes: [String] = [], legalBases: [String] = [], assignees: Int = 1,
        alternatives: [UUID] = []
    ) {
        self.agencyKind = agencyKind
        self.agencyID = agencyID
        self.division = division
        self.purpose = purpose
        self.profile = profile
        self.answerClock = answerClock
        self.outcomeClock = outcomeClock
        self.consentBasis = consentBasis
        self.stage = stage
        self.ruleIDs = ruleIDs
        self.reasonCodes = reasonCodes
        self.legalBases = legalBases
        self.assignees = assignees
        self.alternatives = alternatives
    }
}

extension RoutingTarget: Codable {

    enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case agencyID = "agency_id"
        case division
        case purpose
        case profile
        case answerClock = "answer_clock"
        case outcomeClock = "outcome_clock"
        case consentBasis = "consent_basis"
        case stage
        case ruleIDs = "rule_ids"
        case reasonCodes = "reason_codes"
        case legalBases = "legal_bases"
        case assignees
        case alternatives
    }

    /// A target that was stored before there were alternatives has none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            agencyKind: try container.decode(AgencyKind.self, forKey: .agencyKind),
            agencyID: try container.decode(UUID.self, forKey: .agencyID),
            division: try container.decode(DivisionCode.self, forKey: .division),
            purpose: try container.decode(Purpose.self, forKey: .purpose),
            profile: try container.decode(DisclosureProfileName.self, forKey: .profile),
            answerClock: try container.decode(ClockName.self, forKey: .answerClock),
            outcomeClock: try container.decode(ClockName.self, forKey: .outcomeClock),
            consentBasis: try container.decode(ConsentBasis.self, forKey: .consentBasis),
            stage: try container.decode(RuleStage.self, forKey: .stage),
            ruleIDs: try container.decode([String].self, forKey: .ruleIDs),
            reasonCodes: try container.decode([String].self, forKey: .reasonCodes),
            legalBases: try container.decode([String].self, forKey: .legalBases),
            assignees: try container.decode(Int.self, forKey: .assignees),
            alternatives: try container.decodeIfPresent([UUID].self, forKey: .alternatives) ?? [])
    }
}

/// Why a target that a rule names gets nothing.
public enum WithheldReason: String, Sendable, Codable, CaseIterable {
    /// Nobody asked her, or she has not answered.
    case missingConsent = "missing_consent"
    case consentRefused = "consent_refused"
    case consentWithdrawn = "consent_withdrawn"
    case consentExpired = "consent_expired"
    /// Mediation is never automatic while the violence flag stands.
    case violenceFlag = "violence_flag"
    /// Waits until every safety referral has removed its danger.
    case untilSafe = "until_safe"
    /// No level has such an agency that has not refused already.
    case noAgency = "no_agency"

    /// The reason an answer other than yes gives; `nil` for yes.
    public init?(_ answer: ConsentAnswer) {
        switch answer {
        case .granted: return nil
        case .missing: self = .missingConsent
        case .refused: self = .consentRefused
        case .withdrawn: self = .consentWithdrawn
        case .expired: self = .consentExpired
        }
    }
}

/// A target that a rule names and that gets nothing, and why: staff see it and can ask her.
public struct WithheldTarget: Hashable, Sendable, Codable {
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    public let why: WithheldReason
    public let ruleID: String

    public init(agencyKind: AgencyKind, purpose: Purpose, why: WithheldReason, ruleID: String) {
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.why = why
        self.ruleID = ruleID
    }

    enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case purpose
        case why
        case ruleID = "rule_id"
    }
}
