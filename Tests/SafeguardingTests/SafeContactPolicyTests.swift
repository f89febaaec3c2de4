import Casework
import Foundation
import Safeguarding
import Testing

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
                == .deferred(until: shanghai(2024, 5, 6, 9)))
    }

    @Test func theEndHasAMargin() throws {
        let contact = try self.contact()
        let next = SafeContactPolicy.Decision.deferred(until: shanghai(2024, 5, 7, 9))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 16, 59)) == next)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 17)) == next)
    }

    @Test func aDayThatIsNotHersWaitsForTheNextThatIs() throws {
        let contact = try self.contact()
        let monday = SafeContactPolicy.Decision.deferred(until: shanghai(2024, 5, 13, 9))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 10)) == monday)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 12, 23, 59)) == monday)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 17)) == monday)
    }

    @Test func oneDayAWeekWaitsAWeek() throws {
        let contact = try self.contact(days: [3])
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 8, 18)) == .deferred(until: shanghai(2024, 5, 15, 9)))
    }

    @Test func aWindowOverMidnightBelongsToTheDayItStartsOn() throws {
        let contact = try self.contact(days: [5], from: 22 * 60, to: 6 * 60)  // Friday night
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 22)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 10, 23, 59, 30)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 0)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 5, 58)) == .allowed)
        let nextWeek = SafeContactPolicy.Decision.deferred(until: shanghai(2024, 5, 17, 22))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 6)) == nextWeek)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 11, 22, 30)) == nextWeek)
        #expect(
            self.policy.decide(contact, now: shanghai(2024, 5, 10, 3)) == .deferred(until: shanghai(2024, 5, 10, 22)))
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
            case .deferred(let until):
                #expect(!isIn(now) || !isIn(now + 60))
                #expect(until > now && isIn(until) && isIn(until + 60))
                #expect(self.policy.decide(contact, now: until) == .allowed)
                var earlier = now + 60
                while earlier < until {
                    #expect(!isIn(earlier) || isIn(now), "an earlier time would have done")
                    earlier += 900
                }
            case .suppressed(let reason):
                Issue.record("\(reason)")
            }
        }
    }

    @Test func aWindowTooShortToSendInIsNone() throws {
        #expect(
            try self.policy.decide(self.contact(from: 600, to: 601), now: shanghai(2024, 5, 6, 10))
                == .suppressed(.noWindow))
    }

    // MARK: - Never

    @Test func neverIsNever() throws {
        let contact = try self.contact(.none, days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)
        for hour in 0..<24 {
            #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, hour)) == .suppressed(.never))
        }
    }

    @Test func stopStops() throws {
        let contact = try self.contact(stopped: shanghai(2024, 5, 6))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .suppressed(.stopped))
    }

    // MARK: - Age

    @Test func anOldRuleHasToBeConfirmedAgain() throws {
        let contact = try self.contact(expires: shanghai(2024, 5, 6, 10))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 9, 59, 59)) == .allowed)
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .suppressed(.expired))
    }

    @Test func aRuleThatEndsBeforeItsNextWindowIsExpiredNow() throws {
        let contact = try self.contact(expires: shanghai(2024, 5, 7, 8))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 18)) == .suppressed(.expired))
    }

    @Test func noRuleLastsForEver() throws {
        let contact = try self.contact(confirmed: shanghai(2023, 5, 1), expires: shanghai(2099, 1, 1))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .suppressed(.expired))
    }

    @Test func aConfirmationInTheFutureIsNone() throws {
        let contact = try self.contact(confirmed: shanghai(2024, 5, 7))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .suppressed(.unconfirmed))
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
                    == .suppressed(.malformedRule))
        }
    }

    @Test func aRuleThatEndsBeforeItBeginsAllowsNothing() throws {
        let contact = try self.contact(confirmed: shanghai(2024, 5, 1), expires: shanghai(2024, 4, 1))
        #expect(self.policy.decide(contact, now: shanghai(2024, 5, 6, 10)) == .suppressed(.malformedRule))
    }
}
