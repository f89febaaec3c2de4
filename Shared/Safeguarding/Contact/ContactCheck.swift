import Casework
import FoundationEssentials

/// One thing that has to hold before one rule of hers lets a message out. The policy is a list of these, so that a test
/// can leave each of them out and see that it was needed.
struct ContactCheck: Sendable {
    enum Name: String, CaseIterable, Sendable {
        case recipient, authentic, stop, never, readable, newest, wellFormed, confirmed, age, channel, sender, text
        case address, respondent, others, guardian, cap, clocks, window
    }

    enum Verdict: Sendable, Equatable {
        case passes
        /// Not now; ask again then.
        case later(Date)
        case denied(DenialReason)

        static func deny(_ reason: DenialReason, if isSo: Bool) -> Verdict { isSo ? .denied(reason) : .passes }
    }

    let name: Name
    /// Whether the facts and this rule of them let a message out.
    let judge: @Sendable (ContactFacts, SafeContact, SafeContactPolicy) -> Verdict

    /// In order: what is about her comes before what is about the rule, and the time comes last.
    static let all: [ContactCheck] = [
        ContactCheck(name: .recipient) { facts, _, _ in
            .deny(.notTheHelpSeeker, if: facts.recipient.role != .helpSeeker)
        },
        // One forged rule silences all: a "never" may have been replaced by it.
        ContactCheck(name: .authentic) { facts, _, _ in
            .deny(.refusedRule, if: !facts.rules.allSatisfy(\.isGenuine))
        },
        ContactCheck(name: .stop) { facts, _, _ in
            let newest = facts.newest ?? .distantPast
            return .deny(.stopped, if: facts.rules.contains { $0.rule.stoppedAt.map { $0 >= newest } ?? false })
        },
        ContactCheck(name: .never) { facts, _, _ in
            let newest = facts.newest
            return .deny(
                .never, if: facts.rules.contains { $0.rule.channel == .none && $0.rule.confirmedAt == newest })
        },
        ContactCheck(name: .readable) { facts, _, _ in
            let avoided = [facts.respondents, facts.others, facts.suspectedGuardians]
            return .deny(.unreadableData, if: avoided.contains(where: \.isUnreadable))
        },
        // Confirming again replaces what was said before.
        ContactCheck(name: .newest) { facts, rule, _ in
            .deny(.replacedRule, if: rule.confirmedAt != facts.newest)
        },
        ContactCheck(name: .wellFormed) { _, rule, _ in .deny(.malformedRule, if: !rule.isWellFormed) },
        // The clocks of two machines differ a little.
        ContactCheck(name: .confirmed) { facts, rule, _ in
            .deny(.unconfirmed, if: rule.confirmedAt > facts.now + 60)
        },
        ContactCheck(name: .age) { facts, rule, policy in
            .deny(.expired, if: max(facts.now, facts.localNow) >= policy.end(of: rule))
        },
        ContactCheck(name: .channel) { facts, rule, _ in
            .deny(.channelUnavailable, if: facts.senders[rule.channel] == nil)
        },
        ContactCheck(name: .sender) { facts, rule, _ in
            .deny(.senderNotNeutral, if: facts.senders[rule.channel]?.tellingPart != nil)
        },
        ContactCheck(name: .text) { facts, rule, _ in
            guard let text = facts.texts[rule.channel] else { return .denied(.unknownTemplate) }
            let hit = DenyList.helpSeeker.firstHit(in: "\(text.subject)\n\(text.text)", names: facts.names)
            return .deny(.deniedText, if: hit != nil)
        },
        ContactCheck(name: .address) { facts, rule, _ in
            guard let address = facts.address(for: rule.channel) else { return .denied(.noSafeAddress) }
            return .deny(.noSafeAddress, if: !ContactFacts.isUsable(address, for: rule.channel))
        },
        ContactCheck(name: .respondent) { facts, rule, _ in
            .deny(.respondentContact, if: facts.respondents.includes(facts.address(for: rule.channel), rule.channel))
        },
        ContactCheck(name: .others) { facts, rule, _ in
            .deny(.sharedContact, if: facts.others.includes(facts.address(for: rule.channel), rule.channel))
        },
        ContactCheck(name: .guardian) { facts, rule, _ in
            let address = facts.address(for: rule.channel)
            return .deny(.guardianContact, if: facts.suspectedGuardians.includes(address, rule.channel))
        },
        // A phone that keeps buzzing draws looks, whatever the messages say.
        ContactCheck(name: .cap) { facts, _, policy in
            facts.sentToday >= policy.perDay ? .later(max(facts.now, facts.localNow) + 3600) : .passes
        },
        // A clock that jumped is put right or noticed soon; until then nobody knows whether these are her hours.
        ContactCheck(name: .clocks) { facts, _, policy in
            let difference = abs(facts.now.timeIntervalSince(facts.localNow))
            return difference > policy.clockTolerance ? .later(max(facts.now, facts.localNow) + 60) : .passes
        },
        ContactCheck(name: .window) { facts, rule, policy in policy.window(rule, facts) },
    ]
}
