public import FoundationEssentials

/// What is wanted of an agency, and where.
public struct AgencySearch: Sendable {
    public var kind: AgencyKind
    /// The case's division and those around it, nearest first.
    public var path: [DivisionCode]
    /// The nearest level wanted; levels below it are passed over. `nil` starts at the place itself.
    public var from: DivisionLevel?
    public var purpose: Purpose?
    /// Agencies that may not be chosen: they rejected the case, stayed silent, or are related to a party.
    public var excluding: Set<UUID>
    /// The only agencies that may be chosen; `nil` for any.
    public var only: Set<UUID>?
    /// Services that are preferred.
    public var offering: Set<AgencyServiceCode>
    public var now: Date
    /// Until when somebody has to be there to answer, for a matter that cannot wait; `nil` when it can.
    public var answerBy: Date?

    public init(
        kind: AgencyKind, path: [DivisionCode], from: DivisionLevel? = nil, purpose: Purpose? = nil,
        excluding: Set<UUID> = [], only: Set<UUID>? = nil, offering: Set<AgencyServiceCode> = [], now: Date,
        answerBy: Date? = nil
    ) {
        self.kind = kind
        self.path = path
        self.from = from
        self.purpose = purpose
        self.excluding = excluding
        self.only = only
        self.offering = offering
        self.now = now
        self.answerBy = answerBy
    }

    func accepts(_ agency: UUID) -> Bool {
        !self.excluding.contains(agency) && self.only?.contains(agency) ?? true
    }
}

/// The agency a search found.
public struct AgencyChoice: Sendable {
    /// What its hours had to do with it.
    public enum Hours: String, Sendable, Codable, CaseIterable {
        /// Nothing: it is there in time, or the matter can wait.
        case ordinary
        /// A nearer one is closed until it would be too late; this one is there day and night.
        case onDuty = "on_duty"
        /// None is there in time; it is the one to ask all the same, since a case without an agency is worse.
        case closed
    }

    public let agency: Agency
    public let hours: Hours
}
