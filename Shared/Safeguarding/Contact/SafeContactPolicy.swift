import Casework
public import FoundationEssentials

/// Decides whether a rule allows contact now. It is asked at the moment of sending, again after every retry (S2), and
/// has no other input than the rule and the time.
public struct SafeContactPolicy: Sendable {
    /// The policy's answer.
    public enum Decision: Sendable, Hashable {
        /// Now.
        case allowed
        /// Not now; ask again then.
        case deferred(until: Date)
        /// Not at all; a person has to act.
        case suppressed(SuppressionReason)
    }

    /// How long before the end of a window nothing is sent any more, in seconds: a message must arrive within it.
    public let margin: TimeInterval
    /// How old a confirmation may be whatever the rule says, in seconds.
    public let maximumAge: TimeInterval

    /// One minute before the end; a year at most.
    public static let standard = SafeContactPolicy()

    public init(margin: TimeInterval = 60, maximumAge: TimeInterval = 365 * 86_400) {
        self.margin = max(0, margin)
        self.maximumAge = maximumAge
    }

    /// Whether the rule allows contact at this instant.
    public func decide(_ contact: VerifiedSafeContact, now: Date) -> Decision {
        let rule = contact.rule
        guard rule.channel != .none else { return .suppressed(.never) }
        guard rule.stoppedAt == nil else { return .suppressed(.stopped) }
        guard rule.isWellFormed else { return .suppressed(.malformedRule) }
        // The clocks of two machines differ a little.
        guard rule.confirmedAt <= now + 60 else { return .suppressed(.unconfirmed) }
        let end = min(rule.expiresAt, rule.confirmedAt + self.maximumAge)
        guard now < end else { return .suppressed(.expired) }

        let window = ContactWindow(rule)
        if window.contains(now) && window.contains(now + self.margin) {
            return .allowed
        }
        guard let start = window.nextStart(after: now), window.contains(start + self.margin) else {
            return .suppressed(.noWindow)
        }
        // She would have to be asked before that time comes: better now.
        guard start < end else { return .suppressed(.expired) }
        return .deferred(until: start)
    }
}
