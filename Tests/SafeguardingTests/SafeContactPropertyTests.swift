import Casework
import Foundation
import TestSupport
import Testing

@testable import Safeguarding

/// Invariant 6 against chance, and against ourselves: whatever the rules, the time and the contacts are, what the policy
/// permits keeps to them, judged by other code than its own; and without any one of its checks it does not.
@Suite struct SafeContactPropertyTests {
    @Test(arguments: 0..<8)
    func nothingThatIsPermittedBreaksARule(seed: UInt64) throws {
        var world = World(seed: seed)
        var permitted = 0
        for _ in 0..<2500 {
            let scene = world.scene()
            guard let sent = Sent(SafeContactPolicy.standard, scene) else { continue }
            permitted += 1
            #expect(scene.breach(by: sent) == nil)
        }
        #expect(permitted > 200, "the test sends something at all")
    }

    /// Every check is needed: without it something leaves that must not.
    @Test(arguments: ContactCheck.Name.allCases)
    func withoutACheckSomethingLeaves(name: ContactCheck.Name) {
        var world = World(seed: 99)
        let policy = SafeContactPolicy.standard.without(name)
        var found: String?
        for _ in 0..<20_000 where found == nil {
            let scene = world.scene()
            found = Sent(policy, scene).flatMap { scene.breach(by: $0) }
        }
        #expect(found != nil, "nothing shows that the check \(name) is there")
    }

    @Test func everyCheckIsInThePolicyOnce() {
        #expect(
            ContactCheck.all.map(\.name).sorted { $0.rawValue < $1.rawValue }
                == ContactCheck.Name.allCases.sorted { $0.rawValue < $1.rawValue })
    }
}

/// What left.
private struct Sent {
    let channel: ContactChannel
    let validity: Double
    let content: MessageContent

    init?(_ policy: SafeContactPolicy, _ scene: Scene) {
        guard case .permit(let permit) = policy.decide(scene.facts, message: UUID(), attempt: 1) else { return nil }
        self.channel = permit.channel
        self.validity = Double(permit.validity.components.seconds)
        guard let content = try? permit.redeem() else { return nil }
        self.content = content
    }
}

/// The facts of one message, and what is known of them beside the policy.
private struct Scene {
    var facts: ContactFacts
    var forged: Set<UUID>

    /// What a message that left breaks, in words; nil when it keeps to everything. Written from the requirements, with
    /// Foundation's calendar.
    func breach(by sent: Sent) -> String? {
        let facts = self.facts
        let rules = facts.rules.map(\.rule)
        guard facts.recipient.role == .helpSeeker else { return "not to the help-seeker" }
        guard self.forged.isEmpty else { return "a rule is forged" }
        guard let newest = rules.map(\.confirmedAt).max() else { return "no rule" }
        let current = rules.filter { $0.confirmedAt == newest }
        guard !current.contains(where: { $0.channel == .none }) else { return "she said never" }
        guard !rules.contains(where: { ($0.stoppedAt ?? .distantPast) >= newest }) else { return "she said stop" }
        guard facts.sentToday < 3 else { return "too many in a day" }
        for avoided in [facts.respondents, facts.others, facts.suspectedGuardians] {
            guard !avoided.isUnreadable else { return "somebody cannot be compared" }
        }
        guard let sender = facts.senders[sent.channel] else { return "a channel without a sender" }
        guard !sender.parts.values.contains(where: { $0.contains("妇联") }) else { return "the sender says who writes" }
        guard !sent.content.text.contains("家暴") else { return "the text says what about" }
        let allowing = current.filter { $0.channel == sent.channel && self.allows($0, sent) }
        guard !allowing.isEmpty else { return "no rule of hers allows it" }
        switch sent.channel {
        case .email:
            guard sent.content.address == "she@example.net" else {
                return "an address that is somebody else's, or none"
            }
        case .sms, .phone:
            guard sent.content.address == "13800138000" else { return "a number that is somebody else's, or none" }
        case .none:
            return "no channel"
        }
        return World.collides(facts.respondents, sent) || World.collides(facts.others, sent)
            || World.collides(facts.suspectedGuardians, sent) ? "somebody else's address" : nil
    }

