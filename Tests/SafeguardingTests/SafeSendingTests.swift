import Casework
import Foundation
import Testing

@testable import Safeguarding

/// S1 to S10: what the policy permits is what may be sent; nothing else makes a permit.
@Suite struct SafeSendingTests {
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

    private func facts(
        _ rules: [StoredSafeContact], role: PersonRole = .helpSeeker, phone: String? = "13800138000",
        email: String? = "she@example.net", channels: Set<ContactChannel> = [.email, .sms],
        text: String = "您好，方便的时候请给我们回个电话。", names: [String] = [], now: Date? = nil,
        _ change: (inout ContactFacts) -> Void = { _ in }
    ) -> ContactFacts {
        var facts = ContactFacts(
            recipient: MessageRecipient(personID: self.person, role: role, phone: phone, email: email), rules: rules,
            authenticator: self.authenticator,
            texts: [.email: MessageText(subject: "请回电", text: text), .sms: MessageText(text: text)],
            senders: [
                .email: SenderIdentity.mail(address: "post@example.org"),
                .sms: SenderIdentity(parts: ["signature": "平安生活"]),
            ].filter { channels.contains($0.key) }, names: names, now: now ?? self.now)
        change(&facts)
        return facts
    }

    private func said(_ facts: ContactFacts) -> Said {
        Said(SafeContactPolicy.standard.decide(facts, message: UUID(), attempt: 1))
    }

    private func content(_ facts: ContactFacts) throws -> MessageContent {
        guard case .permit(let permit) = SafeContactPolicy.standard.decide(facts, message: UUID(), attempt: 1) else {
            throw NotPermitted()
        }
        return try permit.redeem()
    }

    private struct NotPermitted: Error {}

    // MARK: - What may be sent

    @Test func whatHerRuleAllowsIsPermitted() throws {
        let content = try self.content(self.facts([self.stored()]))
        #expect(content.address == "she@example.net" && content.subject == "请回电")
        #expect(content.hidesSender)  // S7
        #expect(try self.content(self.facts([self.stored(.sms)], phone: "+86 138-0013-8000")).address == "13800138000")
    }

    @Test func aPermitIsOverInSeconds() throws {
        let facts = self.facts([self.stored()])
        for (late, isGood) in [(0, true), (9, true), (11, false), (3600, false)] {
            guard case .permit(let permit) = SafeContactPolicy.standard.decide(facts, message: UUID(), attempt: 1)
            else {
                throw NotPermitted()
            }
            var isRedeemed = true
            do throws(PermitExpired) {
                _ = try permit.redeem(at: ContinuousClock.now + .seconds(late))
            } catch {
                isRedeemed = false
            }
            #expect(isRedeemed == isGood)
        }
    }

    @Test func aRetryThatCrossesTheEdgeWaits() {
        let rules = [self.stored()]
        #expect(self.said(self.facts(rules, now: shanghai(2024, 5, 6, 16, 58))) == .allowed)
        #expect(self.said(self.facts(rules, now: shanghai(2024, 5, 6, 17, 2))) == .later(shanghai(2024, 5, 7, 9)))
    }

    // MARK: - S1: no rule, no channel, no address

    @Test func withoutARuleNothingIsSent() {
        #expect(self.said(self.facts([])) == .denied(.noRule))
    }

    @Test func aChannelNobodyMarkedSafeIsNotUsed() {
        #expect(self.said(self.facts([self.stored(.phone)])) == .denied(.channelUnavailable))
        #expect(self.said(self.facts([self.stored(.sms)], channels: [.email])) == .denied(.channelUnavailable))
        #expect(self.said(self.facts([self.stored()], channels: [])) == .denied(.channelUnavailable))
    }

