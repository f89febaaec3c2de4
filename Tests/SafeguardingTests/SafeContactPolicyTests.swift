import Casework
import Foundation
import Testing

@testable import Safeguarding

/// What a policy said, as something that can be compared.
enum Said: Equatable {
    case allowed
    case later(Date)
    case denied(DenialReason)

    init(_ decision: consuming SendingDecision) {
        switch consume decision {
        case .permit: self = .allowed
        case .later(let date): self = .later(date)
        case .denied(let reason): self = .denied(reason)
        }
    }
}

extension SafeContactPolicy {
    /// About one rule, with nothing else in the way.
    func decide(_ contact: VerifiedSafeContact, now: Date, localNow: Date? = nil, holds: Duration? = nil) -> Said {
        var facts = ContactFacts(
            recipient: MessageRecipient(
                personID: contact.rule.personID, role: .helpSeeker, phone: "13800138000", email: "she@example.net"),
            rules: [], authenticator: SafeContactAuthenticator(keyring: .generate()),
            texts: [.email: MessageText(subject: "您好", text: "请回电。"), .sms: MessageText(text: "请回电。")],
            senders: [
                .email: .mail(address: "post@example.org"),
                .sms: SenderIdentity(parts: ["signature": "平安生活"], holds: holds),
            ], now: now, localNow: localNow)
        facts.rules = [JudgedRule(rule: contact.rule, isGenuine: true)]
        return Said(self.decide(facts, message: UUID(), attempt: 1))
    }
}

/// S2 to S4. 2024-05-06 is a Monday.
@Suite struct SafeContactPolicyTests {
    private static let authenticator = SafeContactAuthenticator(keyring: .generate())
    private let policy = SafeContactPolicy.standard

    private func contact(
        _ channel: ContactChannel = .email, days: [Int] = [1, 2, 3, 4, 5], from: Int = 9 * 60, to: Int = 17 * 60,
        confirmed: Date = shanghai(2024, 5, 1), expires: Date = shanghai(2024, 11, 1), stopped: Date? = nil
    ) throws -> VerifiedSafeContact {
        let rule = SafeContact(
            id: UUID(), personID: UUID(), channel: channel, days: days, fromMinute: from, toMinute: to,
            confirmedAt: confirmed, expiresAt: expires, stoppedAt: stopped)
        let tag = Self.authenticator.tag(for: rule)
        return try #require(Self.authenticator.verify(rule, tag: tag, person: rule.personID))
    }

    // MARK: - Windows