    private func allows(_ rule: SafeContact, _ sent: Sent) -> Bool {
        let isSound =
            !rule.days.isEmpty && rule.days.allSatisfy { (1...7).contains($0) } && rule.fromMinute != rule.toMinute
            && (0..<1440).contains(rule.fromMinute) && (0...1440).contains(rule.toMinute)
        let facts = self.facts
        guard isSound, rule.confirmedAt <= facts.now + 61 else { return false }
        guard abs(facts.now.timeIntervalSince(facts.localNow)) <= 31 else { return false }
        var instants: [Date] = []
        for clock in [facts.now, facts.localNow] {
            guard clock < rule.expiresAt, clock.timeIntervalSince(rule.confirmedAt) < 365 * 86_400 else { return false }
            instants += [clock, clock + 10]
        }
        instants.append(facts.now + sent.validity)
        if let holds = facts.senders[rule.channel]?.holds {
            instants.append(facts.now + Double(holds.components.seconds))
        }
        return instants.allSatisfy { World.isIn(rule, $0) }
    }
}

/// Makes scenes that are sound but for a fault or two.
private struct World {
    private var random: SplitMix
    private let authenticator = SafeContactAuthenticator(keyring: .generate())

    init(seed: UInt64) {
        self.random = SplitMix(seed: seed)
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Asia/Shanghai")!
        return calendar
    }()

    static func isIn(_ rule: SafeContact, _ instant: Date) -> Bool {
        let minute =
            Self.calendar.component(.hour, from: instant) * 60 + Self.calendar.component(.minute, from: instant)
        func isHers(_ date: Date) -> Bool {
            rule.days.contains((Self.calendar.component(.weekday, from: date) + 5) % 7 + 1)
        }
        return rule.fromMinute < rule.toMinute
            ? isHers(instant) && minute >= rule.fromMinute && minute < rule.toMinute
            : isHers(instant) && minute >= rule.fromMinute || isHers(instant - 86_400) && minute < rule.toMinute
    }

    /// The scenes give avoided contacts either his address or hers.
    static func collides(_ avoided: AvoidedContacts, _ sent: Sent) -> Bool {
        sent.channel == .email
            ? avoided.contains(email: sent.content.address) : avoided.contains(phone: sent.content.address)
    }

