import Casework
import CaseworkStore
import FoundationEssentials
import JobWorker
import PostgresClient
import Safeguarding

/// Reads and opens what is needed to decide whether a person may be written to. It lives in memory for one attempt.
struct PersonReading: Sendable {
    private let cipher: FieldCipher
    private let messages = MessageStore()

    init(keyring: FieldKeyring) {
        self.cipher = FieldCipher(keyring: keyring)
    }

    /// The person with her contacts; `nil` when they cannot be trusted.
    /// - Throws: `JobFailure` when a key is missing here: that is a fault of this installation and not of the data.
    func recipient(of message: MessageForSending) throws -> MessageRecipient? {
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
    func rules(of person: UUID, on executor: some PostgresExecutor) async throws -> [StoredSafeContact] {
        try await self.messages.contactRules(of: person, on: executor).map { record in
            StoredSafeContact(
                rule: SafeContact(
                    id: record.id, personID: record.personID, channel: record.channel, days: record.days,
                    fromMinute: record.fromMinute, toMinute: record.toMinute, neverMention: record.neverMention,
                    codeWordHash: record.codeWord, confirmedAt: record.confirmedAt, expiresAt: record.expiresAt,
                    stoppedAt: record.stoppedAt),
                tag: record.tag)
        }
    }

    /// The contacts of the respondents; `.unknown`, which forbids every message, when one cannot be opened.
    func avoided(in caseID: UUID, on executor: some PostgresExecutor) async throws -> AvoidedContacts {
        var phones: [String] = []
        var emails: [String] = []
        for respondent in try await self.messages.respondents(of: caseID, on: executor) {
            do throws(FieldCipherError) {
                if let phone = try self.cipher.open(respondent.phone, .personPhone, row: respondent.personID) {
                    phones.append(phone)
                }
                if let email = try self.cipher.open(respondent.email, .personEmail, row: respondent.personID) {
                    emails.append(email)
                }
            } catch {
                try Self.requireKey(error)
                return .unknown
            }
        }
        return AvoidedContacts(phones: phones, emails: emails)
    }

    private static func requireKey(_ error: FieldCipherError) throws {
        if case .unknownKey = error { throw JobFailure(code: "unknown_field_key") }
    }
}
