public import Casework
public import FoundationEssentials

/// A case as it is opened. Everything personal in it is sealed by the caller before it comes here.
public struct NewCase: Sendable {
    public var id: UUID
    public var number: CaseNumber
    /// SHA-256 of the receipt.
    public var receiptHash: [UInt8]
    public var channel: IntakeChannel
    public var division: DivisionCode
    public var risk: RiskLevel
    /// What the rules decide on; no names, no free text.
    public var facts: CaseFacts
    /// Sealed free text.
    public var narrative: [UInt8]?
    public var clientID: UUID
    /// Who stands in the events as the actor.
    public var clientName: String
    public var people: [NewPerson]
    public var contactRules: [NewContactRule]
    public var consents: [Consent]
    /// The first-response clock.
    public var firstResponse: NewClock

    public init(
        id: UUID, number: CaseNumber, receiptHash: [UInt8], channel: IntakeChannel, division: DivisionCode,
        risk: RiskLevel, facts: CaseFacts, narrative: [UInt8]? = nil, clientID: UUID, clientName: String,
        people: [NewPerson], contactRules: [NewContactRule] = [], consents: [Consent] = [], firstResponse: NewClock
    ) {
        self.id = id
        self.number = number
        self.receiptHash = receiptHash
        self.channel = channel
        self.division = division
        self.risk = risk
        self.facts = facts
        self.narrative = narrative
        self.clientID = clientID
        self.clientName = clientName
        self.people = people
        self.contactRules = contactRules
        self.consents = consents
        self.firstResponse = firstResponse
    }
}

/// A person on a case. The byte fields are sealed for exactly this row, or keyed blind indexes.
public struct NewPerson: Sendable {
    public var id: UUID
    public var role: PersonRole
    public var name: [UInt8]?
    public var phone: [UInt8]?
    public var email: [UInt8]?
    public var birthDate: [UInt8]?
    public var sex: Sex?
    public var capacity: LegalCapacity
    public var isMinor: Bool
    public var nameIndex: [UInt8]?
    public var phoneIndex: [UInt8]?
    public var emailIndex: [UInt8]?

    public init(
        id: UUID, role: PersonRole, name: [UInt8]? = nil, phone: [UInt8]? = nil, email: [UInt8]? = nil,
        birthDate: [UInt8]? = nil, sex: Sex? = nil, capacity: LegalCapacity = .full, isMinor: Bool = false,
        nameIndex: [UInt8]? = nil, phoneIndex: [UInt8]? = nil, emailIndex: [UInt8]? = nil
    ) {
        self.id = id
        self.role = role
        self.name = name
        self.phone = phone
        self.email = email
        self.birthDate = birthDate
        self.sex = sex
        self.capacity = capacity
        self.isMinor = isMinor
        self.nameIndex = nameIndex
        self.phoneIndex = phoneIndex
        self.emailIndex = emailIndex
    }
}

/// How a person may be reached. The caller authenticates the whole rule with a tag; times are kept to the microsecond.
public struct NewContactRule: Sendable {
    public var id: UUID
    public var personID: UUID
    public var channel: ContactChannel
    /// 1 for Monday to 7 for Sunday.
    public var days: [Int]
    /// Minutes since midnight in Beijing, 0 to 1440.
    public var fromMinute: Int
    public var toMinute: Int
    /// Never say who is calling or what about.
    public var neverMention: Bool
    /// Sealed.
    public var codeWord: [UInt8]?
    public var confirmedAt: Date
    public var expiresAt: Date
    public var tag: [UInt8]

    public init(
        id: UUID, personID: UUID, channel: ContactChannel, days: [Int], fromMinute: Int, toMinute: Int,
        neverMention: Bool = true, codeWord: [UInt8]? = nil, confirmedAt: Date, expiresAt: Date, tag: [UInt8]
    ) {
        self.id = id
        self.personID = personID
        self.channel = channel
        self.days = days
        self.fromMinute = fromMinute
        self.toMinute = toMinute
        self.neverMention = neverMention
        self.codeWord = codeWord
        self.confirmedAt = confirmedAt
        self.expiresAt = expiresAt
        self.tag = tag
    }
}
