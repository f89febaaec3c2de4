/// What the rules say about a case: who gets it, who does not and why, who owns it and by when. Stored as it is.
public struct RoutingDecision: Hashable, Sendable {
    public let ruleSetVersion: String
    public let targets: [RoutingTarget]
    public let withheld: [WithheldTarget]
    /// The level whose station owns the case from now on. Never nearer than the present owner.
    public let ownerLevel: DivisionLevel
    /// The division of that station.
    public let ownerDivision: DivisionCode
    /// Whether only the county's backstop matched.
    public let backstopUsed: Bool
    /// The owner's own clock: it must run whenever no referral's clock does.
    public let ownerClock: ClockName
    /// One sentence per line, in Chinese, without anything about persons.
    public let explanation: [String]
    /// Whether the case goes through the green channel.
    public let lane: RuleLane
    /// What whoever handles the case has to know or do, in Chinese.
    public let notes: [String]

    public init(
        ruleSetVersion: String, targets: [RoutingTarget], withheld: [WithheldTarget], ownerLevel: DivisionLevel,
        ownerDivision: DivisionCode, backstopUsed: Bool, ownerClock: ClockName, explanation: [String],
        lane: RuleLane = .ordinary, notes: [String] = []
    ) {
        self.ruleSetVersion = ruleSetVersion
        self.targets = targets
        self.withheld = withheld
        self.ownerLevel = ownerLevel
        self.ownerDivision = ownerDivision
        self.backstopUsed = backstopUsed
        self.ownerClock = ownerClock
        self.explanation = explanation
        self.lane = lane
        self.notes = notes
    }

    enum CodingKeys: String, CodingKey {
        case ruleSetVersion = "rule_set_version"
        case targets
        case withheld
        case ownerLevel = "owner_level"
        case ownerDivision = "owner_division"
        case backstopUsed = "backstop_used"
        case ownerClock = "owner_clock"
        case explanation
        case lane
        case notes
    }

    /// The targets for which the case has no referral yet, whatever its status: what a second decision on the same case
    /// adds. A referral that was rejected and re-routed is matched by its purpose and kind.
    public func newTargets(besides existing: some Sequence<ReferralSummary>) -> [RoutingTarget] {
        let known = Set(existing.map { Subject(agencyKind: $0.agencyKind, purpose: $0.purpose) })
        // The backstop is for a case nobody else has: it adds nothing to one that was referred already.
        guard !self.backstopUsed || known.isEmpty else { return [] }
        return self.targets.filter { !known.contains(Subject(agencyKind: $0.agencyKind, purpose: $0.purpose)) }
    }

    private struct Subject: Hashable {
        let agencyKind: AgencyKind
        let purpose: Purpose
    }
}

extension RoutingDecision: Codable {
    /// A decision that was stored before there were lanes and notes is an ordinary one without notes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            ruleSetVersion: try container.decode(String.self, forKey: .ruleSetVersion),
            targets: try container.decode([RoutingTarget].self, forKey: .targets),
            withheld: try container.decode([WithheldTarget].self, forKey: .withheld),
            ownerLevel: try container.decode(DivisionLevel.self, forKey: .ownerLevel),
            ownerDivision: try container.decode(DivisionCode.self, forKey: .ownerDivision),
            backstopUsed: try container.decode(Bool.self, forKey: .backstopUsed),
            ownerClock: try container.decode(ClockName.self, forKey: .ownerClock),
            explanation: try container.decode([String].self, forKey: .explanation),
            lane: try container.decodeIfPresent(RuleLane.self, forKey: .lane) ?? .ordinary,
            notes: try container.decodeIfPresent([String].self, forKey: .notes) ?? [])
    }
}

/// What the domain needs to know of a referral of a case.
public struct ReferralSummary: Hashable, Sendable, Codable {
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    public let status: ReferralStatus
    public let outcome: Outcome?

    public init(agencyKind: AgencyKind, purpose: Purpose, status: ReferralStatus, outcome: Outcome? = nil) {
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.status = status
        self.outcome = outcome
    }

    enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case purpose
        case status
        case outcome
    }
}
