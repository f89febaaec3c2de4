import Casework
import FoundationEssentials
import PostgresClient

extension NewCase {
    /// The arguments of `casework.open_case`, in its order.
    func parameters() throws -> [(any PostgresEncodable)?] {
        [
            self.id, self.number.rawValue, self.receiptHash, self.channel.rawValue, self.division.rawValue,
            self.risk.rawValue, try PostgresJSON(encoding: self.facts), self.narrative, self.clientID, self.clientName,
            try PostgresJSON(encoding: self.people.map(PersonArgument.init)),
            try PostgresJSON(encoding: self.contactRules.map(ContactRuleArgument.init)),
            try PostgresJSON(encoding: self.consents.map(ConsentArgument.init)),
            self.firstResponse.id, self.firstResponse.name.rawValue, self.firstResponse.basis, self.firstResponse.dueAt,
        ]
    }
}

/// An object of the array `p_people`: sealed fields are base64.
private struct PersonArgument: Encodable {
    let id: UUID
    let role: PersonRole
    let name: String?
    let phone: String?
    let email: String?
    let birth_date: String?
    let sex: Sex?
    let capacity: LegalCapacity
    let is_minor: Bool
    let name_index: String?
    let phone_index: String?
    let email_index: String?

    init(_ person: NewPerson) {
        self.id = person.id
        self.role = person.role
        self.name = base64(person.name)
        self.phone = base64(person.phone)
        self.email = base64(person.email)
        self.birth_date = base64(person.birthDate)
        self.sex = person.sex
        self.capacity = person.capacity
        self.is_minor = person.isMinor
        self.name_index = base64(person.nameIndex)
        self.phone_index = base64(person.phoneIndex)
        self.email_index = base64(person.emailIndex)
    }
}

/// An object of the array `p_rules`: times are microseconds since 1970, so that none is rounded under its tag.
private struct ContactRuleArgument: Encodable {
    let id: UUID
    let person_id: UUID
    let channel: ContactChannel
    let days: [Int]
    let from_minute: Int
    let to_minute: Int
    let never_mention: Bool
    let code_word: String?
    let confirmed_at: Int64
    let expires_at: Int64
    let tag: String?

    init(_ rule: NewContactRule) {
        self.id = rule.id
        self.person_id = rule.personID
        self.channel = rule.channel
        self.days = rule.days
        self.from_minute = rule.fromMinute
        self.to_minute = rule.toMinute
        self.never_mention = rule.neverMention
        self.code_word = base64(rule.codeWord)
        self.confirmed_at = microseconds(rule.confirmedAt)
        self.expires_at = microseconds(rule.expiresAt)
        self.tag = base64(rule.tag)
    }
}

/// An object of the array `p_consents`.
private struct ConsentArgument: Encodable {
    let agency_kinds: [String]
    let purpose: String
    let granted: Bool
    let given_by: String
    let data_kinds: [String]?
    let agencies: [UUID]?
    let expires_at: Int64?

    init(_ consent: Consent) {
        self.agency_kinds = consent.agencyKinds.map(\.rawValue)
        self.purpose = consent.purpose.rawValue
        self.granted = consent.status == .granted
        self.given_by = consent.givenBy.rawValue
        self.data_kinds = consent.dataKinds?.map(\.rawValue).sorted()
        self.agencies = consent.agencies?.sorted { $0.uuidString < $1.uuidString }
        self.expires_at = consent.expiresAt.map(microseconds)
    }
}

private func base64(_ bytes: [UInt8]?) -> String? {
    bytes.map { Data($0).base64EncodedString() }
}

private func microseconds(_ instant: Date) -> Int64 {
    Int64((instant.timeIntervalSince1970 * 1_000_000).rounded())
}
