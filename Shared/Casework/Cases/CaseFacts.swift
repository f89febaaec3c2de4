public import FoundationEssentials

/// Everything the router sees of a case. There is no name, number, address or free text in it, so that decisions and
/// their explanations can be stored and read without disclosing anybody.
public struct CaseFacts: Hashable, Sendable {
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
    public var people: Set<PersonFact> = []
    public var minorSigns: Set<MinorSign> = []
    public var consents: [Consent]
    /// Agencies that rejected this case or stayed silent: never chosen again.
    public var excludedAgencies: Set<UUID>
    /// Other places that may found jurisdiction.
    public var places: [PlaceRole: DivisionCode] = [:]
    /// Days that something ends or happens, in Beijing.
    public var deadlines: [DeadlineKind: LocalDate] = [:]
    /// The body that handles a criminal, civil or administrative matter of this case already.
    public var handlingOrgan = HandlingOrgan.none
    /// What the case's referrals ended with so far.
    public var outcomes: Set<Outcome> = []
    /// How many of its clocks have run out.
    public var breaches = 0
    /// Disclosures without consent that staff answer for.
    public var overrides: [ConsentException] = []

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

    /// The division of `level` this case lies in; the case's own when that is wider.
    public func division(at level: DivisionLevel) -> DivisionCode {
        self.divisionPath.first { $0.level <= level } ?? self.division
    }

    /// The divisions to look for an agency in when a place founds its jurisdiction, nearest first; `nil` when the place
    /// is not known.
    public func path(of place: PlaceRole) -> [DivisionCode]? {
        place == .caseDivision ? self.divisionPath : self.places[place]?.path
    }

    /// Whole days from today in Beijing to a deadline; negative when it is over, `nil` when there is none.
    public func days(to deadline: DeadlineKind, at now: Date) -> Int? {
        self.deadlines[deadline].map { $0.dayNumber - LocalDate(inBeijing: now).dayNumber }
    }
}

extension CaseFacts: Codable {
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
        case people
        case minorSigns = "minor_signs"
        case consents
        case excludedAgencies = "excluded_agencies"
        case places
        case deadlines
        case handlingOrgan = "handling_organ"
        case outcomes
        case breaches
        case overrides
    }

    /// Facts that were stored before a later fact existed lack it, which means what it means for a new case.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            channel: try container.decode(IntakeChannel.self, forKey: .channel),
            division: try container.decode(DivisionCode.self, forKey: .division),
            divisionPath: try container.decode([DivisionCode].self, forKey: .divisionPath),
            ownerLevel: try container.decode(DivisionLevel.self, forKey: .ownerLevel),
            categories: try container.decode(Set<Category>.self, forKey: .categories),
            needs: try container.decode(Set<Need>.self, forKey: .needs),
            risk: try container.decode(RiskLevel.self, forKey: .risk),
            riskItems: try container.decode(Set<RiskItem>.self, forKey: .riskItems),
            flags: try container.decode(Set<CaseFlag>.self, forKey: .flags),
            consents: try container.decode([Consent].self, forKey: .consents),
            excludedAgencies: try container.decode(Set<UUID>.self, forKey: .excludedAgencies))
        self.people = try container.decodeIfPresent(Set<PersonFact>.self, forKey: .people) ?? []
        self.minorSigns = try container.decodeIfPresent(Set<MinorSign>.self, forKey: .minorSigns) ?? []
        self.places = try Self.keyed(try container.decodeIfPresent([String: DivisionCode].self, forKey: .places))
        self.deadlines = try Self.keyed(try container.decodeIfPresent([String: LocalDate].self, forKey: .deadlines))
        self.handlingOrgan = try container.decodeIfPresent(HandlingOrgan.self, forKey: .handlingOrgan) ?? .none
        self.outcomes = try container.decodeIfPresent(Set<Outcome>.self, forKey: .outcomes) ?? []
        self.breaches = try container.decodeIfPresent(Int.self, forKey: .breaches) ?? 0
        self.overrides = try container.decodeIfPresent([ConsentException].self, forKey: .overrides) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.channel, forKey: .channel)
        try container.encode(self.division, forKey: .division)
        try container.encode(self.divisionPath, forKey: .divisionPath)
        try container.encode(self.ownerLevel, forKey: .ownerLevel)
        try container.encode(self.categories, forKey: .categories)
        try container.encode(self.needs, forKey: .needs)
        try container.encode(self.risk, forKey: .risk)
        try container.encode(self.riskItems, forKey: .riskItems)
        try container.encode(self.flags, forKey: .flags)
        try container.encode(self.people, forKey: .people)
        try container.encode(self.minorSigns, forKey: .minorSigns)
        try container.encode(self.consents, forKey: .consents)
        try container.encode(self.excludedAgencies, forKey: .excludedAgencies)
        try container.encode(
            Dictionary(uniqueKeysWithValues: self.places.map { ($0.rawValue, $1) }), forKey: .places)
        try container.encode(
            Dictionary(uniqueKeysWithValues: self.deadlines.map { ($0.rawValue, $1) }), forKey: .deadlines)
        try container.encode(self.handlingOrgan, forKey: .handlingOrgan)
        try container.encode(self.outcomes, forKey: .outcomes)
        try container.encode(self.breaches, forKey: .breaches)
        if !self.overrides.isEmpty { try container.encode(self.overrides, forKey: .overrides) }
    }

    private static func keyed<Key: RawRepresentable<String> & Hashable, Value>(
        _ stored: [String: Value]?
    ) throws -> [Key: Value] {
        var keyed: [Key: Value] = [:]
        for (name, value) in stored ?? [:] {
            guard let key = Key(rawValue: name) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(codingPath: [], debugDescription: "a key is no word of the vocabulary"))
            }
            keyed[key] = value
        }
        return keyed
    }
}