    @Test func insideTheWindowIsAllowed() throws {
        let contact = try self.contact()
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 9)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 16, 58, 59)) == .allowed)
    }

    @Test func beforeTheWindowWaitsForIt() throws {
        let contact = try self.contact()
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 6, 8, 59, 59))
                == .later(shanghai(2024, 5, 6, 9)))
    }

    @Test func theEndHasAMargin() throws {
        let contact = try self.contact()
        let next = Said.later(shanghai(2024, 5, 7, 9))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 16, 59)) == next)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 17)) == next)
    }

    @Test func aDayThatIsNotHersWaitsForTheNextThatIs() throws {
        let contact = try self.contact()
        let monday = Said.later(shanghai(2024, 5, 13, 9))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 10)) == monday)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 12, 23, 59)) == monday)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 17)) == monday)
    }

    @Test func oneDayAWeekWaitsAWeek() throws {
        let contact = try self.contact(days: [3])
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 8, 18)) == .later(shanghai(2024, 5, 15, 9)))
    }

    @Test func aWindowOverMidnightBelongsToTheDayItStartsOn() throws {
        let contact = try self.contact(days: [5], from: 22 * 60, to: 6 * 60)  // Friday night
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 22)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 23, 59, 30)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 0)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 5, 58)) == .allowed)
        let nextWeek = Said.later(shanghai(2024, 5, 17, 22))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 6)) == nextWeek)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 22, 30)) == nextWeek)
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 10, 3)) == .later(shanghai(2024, 5, 10, 22)))
    }

    @Test func theWholeDayHasNoGapAtMidnight() throws {
        let contact = try self.contact(days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)
        for second in stride(from: 0, to: 120, by: 1) {
            #expect(
                self.policy.decide(contact, now: shanghai(2024, 5, 6, 23, 59) + Double(second)) == .allowed)
        }
    }

    /// Against a calendar that knows nothing of the policy's arithmetic: every quarter of an hour of three weeks.
    @Test(arguments: [(540, 1020), (1320, 360), (0, 1440), (1380, 60), (0, 30), (1410, 0)])
    func everyDecisionAgreesWithTheCalendar(from: Int, to: Int) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        let days = [1, 4, 7]
        let contact = try self.contact(days: days, from: from, to: to)
        func isIn(_ instant: Date) -> Bool {
            func isHers(_ date: Date) -> Bool { days.contains((calendar.component(.weekday, from: date) + 5) % 7 + 1) }
            let minute = calendar.component(.hour, from: instant) * 60 + calendar.component(.minute, from: instant)
            if from < to {
                return isHers(instant) && minute >= from && minute < to
            }
            return isHers(instant) && minute >= from || isHers(instant - 86_400) && minute < to
        }
        for step in 0..<(21 * 96) {
            let now = shanghai(2024, 5, 6) + Double(step) * 900 + 7
            switch self.policy.decide(contact, now: now) {
            case .allowed:
                #expect(isIn(now) && isIn(now + 60))
            case .later(let until):
                #expect(!isIn(now) || !isIn(now + 60))
                #expect(until > now && isIn(until) && isIn(until + 60))
                #expect(self.policy.decide(contact, now: until) == .allowed)
                var earlier = now + 60
                while earlier < until {
                    #expect(!isIn(earlier) || isIn(now), "an earlier time would have done")
                    earlier += 900
                }
            case .denied(let reason):
                Issue.record("\(reason)")
            }
        }
    }

    @Test func aWindowTooShortToSendInIsNone() throws {
        #expect(
            try self.policy.decide(self.contact(from: 600, to: 601), now: shanghai(2024, 5, 6, 10))
                == .denied(.noWindow))
    }

    // MARK: - Clocks and carriers

    @Test func clocksThatDisagreeAreWaitedFor() throws {
        let contact = try self.contact()
        let noon = shanghai(2024, 5, 6, 12)
        #expect(self.policy.decide(contact, now: noon, localNow: noon + 29) == .allowed)
        #expect(self.policy.decide(contact, now: noon, localNow: noon + 31) == .later(noon + 91))
        #expect(self.policy.decide(contact, now: noon, localNow: noon - 3600) == .later(noon + 60))
    }

    /// Each within its tolerance, one of them outside her hours.
    @Test func bothClocksHaveToBeInHerHours() throws {
        let contact = try self.contact()
        let start = shanghai(2024, 5, 6, 9)
        #expect(self.policy.decide(contact, now: start, localNow: start - 10) == .later(shanghai(2024, 5, 7, 9)))
        #expect(self.policy.decide(contact, now: start + 10, localNow: start) == .allowed)
    }

    /// A carrier that cannot be told for how long to try gets nothing that it might deliver after her hours.
    @Test func aCarrierThatHoldsMessagesNeedsMoreTime() throws {
        let contact = try self.contact(.sms)
        let holds = Duration.seconds(600)
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 6, 16, 50), holds: holds)
                == .later(shanghai(2024, 5, 7, 9)))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 16, 49), holds: holds) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 16, 50)) == .allowed)
    }

    @Test(arguments: [(540, 1020), (1320, 360), (0, 1440), (600, 602)])
    func theProviderStopsTryingBeforeHerHoursAreOver(from: Int, to: Int) throws {
        let contact = try self.contact(days: [1, 2, 3, 4, 5, 6, 7], from: from, to: to)
        let window = ContactWindow(contact.rule)
        for step in 0..<(7 * 1440) {
            let now = shanghai(2024, 5, 6) + Double(step) * 60
            var facts = ContactFacts(
                recipient: MessageRecipient(
                    personID: contact.rule.personID, role: .helpSeeker, phone: nil, email: "she@example.net"),
                rules: [], authenticator: Self.authenticator, texts: [.email: MessageText(subject: "您好", text: "请回电。")],
                senders: [.email: .mail(address: "post@example.org")], now: now)
            facts.rules = [JudgedRule(rule: contact.rule, isGenuine: true)]
            guard case .permit(let permit) = self.policy.decide(facts, message: UUID(), attempt: 1) else { continue }
            let validity = Double(permit.validity.components.seconds)
            #expect(validity >= 10 && validity <= 3600)
            #expect(window.remaining(after: now, limit: 7200) > validity)
        }
    }

    // MARK: - Never

    @Test func neverIsNever() throws {
        let contact = try self.contact(.none, days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)
        for hour in 0..<24 {
            #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, hour)) == .denied(.never))
        }
    }

    @Test func stopStops() throws {
        let contact = try self.contact(stopped: shanghai(2024, 5, 6))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .denied(.stopped))
    }

    // MARK: - Age

    @Test func anOldRuleHasToBeConfirmedAgain() throws {
        let contact = try self.contact(expires: shanghai(2024, 5, 6, 10))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 9, 59, 59)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .denied(.expired))
    }

    @Test func aRuleThatEndsBeforeItsNextWindowIsExpiredNow() throws {
        let contact = try self.contact(expires: shanghai(2024, 5, 7, 8))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 18)) == .denied(.expired))
    }

    @Test func noRuleLastsForEver() throws {
        let contact = try self.contact(confirmed: shanghai(2023, 5, 1), expires: shanghai(2099, 1, 1))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .denied(.expired))
    }

    @Test func aConfirmationInTheFutureIsNone() throws {
        let contact = try self.contact(confirmed: shanghai(2024, 5, 7))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .denied(.unconfirmed))
    }

    // MARK: - Nonsense

    @Test(arguments: [
        ([], 540, 1020), ([0], 540, 1020), ([8], 540, 1020), ([1, 9], 540, 1020), ([1], 540, 540), ([1], -1, 60),
        ([1], 0, 1441), ([1], 1440, 60), ([1], 0, 0),
    ])
    func aRuleThatMakesNoWindowAllowsNothing(days: [Int], from: Int, to: Int) throws {
        for hour in 0..<24 {
            #expect(
                try self.policy.decide(self.contact(days: days, from: from, to: to), now: shanghai(2024, 5, 6, hour))
                    == .denied(.malformedRule))
        }
    }

    @Test func aRuleThatEndsBeforeItBeginsAllowsNothing() throws {
        let contact = try self.contact(confirmed: shanghai(2024, 5, 1), expires: shanghai(2024, 4, 1))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .denied(.malformedRule))
    }
}