    mutating func scene() -> Scene {
        let person = UUID()
        let start = shanghai(2024, 1, 1)
        let confirmed = start + Double(Int.random(in: 0...300, using: &self.random)) * 86_400
        var now = confirmed + Double.random(in: 0...80 * 86_400, using: &self.random)
        var rules = [self.rule(of: person, .email, confirmed)]
        if Bool.random(using: &self.random) { rules.append(self.rule(of: person, .sms, confirmed)) }
        var role = PersonRole.helpSeeker
        var phone: String? = "138 0013 8000"
        var email: String? = "she@example.net"
        var text = "您好，方便的时候请给我们回个电话。"
        var senders = [
            ContactChannel.email: SenderIdentity.mail(address: "post@example.org"),
            .sms: SenderIdentity(
                parts: ["signature": "平安生活"], holds: Bool.random(using: &self.random) ? .seconds(600) : nil),
        ]
        let his = AvoidedContacts(phones: ["13900139000"], emails: ["he@example.net"])
        let hers = AvoidedContacts(phones: ["+86 13800138000"], emails: ["She+x@example.net"])
        var avoided = [his, his, his]
        var drift = 0.0
        var sentToday = Int.random(in: 0..<3, using: &self.random)
        var forged: Set<UUID> = []
        for _ in 0..<Int.random(in: 0...2, using: &self.random) {
            let last = rules.count - 1
            switch Int.random(in: 0..<21, using: &self.random) {
            case 0: role = [.respondent, .guardian, .reporter].randomElement(using: &self.random) ?? .respondent
            case 1: forged.insert(rules[last].id)
            case 2: rules[last] = self.rule(of: person, rules[last].channel, confirmed, stopped: confirmed + 60)
            case 3: rules.append(self.rule(of: person, .none, confirmed))
            case 4: avoided[Int.random(in: 0..<3, using: &self.random)] = .unknown
            case 5:
                rules.append(
                    self.rule(
                        of: person, [.email, .sms].randomElement(using: &self.random) ?? .sms, confirmed + 86_400,
                        from: 1200, to: 1260))
            case 6:
                rules[last] = self.rule(
                    of: person, rules[last].channel, confirmed, days: [1, 2, 3, 4, 5, 6, 7], from: 600, to: 600)
            case 7: rules = rules.map { self.rule(of: person, $0.channel, now + 3600) }
            case 8: now = confirmed + 90 * 86_400 + Double.random(in: 0...300 * 86_400, using: &self.random)
            case 9: senders[[.email, .sms].randomElement(using: &self.random) ?? .sms] = nil
            case 10: rules = [self.rule(of: person, .phone, confirmed)]
            case 11: senders[.sms] = SenderIdentity(parts: ["signature": "某市妇联"])
            case 12: senders[.email] = SenderIdentity(parts: ["From": "post@example.org", "DKIM": "妇联.example.org"])
            case 13: text = "关于家暴的事，请回电。"
            case 14:
                email =
                    ["she", "she@example.net\r\nBcc: he@example.net", nil].randomElement(using: &self.random) ?? nil
            case 15: phone = ["0471 1234567", "12", nil].randomElement(using: &self.random) ?? nil
            case 16: avoided[Int.random(in: 0..<3, using: &self.random)] = hers
            case 17: drift = [-7200, 7200, -40, 40, 20, -20].randomElement(using: &self.random) ?? 40
            case 18:
                now =
                    Self.calendar.startOfDay(for: now) + Double(Int.random(in: 0..<24, using: &self.random)) * 3600 - 30
            case 19: sentToday = 3
            default: rules[last] = self.rule(of: UUID(), rules[last].channel, confirmed)
            }
        }
        let texts = Dictionary(
            uniqueKeysWithValues: [ContactChannel.email, .sms, .phone].map {
                ($0, MessageText(subject: "", text: text))
            })
        let stored = rules.map { rule in
            var tag = self.authenticator.tag(for: rule)
            if forged.contains(rule.id) { tag[tag.count - 1] ^= 1 }
            return StoredSafeContact(rule: rule, tag: tag)
        }
        let facts = ContactFacts(
            recipient: MessageRecipient(personID: person, role: role, phone: phone, email: email), rules: stored,
            authenticator: self.authenticator, texts: texts, senders: senders, respondents: avoided[0],
            others: avoided[1], suspectedGuardians: avoided[2], sentToday: sentToday, now: now, localNow: now + drift)
        // A forged rule may have been replaced by another fault since.
        forged.formIntersection(rules.map(\.id))
        for rule in rules where rule.personID != person { forged.insert(rule.id) }
        return Scene(facts: facts, forged: forged)
    }

    private mutating func rule(
        of person: UUID, _ channel: ContactChannel, _ confirmed: Date, days: [Int]? = nil, from: Int? = nil,
        to: Int? = nil, stopped: Date? = nil
    ) -> SafeContact {
        let start = from ?? Int.random(in: 0..<24, using: &self.random) * 60
        let end = to ?? [start + 120, start + 900, start - 60, 1440].randomElement(using: &self.random) ?? 1440
        return SafeContact(
            id: UUID(), personID: person, channel: channel,
            days: days ?? (1...7).filter { _ in Int.random(in: 0..<5, using: &self.random) > 0 }, fromMinute: start,
            toMinute: (end + 1440) % 1440, confirmedAt: confirmed, expiresAt: confirmed + 90 * 86_400,
            stoppedAt: stopped)
    }
}
