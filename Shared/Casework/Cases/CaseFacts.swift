public import FoundationEssentials

/// Everything the router sees of a case. There is no name, number, address or free text in it, so that decisions and
/// their explanations can be stored and read without disclosing anybody.
public struct CaseFacts: Hashable, Sendable, Codable {
    public var channel: IntakeChannel
    /// Where it happened or where she lives.
    public var division: DivisionCode
    /// ``division`` and those around it, nearest first.
    public var divisionPath: [DivisionCode]
    /// The level whose station owns the case now.
    public var ownerLevel: DivisionLevel
    public var categories: Set<Category>
    public var needs: Set<Need>
    public var risk: RiskLevel
    public var riskItems: Set<RiskItem>
    public var flags: Set<CaseFlag>
    public var consents: [Consent]
    /// Agencies that rejected this case or stayed silent: never chosen again.
    public var excludedAgencies: Set<UUID>

    public init(
        channel: IntakeChannel, division: DivisionCode, divisionPath: [DivisionCode]? = nil,
        ownerLevel: DivisionLevel? = nil, categories: Set<Category> = [], needs: Set<Need> = [],
        risk: RiskLevel = .medium, riskItems: Set<RiskItem> = [], flags: Set<CaseFlag> = [], consents: [Consent] = [],
        excludedAgencies: Set<UUID> = []
    ) {
        self.channel = channel
        self.division = division
        self.divisionPath = divisionPath ?? division.path
        self.ownerLevel = ownerLevel ?? division.level
        self.categories = categories
        self.needs = needs
        self.risk = risk
        self.riskItems = riskItems
        self.flags = flags
        self.consents = consents
        self.excludedAgencies = excludedAgencies
    }

    enum CodingKeys: String, CodingKey {
        case channel
        case division
        case divisionPath = "division_path"
        case ownerLevel = "owner_level"
        case categories
        case needs
        case risk
        case riskItems = "risk_items"
        case flags
        case consents
        case excludedAgencies = "excluded_agencies"
    }

    /// The division of `level` this case lies in; the case's own when that is wider.
    public func division(at level: DivisionLevel) -> DivisionCode {
        self.divisionPath.first { $0.level <= level } ?? self.division
    }
}
