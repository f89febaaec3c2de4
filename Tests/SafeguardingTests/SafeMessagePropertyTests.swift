import Casework
import Foundation
import Safeguarding
import Testing

/// Invariant 6 against chance: whatever the rules, the time and the contacts are, what is composed keeps to them.
@Suite struct SafeMessagePropertyTests {
    @Test(arguments: 0..<8)
    func noMessageBreaksARule(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let authenticator = SafeContactAuthenticator(keyring: .generate())
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        let start = shanghai(2024, 1, 1)
        var composed = 0
        for _ in 0..<2000 {
            let person = UUID()
            let rules = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                Self.rule(of: person, start, authenticator, &random)
            }
            let phones = ["13800138000", "13800138000", "13900139000", nil]
            let emails = ["she@example.net", "she@example.net", "he@example.net", nil]
            let recipient = MessageRecipient(
                personID: person, role: Int.random(in: 0..<8, using: &random) == 0 ? .respondent : .helpSeeker,
                phone: phones.randomElement(using: &random) ?? nil, email: emails.randomElement(using: &random) ?? nil)
            let now = start + Double.random(in: -10 * 86_400...200 * 86_400, using: &random)
            let composition = SafeMessage.compose(
                template: "follow_up", to: recipient, rules: rules.map(\.stored), authenticator: authenticator,
                channels: [.email, .sms], now: now,
                avoiding: AvoidedContacts(phones: ["139 0013 9000"], emails: ["HE@example.net"]))
            guard case .message(let message) = composition else { continue }
            composed += 1
            let content = try message.content(at: now)
            let used = try #require(rules.first { $0.stored.rule.id == message.ruleID })
            let rule = used.stored.rule
            #expect(recipient.role == .helpSeeker)
            #expect(rules.allSatisfy { $0.isGenuine })
            #expect(rule.channel == message.channel && (rule.channel == .email || rule.channel == .sms))
            #expect(content.address == (rule.channel == .email ? "she@example.net" : "13800138000"))
            #expect(rule.confirmedAt <= now + 60 && now < rule.expiresAt && rule.stoppedAt == nil)
            for other in rules.map(\.stored.rule) {
                #expect(other.confirmedAt <= rule.confirmedAt)
                #expect(other.confirmedAt < rule.confirmedAt || other.channel != .none && other.stoppedAt == nil)
            }
            for instant in [now, message.permittedUntil] {
                let minute = calendar.component(.hour, from: instant) * 60 + calendar.component(.minute, from: instant)
                func isHers(_ date: Date) -> Bool {
                    rule.days.contains((calendar.component(.weekday, from: date) + 5) % 7 + 1)
                }
                let isIn =
                    rule.fromMinute < rule.toMinute
                    ? isHers(instant) && minute >= rule.fromMinute && minute < rule.toMinute
                    : isHers(instant) && minute >= rule.fromMinute
                        || isHers(instant - 86_400) && minute < rule.toMinute
                #expect(isIn)
            }
        }
        #expect(composed > 20, "the test composes something at all")
    }

    private static func rule(
        of person: UUID, _ start: Date, _ authenticator: SafeContactAuthenticator, _ random: inout SplitMix
    ) -> (stored: StoredSafeContact, isGenuine: Bool) {
        let confirmed = start + Double(Int.random(in: 0...3, using: &random)) * 10 * 86_400
        let isOfPerson = Int.random(in: 0..<20, using: &random) != 0
        let rule = SafeContact(
            id: UUID(), personID: isOfPerson ? person : UUID(),
            channel: [ContactChannel.email, .email, .sms, .sms, .phone, .none].randomElement(using: &random) ?? .none,
            days: (1...7).filter { _ in Bool.random(using: &random) },
            fromMinute: Int.random(in: 0...24, using: &random) * 60,
            toMinute: Int.random(in: 0...24, using: &random) * 60,
            confirmedAt: confirmed, expiresAt: confirmed + Double(Int.random(in: 1...300, using: &random)) * 86_400,
            stoppedAt: Int.random(in: 0..<10, using: &random) == 0 ? confirmed + 3600 : nil)
        var tag = authenticator.tag(for: rule)
        let isForged = Int.random(in: 0..<20, using: &random) == 0
        if isForged {
            tag[tag.count - 1] ^= 1
        }
        return (StoredSafeContact(rule: rule, tag: tag), isOfPerson && !isForged)
    }
}

/// A small generator with a seed, so that a failure can be had again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
