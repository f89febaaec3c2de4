/// The order rules are applied in: safety first, the county's backstop last.
public enum RuleStage: String, Sendable, Codable, CaseIterable, Comparable {
    /// Life in danger: passes without consent.
    case safety
    /// What the law orders to report: passes without consent.
    case mandatoryReport = "mandatory_report"
    /// Bodies the law makes responsible.
    case jurisdiction
    /// What she needs.
    case need
    /// Which level handles it: village screens, township mediates, county guarantees.
    case tier
    /// Which of the agencies that could do it: by what they can and whether they have room.
    case capacity
    /// Applied only when no other rule gave a target.
    case backstop

    private var order: Int {
        switch self {
        case .safety: 0
        case .mandatoryReport: 1
        case .jurisdiction: 2
        case .need: 3
        case .tier: 4
        case .capacity: 5
        case .backstop: 6
        }
    }

    /// What allows a disclosure of this stage to that kind of agency without consent; `nil` when nothing does. The
    /// federation handling what it was asked to handle tells nobody else.
    public func consentFreeBasis(for kind: AgencyKind) -> ConsentBasis? {
        switch self {
        case .safety: .emergency
        case .mandatoryReport: .statutoryDuty
        case .jurisdiction, .tier, .backstop: kind == .womensFederation ? .ownHandling : nil
        case .need, .capacity: nil
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.order < right.order
    }
}

/// How urgent a rule makes all that a case needs.
public enum RuleLane: String, Sendable, Codable, CaseIterable {
    case ordinary
    /// 绿色通道: ahead of others, with shorter answer times.
    case green
}

/// Where a rule wants its agency.
public enum WantedLevel: Hashable, Sendable {
    /// The nearest to the person there is.
    case lowest
    /// At this level; a wider one when this level has none.
    case at(DivisionLevel)

    /// The level to start looking at; `nil` for the place itself.
    public var start: DivisionLevel? {
        switch self {
        case .lowest: nil
        case .at(let level): level
        }
    }
}

/// One agency a rule sends a case to.
public struct RuleTarget: Hashable, Sendable {
    public let agencyKind: AgencyKind
    public let level: WantedLevel
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    /// Until when the agency says yes or no.
    public let answerClock: ClockName
    /// Until when it reports an outcome, counted from its yes.
    public let outcomeClock: ClockName
    public let consentRequired: Bool
    /// The law that makes the agency responsible, and that allows passing without consent where none is required.
    public let legalBasis: String
    /// How many persons of the agency take it on, e.g. two lawyers.
    public let assignees: Int
    /// Withheld while the violence flag stands and safety is not confirmed.
    public let holdUntilSafe: Bool
    /// The places any of which founds the agency's jurisdiction: the first that is known is taken, the others are offered
    /// as a choice.
    public let places: [PlaceRole]

    public init(
        agencyKind: AgencyKind, level: WantedLevel, purpose: Purpose, profile: DisclosureProfileName,
        answerClock: ClockName, outcomeClock: ClockName, consentRequired: Bool, legalBasis: String, assignees: Int = 1,
        holdUntilSafe: Bool = false, places: [PlaceRole] = [.caseDivision]
    ) {
        self.agencyKind = agencyKind
        self.level = level
        self.purpose = purpose
        self.profile = profile
        self.answerClock = answerClock
        self.outcomeClock = outcomeClock
        self.consentRequired = consentRequired
        self.legalBasis = legalBasis
        self.assignees = assignees
        self.holdUntilSafe = holdUntilSafe
        self.places = places
    }

    /// What the target is about: one decision has one referral of a subject and agency.
    var subject: TargetSubject { TargetSubject(agencyKind: self.agencyKind, purpose: self.purpose) }
}

/// What is asked of what kind of agency.
struct TargetSubject: Hashable, Sendable {
    let agencyKind: AgencyKind
    let purpose: Purpose
}

/// What a capacity rule asks of the agency that is chosen for some purposes.
public struct AgencySelection: Hashable, Sendable {
    public let purposes: Set<Purpose>
    /// The services the agency must offer; an agency that does not is taken only when no level has one that does.
    public let services: Set<AgencyServiceCode>

    public init(purposes: Set<Purpose>, services: Set<AgencyServiceCode>) {
        self.purposes = purposes
        self.services = services
    }
}

/// One rule: when the facts are so, these agencies, for these purposes, by this law.
public struct Rule: Hashable, Sendable {
    public let id: String
    public let stage: RuleStage
    /// What the rule says, in Chinese: the first words of its explanation.
    public let title: String
    public let condition: RuleCondition
    public let targets: [RuleTarget]
    /// The case's owner is at least this wide when the rule holds.
    public let ownerLevel: DivisionLevel?
    /// The law or document the rule stands on.
    public let basis: String
    /// Where it stands in its file, from 1.
    public let line: Int
    /// What whoever handles the case has to know or do, in Chinese: part of the explanation.
    public var note: String?
    public var lane: RuleLane?
    public var selection: AgencySelection?
    /// The rules that do not apply when this one does, by id.
    public var setsAside: Set<String> = []
    /// Who set the rule, when it is another than for the whole set: a place may add rules of its own.
    public var setBy: String?
    /// What a lawyer still has to compare before the rule is relied on.
    public var review: String?

    public init(
        id: String, stage: RuleStage, title: String, condition: RuleCondition, targets: [RuleTarget],
        ownerLevel: DivisionLevel? = nil, basis: String, line: Int = 0
    ) {
        self.id = id
        self.stage = stage
        self.title = title
        self.condition = condition
        self.targets = targets
        self.ownerLevel = ownerLevel
        self.basis = basis
        self.line = line
    }
}
