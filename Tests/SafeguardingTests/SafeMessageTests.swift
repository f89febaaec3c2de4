import Casework
import Foundation
import Safeguarding
import Testing

/// S1 to S10: what can be composed is what may be sent; there is no other way to a `SafeMessage`.
@Suite struct SafeMessageTests {
    private static let keyring = FieldKeyring.generate()
    private let authenticator = SafeContactAuthenticator(keyring: keyring)
    private let person = UUID()
    private let now = shanghai(2024, 5, 6, 10)  // Monday

    private func stored(
        _ channel: ContactChannel = .email, person: UUID? = nil, from: Int = 540, to: Int = 1020,
        confirmed: Date = shanghai(2024, 5, 1), expires: Date = shanghai(2024, 11, 1), stopped: Date? = nil
    ) -> StoredSafeContact {
        let rule = SafeContact(
            id: UUID(), personID: person ?? self.person, channel: channel, days: 1...5, fromMinute: from, toMinute: to,
            confirmedAt: confirmed, expiresAt: expires, stoppedAt: stopped)
        return StoredSafeContact(rule: rule, tag: self.authenticator.tag(for: rule))
    }

    private func compose(
        _ rules: [StoredSafeContact], template: String = "please_call_back", role: PersonRole = .helpSeeker,
        phone: String? = "13800138000", email: String? = "she@example.net",
        channels: Set<ContactChannel> = [.email, .sms],
        now: Date? = nil, avoiding: AvoidedContacts = .none, names: [String] = []
    ) -> SafeMessage.Composition {
        SafeMessage.compose(
            template: template, to: MessageRecipient(personID: self.person, role: role, phone: phone, email: email),
            rules: rules, authenticator: self.authenticator, channels: channels, now: now ?? self.now,
            avoiding: avoiding, names: names)
    }

    private func reason(_ composition: SafeMessage.Composition) -> SuppressionReason? {
        guard case .suppressed(let reason) = composition else { return nil }
        return reason
    }

    private func message(_ composition: SafeMessage.Composition) throws -> SafeMessage {
        guard case .message(let message) = composition else {
            throw NotComposed(instead: "\(composition)")
        }
        return message
    }

    private struct NotComposed: Error {
        let instead: String
    }

    // MARK: - What may be sent

    @Test func whatHerRuleAllowsIsComposed() throws {
        let stored = self.stored()
        let message = try self.message(self.compose([stored]))
        #expect(message.ruleID == stored.rule.id && message.personID == self.person && message.channel == .email)
        let content = try message.content(at: self.now)
        #expect(content.address == "she@example.net")
        #expect(content.subject == MessageTemplate.pleaseCallBack.subject)
        #expect(content.text == MessageTemplate.pleaseCallBack.text)
    }

    @Test(arguments: MessageTemplates.standard.all)
    func contentHasNoIdNoNameAndANeutralSender(template: MessageTemplate) throws {
        let message = try self.message(self.compose([self.stored()], template: template.id, names: ["张晓燕"]))
        let content = try message.content(at: self.now)
        #expect(content.hidesSender)  // S7
        #expect(!content.text.contains { ("0"..."9").contains($0) })  // S6
        #expect(DenyList.helpSeeker.firstHit(in: content.subject + "\n" + content.text) == nil)
    }

    @Test func aPermissionIsOverSoon() throws {
        let message = try self.message(self.compose([self.stored()]))
        #expect(message.permittedUntil <= self.now + 60)
        _ = try message.content(at: message.permittedUntil - 1)
        #expect(throws: SafeMessageExpired.self) { try message.content(at: message.permittedUntil) }
        #expect(throws: SafeMessageExpired.self) { try message.content(at: self.now + 86_400) }
        #expect(throws: SafeMessageExpired.self) { try message.content(at: self.now - 86_400) }
    }

    @Test func aRetryThatCrossesTheEdgeIsDeferred() {
        let rules = [self.stored()]
        guard case .message = self.compose(rules, now: shanghai(2024, 5, 6, 16, 58)) else {
            Issue.record("not allowed inside the window")
            return
        }
        guard case .deferred(let until) = self.compose(rules, now: shanghai(2024, 5, 6, 17, 2)) else {
            Issue.record("not deferred after it")
            return
        }
        #expect(until == shanghai(2024, 5, 7, 9))
    }

    // MARK: - S1: no rule, no channel

    @Test func withoutARuleNothingIsSent() {
        #expect(self.reason(self.compose([])) == .noRule)
    }

    @Test func aChannelNobodyMarkedSafeIsNotUsed() {
        #expect(self.reason(self.compose([self.stored(.phone)])) == .channelUnavailable)
        #expect(self.reason(self.compose([self.stored(.sms)], channels: [.email])) == .channelUnavailable)
        #expect(self.reason(self.compose([self.stored()], channels: [])) == .channelUnavailable)
    }

