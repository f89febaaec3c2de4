import Casework
import Foundation
import Safeguarding
import Testing

@Suite struct SafeContactAuthenticatorTests {
    private let authenticator = SafeContactAuthenticator(keyring: .generate())
    private let id = UUID()
    private let person = UUID()

    private func rule(
        id: UUID? = nil, person: UUID? = nil, channel: ContactChannel = .email, days: [Int] = [1, 2], from: Int = 540,
        to: Int = 1020, never: Bool = true, word: [UInt8]? = [1, 2], confirmed: Double = 1_700_000_000,
        expires: Double = 1_800_000_000, stopped: Date? = nil
    ) -> SafeContact {
        SafeContact(
            id: id ?? self.id, personID: person ?? self.person, channel: channel, days: days, fromMinute: from,
            toMinute: to, neverMention: never, codeWordHash: word, confirmedAt: Date(timeIntervalSince1970: confirmed),
            expiresAt: Date(timeIntervalSince1970: expires), stoppedAt: stopped)
    }

    @Test func aRuleIsVerifiedByItsTag() {
        let tag = self.authenticator.tag(for: self.rule())
        #expect(self.authenticator.verify(self.rule(), tag: tag, person: self.person)?.rule == self.rule())
    }

    @Test func everyChangedFieldIsRefused() {
        let tag = self.authenticator.tag(for: self.rule())
        let changed = [
            self.rule(id: UUID()), self.rule(channel: .sms), self.rule(days: [1, 2, 3]), self.rule(days: [12]),
            self.rule(from: 541), self.rule(to: 1021), self.rule(never: false), self.rule(word: nil),
            self.rule(word: [1, 3]), self.rule(confirmed: 1_700_000_001), self.rule(expires: 1_800_000_001),
            self.rule(from: 1020, to: 540),
        ]
        for rule in changed {
            #expect(self.authenticator.verify(rule, tag: tag, person: self.person) == nil)
        }
    }

    @Test func anotherPersonsRuleIsRefused() {
        let other = self.rule(person: UUID())
        let tag = self.authenticator.tag(for: other)
        #expect(self.authenticator.verify(other, tag: tag, person: self.person) == nil, "a row swapped in the database")
        #expect(self.authenticator.verify(self.rule(), tag: tag, person: self.person) == nil)
    }

    @Test func aChangedOrForeignTagIsRefused() {
        let tag = self.authenticator.tag(for: self.rule())
        for index in tag.indices {
            var changed = tag
            changed[index] ^= 1
            #expect(self.authenticator.verify(self.rule(), tag: changed, person: self.person) == nil)
        }
        for length in 0..<tag.count {
            #expect(self.authenticator.verify(self.rule(), tag: Array(tag[..<length]), person: self.person) == nil)
        }
        let foreign = SafeContactAuthenticator(keyring: .generate()).tag(for: self.rule())
        #expect(self.authenticator.verify(self.rule(), tag: foreign, person: self.person) == nil)
    }

    @Test func stoppingNeedsNoNewTag() {
        let tag = self.authenticator.tag(for: self.rule())
        let stopped = self.rule(stopped: Date(timeIntervalSince1970: 1))
        #expect(self.authenticator.verify(stopped, tag: tag, person: self.person)?.rule.stoppedAt != nil)
    }

    @Test func fractionsOfASecondDoNotMatter() {
        let tag = self.authenticator.tag(for: self.rule(confirmed: 1_700_000_000.123_456_7))
        #expect(self.authenticator.verify(self.rule(), tag: tag, person: self.person) != nil)
    }

    @Test func oldKeysVerifyAfterARotation() {
        let keyring = FieldKeyring.generate()
        let tag = SafeContactAuthenticator(keyring: keyring).tag(for: self.rule())
        let rotated = SafeContactAuthenticator(keyring: keyring.rotated())
        #expect(rotated.verify(self.rule(), tag: tag, person: self.person) != nil)
        #expect(rotated.tag(for: self.rule()) != tag)
    }

    // MARK: - Code words (S8)

    private func contact(word: [UInt8]?) throws -> VerifiedSafeContact {
        let rule = self.rule(word: word)
        return try #require(
            self.authenticator.verify(rule, tag: self.authenticator.tag(for: rule), person: self.person))
    }

    @Test func onlyTheRightWordOpens() throws {
        let contact = try self.contact(word: self.authenticator.codeWordHash("小 白兔", rule: self.id))
        #expect(self.authenticator.isCodeWord(" 小  白兔 ", of: contact))
        for wrong in ["", " ", "小白兔", "大 白兔", "小 白兔1"] {
            #expect(!self.authenticator.isCodeWord(wrong, of: contact))
        }
    }

    @Test func aRuleWithoutAWordIsOpenedByNone() throws {
        let contact = try self.contact(word: nil)
        #expect(!self.authenticator.isCodeWord("", of: contact) && !self.authenticator.isCodeWord("x", of: contact))
        #expect(self.authenticator.codeWordHash("  ", rule: self.id) == nil)
    }

    @Test func theSameWordLooksDifferentForEverybody() {
        #expect(
            self.authenticator.codeWordHash("兔", rule: UUID()) != self.authenticator.codeWordHash("兔", rule: UUID()))
    }
}