    @Test(arguments: [
        nil, "", "  ", "she", "she@", "@example.net", "she@localhost", "a@b@example.net", "她@example.net",
        "she@例子.net", "she@example.net\r\nBcc: x@y.z", "she@example.net,x@y.zz", "\"she\"@example.net",
        "<she@example.net>", "she\u{0}@example.net",
    ])
    func anAddressThatIsNoneIsNotUsed(email: String?) {
        #expect(self.said(self.facts([self.stored()], email: email)) == .denied(.noSafeAddress))
    }

    @Test(arguments: [nil, "无", "123", "0471-1234567", "95588", "138001380001234"])
    func aNumberThatTakesNoMessageIsNotUsed(phone: String?) {
        #expect(self.said(self.facts([self.stored(.sms)], phone: phone)) == .denied(.noSafeAddress))
    }

    // MARK: - S3, S4, S10

    @Test func neverBeatsEveryOtherRuleOfTheSameTime() {
        #expect(self.said(self.facts([self.stored(), self.stored(.none)])) == .denied(.never))
    }

    @Test func confirmingAgainReplacesWhatWasSaid() {
        let later = shanghai(2024, 5, 3)
        #expect(self.said(self.facts([self.stored(), self.stored(.none, confirmed: later)])) == .denied(.never))
        #expect(self.said(self.facts([self.stored(.none), self.stored(confirmed: later)])) == .allowed)
        let narrowed = self.stored(from: 1200, to: 1260, confirmed: later)
        #expect(self.said(self.facts([self.stored(), narrowed])) == .later(shanghai(2024, 5, 6, 20)))
    }

    @Test func anExpiredRuleIsNoRule() {
        #expect(self.said(self.facts([self.stored(expires: self.now)])) == .denied(.expired))
    }

    @Test func stopStopsEveryChannel() {
        let stopped = self.stored(.sms, stopped: shanghai(2024, 5, 2))
        #expect(self.said(self.facts([self.stored(), stopped])) == .denied(.stopped))
        #expect(self.said(self.facts([stopped, self.stored(confirmed: shanghai(2024, 5, 3))])) == .allowed)
    }

    // MARK: - Rules that were tampered with

    @Test func oneForgedRuleSilencesAll() {
        let good = self.stored()
        let forged = StoredSafeContact(rule: self.stored().rule, tag: good.tag)
        #expect(self.said(self.facts([good, forged])) == .denied(.refusedRule))
        #expect(self.said(self.facts([self.stored(person: UUID())])) == .denied(.refusedRule))
    }

    // MARK: - S9, S28: not by way of somebody else

