import Casework
import Crypto
public import FoundationEssentials

/// Writes and checks the tag of safe-contact rules, so that a row that was changed or swapped in the database is
/// refused.
///
/// The tag is: version byte 1, one byte with the length of the key id, the key id, HMAC-SHA256 of the rule in canonical
/// form (rule id, person id, channel, days, minutes, never-mention, code word, the two times). What a tag cannot show
/// is that a newer rule of the same person was removed.
public struct SafeContactAuthenticator: Sendable {
    private static let version: UInt8 = 1

    private let keys: KeySet

    /// Tags under the keyring's current key for contact rules; checks under any of them.
    public init(keyring: FieldKeyring) {
        self.keys = keyring.contactRules
    }

    /// The tag to store with a rule.
    public func tag(for rule: SafeContact) -> [UInt8] {
        let keyID = self.keys.currentID
        let code = HMAC<SHA256>.authenticationCode(for: Self.canonical(rule, keyID: keyID), using: self.keys.current)
        return [Self.version, UInt8(keyID.utf8.count)] + Array(keyID.utf8) + Array(code)
    }

    /// The rule as one that may be acted on, or `nil` when its tag is wrong or it is about somebody else.
    public func verify(_ rule: SafeContact, tag: [UInt8], person: UUID) -> VerifiedSafeContact? {
        guard rule.personID == person, tag.count > 2, tag[0] == Self.version else { return nil }
        let end = 2 + Int(tag[1])
        guard end < tag.count, let keyID = String(validating: tag[2..<end], as: UTF8.self),
            let key = self.keys.key(keyID)
        else { return nil }
        let isValid = HMAC<SHA256>.isValidAuthenticationCode(
            tag[end...], authenticating: Self.canonical(rule, keyID: keyID), using: key)
        return isValid ? VerifiedSafeContact(rule) : nil
    }

    // MARK: - Code words (S8)

    /// What is stored of a code word: a keyed hash bound to the rule, so that it can be neither read nor guessed from
    /// the database, nor compared between people.
    public func codeWordHash(_ word: String, rule: UUID) -> [UInt8]? {
        guard let message = Self.codeWordMessage(word, rule: rule) else { return nil }
        let keyID = self.keys.currentID
        let code = HMAC<SHA256>.authenticationCode(for: message, using: self.keys.current)
        return [Self.version, UInt8(keyID.utf8.count)] + Array(keyID.utf8) + Array(code)
    }

    /// Whether this is the code word of the rule. A rule without one is satisfied by no word.
    public func isCodeWord(_ word: String, of contact: VerifiedSafeContact) -> Bool {
        guard let stored = contact.rule.codeWordHash, stored.count > 2, stored[0] == Self.version else { return false }
        let end = 2 + Int(stored[1])
        guard end < stored.count, let keyID = String(validating: stored[2..<end], as: UTF8.self),
            let key = self.keys.key(keyID), let message = Self.codeWordMessage(word, rule: contact.rule.id)
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(stored[end...], authenticating: message, using: key)
    }

    // MARK: -

    private static func codeWordMessage(_ word: String, rule: UUID) -> [UInt8]? {
        guard let normalised = IndexNormalisation.name(word) else { return nil }
        return CanonicalBytes("dandelion.code-word.1").adding(rule).adding(normalised).bytes
    }

    private static func canonical(_ rule: SafeContact, keyID: String) -> [UInt8] {
        CanonicalBytes("dandelion.safe-contact.1")
            .adding(keyID)
            .adding(rule.id)
            .adding(rule.personID)
            .adding(rule.channel.rawValue)
            .adding(rule.days.map { String($0) }.joined(separator: ","))
            .adding(Int64(rule.fromMinute))
            .adding(Int64(rule.toMinute))
            .adding(rule.neverMention ? "never" : "may")
            .adding(rule.codeWordHash == nil ? "none" : "word")
            .adding(rule.codeWordHash ?? [])
            .adding(Self.seconds(rule.confirmedAt))
            .adding(Self.seconds(rule.expiresAt))
            .bytes
    }

    /// Whole seconds since 1970; a time beyond every calendar counts as the end of one.
    private static func seconds(_ date: Date) -> Int64 {
        Int64(exactly: date.timeIntervalSince1970) ?? .max
    }
}