    @Test func withoutAnAddressForItNothingIsSent() {
        #expect(self.reason(self.compose([self.stored()], email: nil)) == .noSafeAddress)
        #expect(self.reason(self.compose([self.stored()], email: "  ")) == .noSafeAddress)
        #expect(self.reason(self.compose([self.stored(.sms)], phone: "无")) == .noSafeAddress)
    }

    // MARK: - S3, S4, S10

    @Test func neverBeatsEveryOtherRuleOfTheSameTime() {
        #expect(self.reason(self.compose([self.stored(), self.stored(.none)])) == .never)
    }

    @Test func confirmingAgainReplacesWhatWasSaid() throws {
        let later = shanghai(2024, 5, 3)
        #expect(self.reason(self.compose([self.stored(), self.stored(.none, confirmed: later)])) == .never)
        _ = try self.message(self.compose([self.stored(.none), self.stored(confirmed: later)]))
        let narrowed = self.stored(from: 1200, to: 1260, confirmed: later)
        guard case .deferred = self.compose([self.stored(), narrowed]) else {
            Issue.record("the old, wider rule was used")
            return
        }
    }

    @Test func anExpiredRuleIsNoRule() {
        #expect(self.reason(self.compose([self.stored(expires: self.now)])) == .expired)
    }

    @Test func stopStopsEveryChannel() throws {
        let stopped = self.stored(.sms, stopped: shanghai(2024, 5, 2))
        #expect(self.reason(self.compose([self.stored(), stopped])) == .stopped)
        _ = try self.message(self.compose([stopped, self.stored(confirmed: shanghai(2024, 5, 3))]))
    }

    // MARK: - Rules that were tampered with

    @Test func oneForgedRuleSilencesAll() {
        let good = self.stored()
        let forged = StoredSafeContact(rule: self.stored().rule, tag: good.tag)
        #expect(self.reason(self.compose([good, forged])) == .refusedRule)
        #expect(self.reason(self.compose([self.stored(person: UUID())])) == .refusedRule)
    }

    // MARK: - S9: not by way of the respondent

    @Test(arguments: ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"])
    func theRespondentsNumberIsNotUsed(phone: String) {
        let avoiding = AvoidedContacts(phones: [phone], emails: [])
        #expect(self.reason(self.compose([self.stored(.sms)], avoiding: avoiding)) == .respondentContact)
    }

    @Test func aSharedLandlineIsFoundWithoutItsAreaCode() {
        let avoiding = AvoidedContacts(phones: ["0471-1234567"], emails: [])
        #expect(
            self.reason(self.compose([self.stored(.sms)], phone: "1234567", avoiding: avoiding)) == .respondentContact)
    }

    @Test(arguments: ["she@example.net", "SHE@Example.net", " she@example.net ", "she+private@example.net"])
    func theRespondentsMailboxIsNotUsed(email: String) {
        let avoiding = AvoidedContacts(phones: [], emails: [email])
        #expect(self.reason(self.compose([self.stored()], avoiding: avoiding)) == .respondentContact)
    }

    @Test func aCollisionOnOneChannelLeavesTheOther() throws {
        let avoiding = AvoidedContacts(phones: ["13800138000"], emails: ["he@example.net"])
        let message = try self.message(self.compose([self.stored(.sms), self.stored(.email)], avoiding: avoiding))
        #expect(message.channel == .email)
    }

    @Test func whoCannotBeComparedCouldBeAnybody() {
        #expect(self.reason(self.compose([self.stored()], avoiding: .unknown)) == .unreadableData)
        let unreadable = AvoidedContacts(phones: ["没有"], emails: [])
        #expect(self.reason(self.compose([self.stored()], avoiding: unreadable)) == .unreadableData)
        let noMailbox = AvoidedContacts(phones: [], emails: ["nobody"])
        #expect(self.reason(self.compose([self.stored()], avoiding: noMailbox)) == .unreadableData)
    }

    // MARK: - Whom and what

    @Test(arguments: PersonRole.allCases.filter { $0 != .helpSeeker })
    func nobodyElseIsWrittenTo(role: PersonRole) {
        #expect(self.reason(self.compose([self.stored()], role: role)) == .notTheHelpSeeker)
    }

    @Test func anUnknownTemplateSendsNothing() {
        #expect(self.reason(self.compose([self.stored()], template: "police_informed")) == .unknownTemplate)
    }

    @Test func aTextWithANameInItSendsNothing() {
        #expect(self.reason(self.compose([self.stored()], names: ["您好"])) == .deniedText)
    }

    // MARK: - What is printed

    @Test func nothingPrintsAnAddressOrAText() throws {
        let message = try self.message(self.compose([self.stored()]))
        let recipient = MessageRecipient(
            personID: self.person, role: .helpSeeker, phone: "13800138000", email: "she@example.net")
        let avoided = AvoidedContacts(phones: ["13800138000"], emails: ["she@example.net"])
        var printed = "\(message) \(recipient) \(avoided)"
        dump(message, to: &printed)
        dump(recipient, to: &printed)
        dump(avoided, to: &printed)
        #expect(!printed.contains("13800138000") && !printed.contains("example") && !printed.contains("回"))
    }
}