    @Test(arguments: ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"])
    func aNumberOfSomebodyElsesIsNotUsed(phone: String) {
        let avoided = AvoidedContacts(phones: [phone], emails: [])
        let rules = [self.stored(.sms)]
        #expect(self.said(self.facts(rules) { $0.respondents = avoided }) == .denied(.respondentContact))
        #expect(self.said(self.facts(rules) { $0.others = avoided }) == .denied(.sharedContact))
        #expect(self.said(self.facts(rules) { $0.suspectedGuardians = avoided }) == .denied(.guardianContact))
    }

    @Test(arguments: ["she@example.net", "SHE@Example.net", " she@example.net ", "she+private@example.net"])
    func theRespondentsMailboxIsNotUsed(email: String) {
        let facts = self.facts([self.stored()]) { $0.respondents = AvoidedContacts(phones: [], emails: [email]) }
        #expect(self.said(facts) == .denied(.respondentContact))
    }

    @Test func aCollisionOnOneChannelLeavesTheOther() throws {
        let facts = self.facts([self.stored(.sms), self.stored(.email)]) {
            $0.respondents = AvoidedContacts(phones: ["13800138000"], emails: ["he@example.net"])
        }
        #expect(try self.content(facts).address == "she@example.net")
    }

    @Test func whoCannotBeComparedCouldBeAnybody() {
        for avoided in [
            AvoidedContacts.unknown, AvoidedContacts(phones: ["没有"], emails: []),
            AvoidedContacts(phones: [], emails: ["nobody"]),
        ] {
            #expect(self.said(self.facts([self.stored()]) { $0.respondents = avoided }) == .denied(.unreadableData))
            #expect(self.said(self.facts([self.stored()]) { $0.others = avoided }) == .denied(.unreadableData))
        }
    }

    // MARK: - Whom, what and by whom

    @Test(arguments: PersonRole.allCases.filter { $0 != .helpSeeker })
    func nobodyElseIsWrittenTo(role: PersonRole) {
        #expect(self.said(self.facts([self.stored()], role: role)) == .denied(.notTheHelpSeeker))
    }

    @Test func aTextThatIsMissingOrSaysSomethingIsNotSent() {
        #expect(self.said(self.facts([self.stored()]) { $0.texts = [:] }) == .denied(.unknownTemplate))
        #expect(self.said(self.facts([self.stored()], text: "妇联找您")) == .denied(.deniedText))
        #expect(self.said(self.facts([self.stored()], names: ["您好"])) == .denied(.deniedText))
    }

    @Test func aSenderThatSaysWhoWritesSendsNothing() {
        let facts = self.facts([self.stored(.sms)]) { $0.senders[.sms] = SenderIdentity(parts: ["signature": "某市妇联"]) }
        #expect(self.said(facts) == .denied(.senderNotNeutral))
    }

    @Test func aPhoneDoesNotKeepBuzzing() {
        #expect(self.said(self.facts([self.stored()]) { $0.sentToday = 2 }) == .allowed)
        #expect(self.said(self.facts([self.stored()]) { $0.sentToday = 3 }) == .later(self.now + 3600))
    }

    // MARK: - What is printed

    @Test func nothingPrintsAnAddressOrAText() throws {
        let facts = self.facts([self.stored()]) {
            $0.respondents = AvoidedContacts(phones: ["13900139000"], emails: [])
        }
        let content = try self.content(facts)
        var printed = "\(content) \(facts) \(facts.recipient) \(facts.respondents)"
        dump(content, to: &printed)
        dump(facts, to: &printed)
        #expect(!printed.contains("13800") && !printed.contains("13900") && !printed.contains("example"))
        #expect(!printed.contains("回"))
    }
}

/// Desks: danger to life rings at night, the rest waits for the morning.
@Suite struct StaffPolicyTests {
    private func said(lane: Int, hour: Int, address: String? = "desk@example.org") -> Said {
        let facts = StaffFacts(
            lane: lane, address: address, channel: .email, text: MessageText(subject: "x", text: "x"),
            now: shanghai(2024, 5, 6, hour, 30))
        return Said(StaffPolicy.standard.decide(facts, message: UUID(), attempt: 1))
    }

    @Test(arguments: 0...2)
    func whatIsUrgentIsSentAtAnyHour(lane: Int) {
        for hour in 0..<24 { #expect(self.said(lane: lane, hour: hour) == .allowed) }
    }

    @Test func whatCanWaitWaitsForTheMorning() {
        #expect(self.said(lane: 3, hour: 12) == .allowed)
        #expect(self.said(lane: 3, hour: 22) == .later(shanghai(2024, 5, 7, 7)))
        #expect(self.said(lane: 3, hour: 3) == .later(shanghai(2024, 5, 6, 7)))
        #expect(self.said(lane: 3, hour: 7) == .allowed)
    }

    @Test func whatADeskDoesNotWantIsNotSentUnlessItIsUrgent() {
        for (lane, said) in [(0, Said.allowed), (1, .allowed), (2, .denied(.muted)), (3, .denied(.muted))] {
            let facts = StaffFacts(
                lane: lane, address: "desk@example.org", channel: .email, text: MessageText(text: "x"), isMuted: true,
                now: shanghai(2024, 5, 6, 12))
            #expect(Said(StaffPolicy.standard.decide(facts, message: UUID(), attempt: 1)) == said)
        }
    }

    @Test func aDeskWithoutAnAddressCannotBeTold() {
        #expect(self.said(lane: 0, hour: 12, address: nil) == .denied(.noSafeAddress))
    }
}
