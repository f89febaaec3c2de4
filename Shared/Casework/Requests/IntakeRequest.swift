/// A request for help as it reaches the network, whatever the channel. It holds personal data in clear: it lives in the
/// memory of the intake service and nowhere else, and its description says nothing.
public struct IntakeRequest: Hashable, Sendable {
    public var channel: IntakeChannel
    public var division: DivisionCode
    public var categories: [Category]
    public var needs: [Need]
    /// What she told, in her words.
    public var narrative: String?
    public var risk: RiskScreening
    public var people: [RequestPerson]
    public var consents: [Consent]
    /// The codes of the agencies that consents are about, by the consent's position: whose they are only the network knows.
    public var consentAgencies: [Int: [String]] = [:]
    public var safeContacts: [RequestSafeContact]
    /// Whether the person who reported agrees to be asked again; `nil` when nobody asked.
    public var reporterMayBeContacted: Bool?
    public var circumstances = Circumstances()

    public init(
        channel: IntakeChannel, division: DivisionCode, categories: [Category], needs: [Need] = [],
        narrative: String? = nil, risk: RiskScreening = RiskScreening(), people: [RequestPerson],
        consents: [Consent] = [], safeContacts: [RequestSafeContact] = [], reporterMayBeContacted: Bool? = nil
    ) {
        self.channel = channel
        self.division = division
        self.categories = categories
        self.needs = needs
        self.narrative = narrative
        self.risk = risk
        self.people = people
        self.consents = consents
        self.safeContacts = safeContacts
        self.reporterMayBeContacted = reporterMayBeContacted
    }

    /// The risk level the case opens with.
    public var riskLevel: RiskLevel {
        self.risk.level(for: self.categories)
    }
}

extension IntakeRequest: CustomStringConvertible {
    public var description: String { "IntakeRequest(redacted)" }
}

/// A person named in a request.
public struct RequestPerson: Hashable, Sendable, CustomStringConvertible {
    public var role: PersonRole
    public var name: String?
    public var phone: String?
    public var email: String?
    public var birthDate: LocalDate?
    public var sex: Sex?
    public var capacity: LegalCapacity
    /// The person's guardian is suspected of the harm.
    public var guardianSuspected: Bool

    public init(
        role: PersonRole, name: String? = nil, phone: String? = nil, email: String? = nil,
        birthDate: LocalDate? = nil, sex: Sex? = nil, capacity: LegalCapacity = .full, guardianSuspected: Bool = false
    ) {
        self.role = role
        self.name = name
        self.phone = phone
        self.email = email
        self.birthDate = birthDate
        self.sex = sex
        self.capacity = capacity
        self.guardianSuspected = guardianSuspected
    }

    public var description: String { "RequestPerson(\(self.role.rawValue), redacted)" }
}

/// How and when a person can be reached without danger 安全联系方式.
public struct RequestSafeContact: Hashable, Sendable, CustomStringConvertible {
    /// Position in the request's people, from 0.
    public var person: Int
    public var channel: ContactChannel
    /// 1 for Monday to 7 for Sunday.
    public var days: Set<Int>
    /// The window in Beijing time. It ends before `to`; it crosses midnight when `to` is earlier than `from`.
    public var from: LocalTime?
    public var to: LocalTime?
    public var codeWord: String?
    /// Nothing sent may name 12338, the federation or the matter.
    public var neverMention: Bool

    public init(
        person: Int, channel: ContactChannel, days: Set<Int> = [], from: LocalTime? = nil, to: LocalTime? = nil,
        codeWord: String? = nil, neverMention: Bool = true
    ) {
        self.person = person
        self.channel = channel
        self.days = days
        self.from = from
        self.to = to
        self.codeWord = codeWord
        self.neverMention = neverMention
    }

    public var description: String { "RequestSafeContact(redacted)" }
}
