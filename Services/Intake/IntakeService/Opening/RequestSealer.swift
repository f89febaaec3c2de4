import Casework
import CaseworkStore
import FoundationEssentials
import Safeguarding

/// Seals what is personal in a request, field by field, before any of it comes near SQL.
struct RequestSealer: Sendable {
    /// For how long what a person said about contact holds before she has to be asked again (S4). [D]
    static let contactRuleLifetime: TimeInterval = 90 * 86_400

    private let cipher: FieldCipher
    private let index: BlindIndex
    private let authenticator: SafeContactAuthenticator

    init(keyring: FieldKeyring, index: BlindIndex) {
        self.cipher = FieldCipher(keyring: keyring)
        self.index = index
        self.authenticator = SafeContactAuthenticator(keyring: keyring)
    }

    /// The narrative, sealed for the case's row.
    func narrative(_ text: String?, caseID: UUID) throws -> [UInt8]? {
        try text.map { try self.cipher.seal($0, .caseNarrative, row: caseID) }
    }

    /// The people, each under an id of its own that the sealed fields are bound to.
    func people(_ request: IntakeRequest, now: Date) throws -> [NewPerson] {
        let today = LocalDate(inBeijing: now)
        return try request.people.map { person in
            let id = UUID()
            return NewPerson(
                id: id, role: person.role, name: try self.seal(person.name, .personName, row: id),
                phone: try self.seal(person.phone, .personPhone, row: id),
                email: try self.seal(person.email, .personEmail, row: id),
                birthDate: try self.seal(person.birthDate?.description, .personBirthDate, row: id), sex: person.sex,
                capacity: person.capacity, isMinor: Self.isMinor(person, on: today),
                nameIndex: person.name.flatMap { self.index.index($0, of: .name) },
                phoneIndex: person.phone.flatMap { self.index.index($0, of: .phone) },
                emailIndex: person.email.flatMap { self.index.index($0, of: .email) })
        }
    }

    /// How the people may be reached, each rule with its tag. A person without a rule is never contacted, and neither
    /// is a reporter who was not asked whether she agrees.
    func contactRules(_ request: IntakeRequest, people: [NewPerson], now: Date) throws -> [NewContactRule] {
        request.safeContacts.compactMap { contact in
            guard people.indices.contains(contact.person) else { return nil }
            let person = people[contact.person]
            if person.role == .reporter, request.reporterMayBeContacted != true, contact.channel != .none { return nil }
            return self.rule(contact, of: person.id, now: now)
        }
    }

    private func rule(_ contact: RequestSafeContact, of person: UUID, now: Date) -> NewContactRule {
        let id = UUID()
        let rule = SafeContact(
            id: id, personID: person, channel: contact.channel, days: contact.days,
            fromMinute: contact.from?.minuteOfDay ?? 0, toMinute: contact.to?.minuteOfDay ?? 0,
            neverMention: contact.neverMention,
            codeWordHash: contact.codeWord.flatMap { self.authenticator.codeWordHash($0, rule: id) },
            confirmedAt: now, expiresAt: now.addingTimeInterval(Self.contactRuleLifetime))
        return NewContactRule(
            id: id, personID: person, channel: rule.channel, days: rule.days, fromMinute: rule.fromMinute,
            toMinute: rule.toMinute, neverMention: rule.neverMention, codeWord: rule.codeWordHash,
            confirmedAt: rule.confirmedAt, expiresAt: rule.expiresAt, tag: self.authenticator.tag(for: rule))
    }

    private func seal(_ text: String?, _ column: SealedColumn, row: UUID) throws -> [UInt8]? {
        try text.map { try self.cipher.seal($0, column, row: row) }
    }

    /// A child whose age nobody told counts as a minor: the doubt only ever adds protection.
    private static func isMinor(_ person: RequestPerson, on today: LocalDate) -> Bool {
        person.birthDate.map { $0.age(on: today) < 18 } ?? (person.role == .child)
    }
}
