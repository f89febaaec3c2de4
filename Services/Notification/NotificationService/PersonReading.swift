import Casework
import CaseworkStore
import FoundationEssentials
import JobWorker
import Safeguarding

/// Reads and opens what is needed to decide whether a person may be written to, under locks that keep it as it is until
/// the transaction ends. It lives in memory for one attempt.
struct PersonReading: Sendable {
    /// The people of a case as the policy wants them.
    struct People {
        var names: [String] = []
        var respondents = AvoidedContacts.none
        var others = AvoidedContacts.none
        var suspectedGuardians = AvoidedContacts.none
    }

    private let cipher: FieldCipher

    init(keyring: FieldKeyring) {
        self.cipher = FieldCipher(keyring: keyring)
    }

    /// The person with her contacts; `nil` when they cannot be trusted.
    /// - Throws: `JobFailure` when a key is missing here: that is a fault of this installation and not of the data.
    func recipient(of message: PersonMessage) throws -> MessageRecipient? {
        do throws(FieldCipherError) {
            return MessageRecipient(
                personID: message.personID, role: message.role,
                phone: try self.cipher.open(message.phone, .personPhone, row: message.personID),
                email: try self.cipher.open(message.email, .personEmail, row: message.personID))
        } catch {
            try Self.requireKey(error)
            return nil
        }
    }

    /// Her rules as they are stored, with their tags.
    func rules(of sending: PersonSending) -> [StoredSafeContact] {
        sending.rules.map { record in
            StoredSafeContact(
                rule: SafeContact(
                    id: record.id, personID: record.personID, channel: record.channel, days: record.days,
                    fromMinute: record.fromMinute, toMinute: record.toMinute, neverMention: record.neverMention,
                    codeWordHash: record.codeWord, confirmedAt: record.confirmedAt, expiresAt: record.expiresAt,
                    stoppedAt: record.stoppedAt),
                tag: record.tag)
        }
    }

    /// Whom the message must not reach and whose name it must not say. A contact that cannot be opened forbids every
    /// message.
    ///
    /// Others are those who reported or witnessed, and guardians, unless she is a minor: a child is reached by way of
    /// the family. A child's number may be its mother's.
    func people(of sending: PersonSending) throws -> People {
        let message = sending.message
        var people = People()
        var contacts: [PersonRole: (phones: [String], emails: [String])] = [:]
        for contact in sending.contacts {
            do throws(FieldCipherError) {
                let name = try self.cipher.open(contact.name, .personName, row: contact.personID)
                people.names += [name].compactMap(\.self)
                guard contact.personID != message.personID else { continue }
                let phone = try self.cipher.open(contact.phone, .personPhone, row: contact.personID)
                let email = try self.cipher.open(contact.email, .personEmail, row: contact.personID)
                contacts[contact.role, default: ([], [])].phones += [phone].compactMap(\.self)
                contacts[contact.role, default: ([], [])].emails += [email].compactMap(\.self)
            } catch {
                try Self.requireKey(error)
                people.respondents = .unknown
                return people
            }
        }
        func avoided(_ roles: [PersonRole]) -> AvoidedContacts {
            AvoidedContacts(
                phones: roles.flatMap { contacts[$0]?.phones ?? [] },
                emails: roles.flatMap { contacts[$0]?.emails ?? [] })
        }
        people.respondents = avoided([.respondent])
        people.others = avoided(message.isMinor ? [.reporter, .witness] : [.reporter, .witness, .guardian])
        people.suspectedGuardians = message.guardianSuspected ? avoided([.guardian]) : .none
        return people
    }

    private static func requireKey(_ error: FieldCipherError) throws {
        if case .unknownKey = error { throw JobFailure(code: "unknown_field_key") }
    }
}
