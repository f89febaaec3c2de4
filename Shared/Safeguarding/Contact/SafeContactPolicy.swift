import Casework
public import FoundationEssentials

/// Decides whether a person may be written to now (invariant 6). It is asked in the transaction that sends, again before
/// every attempt (S2), and has no other input than the facts it is given.
///
/// It alone makes the permit that providers ask for. Whatever is missing, unreadable or in doubt counts against sending.
public struct SafeContactPolicy: Sendable {
    /// How long before the end of a window nothing is sent any more, in seconds: a message must arrive within it.
    public let margin: TimeInterval
    /// How old a confirmation may be whatever the rule says, in seconds.
    public let maximumAge: TimeInterval
    /// How many messages a person is sent in 24 hours at most.
    public let perDay: Int
    /// How far the database's clock and this machine's may be apart, in seconds.
    let clockTolerance: TimeInterval = 30
    /// For how long a permit may be used, in seconds. Less than the margin.
    static let permission: TimeInterval = 10
    /// For how long a provider may try to deliver at most, in seconds.
    static let longestValidity: TimeInterval = 3600

    private let checks: [ContactCheck]

    /// One minute before the end; a year at most; three messages a day.
    public static let standard = SafeContactPolicy()

    public init(margin: TimeInterval = 60, maximumAge: TimeInterval = 365 * 86_400, perDay: Int = 3) {
        self.init(margin: margin, maximumAge: maximumAge, perDay: perDay, checks: ContactCheck.all)
    }

    init(margin: TimeInterval, maximumAge: TimeInterval, perDay: Int, checks: [ContactCheck]) {
        self.margin = max(2 * Self.permission, margin)
        self.maximumAge = maximumAge
        self.perDay = perDay
        self.checks = checks
    }

    /// The same without one check: for the tests that show each is needed.
    func without(_ name: ContactCheck.Name) -> SafeContactPolicy {
        SafeContactPolicy(
            margin: self.margin, maximumAge: self.maximumAge, perDay: self.perDay,
            checks: self.checks.filter { $0.name != name })
    }

    /// A permit to send one message, once, within seconds; or when to ask again; or why not.
    ///
    /// Of her rules the first that lets the message out is used; otherwise the earliest time any of them allows counts,
    /// and last the reason that is most worth knowing.
    public func decide(_ facts: ContactFacts, message: UUID, attempt: Int) -> SendingDecision {
        var earliest: Date?
        var reason: DenialReason?
        for judged in facts.rules {
            switch self.judge(judged.rule, facts) {
            case .passes:
                if let permit = self.permit(judged.rule, facts, message: message, attempt: attempt) {
                    return .permit(permit)
                }
            case .later(let date):
                earliest = min(earliest ?? date, date)
            case .denied(let found):
                if reason == nil || reason == .channelUnavailable || reason == .replacedRule { reason = found }
            }
        }
        if let earliest { return .later(earliest) }
        return .denied(reason ?? .noRule)
    }

    private func judge(_ rule: SafeContact, _ facts: ContactFacts) -> ContactCheck.Verdict {
        for check in self.checks {
            let verdict = check.judge(facts, rule, self)
            if verdict != .passes { return verdict }
        }
        return .passes
    }

    private func permit(
        _ rule: SafeContact, _ facts: ContactFacts, message: UUID, attempt: Int
    ) -> SendingPermit? {
        guard let address = facts.address(for: rule.channel), let text = facts.texts[rule.channel] else { return nil }
        let remaining = ContactWindow(rule).remaining(after: facts.now, limit: Self.longestValidity)
        return SendingPermit(
            messageID: message, attempt: attempt, channel: rule.channel,
            validity: .seconds(Int(max(Self.permission, remaining - self.margin / 2))), for: Self.permission,
            MessageContent(address: address, subject: text.subject, text: text.text, hidesSender: true))
    }

    // MARK: - Times

    /// From when on a rule has to be confirmed again.
    func end(of rule: SafeContact) -> Date { min(rule.expiresAt, rule.confirmedAt + self.maximumAge) }

    /// The margin that this rule's channel needs: a provider that cannot be told how long to try needs more.
    private func margin(_ rule: SafeContact, _ facts: ContactFacts) -> TimeInterval {
        max(self.margin, (facts.senders[rule.channel]?.holds).map { Double($0.components.seconds) } ?? 0)
    }

    /// Whether both clocks lie in her window, the margin included; else when it opens.
    func window(_ rule: SafeContact, _ facts: ContactFacts) -> ContactCheck.Verdict {
        let window = ContactWindow(rule)
        let margin = self.margin(rule, facts)
        let instants = [facts.now, facts.now + margin, facts.localNow, facts.localNow + margin]
        if instants.allSatisfy(window.contains) && window.remaining(after: facts.now, limit: margin + 1) > margin {
            return .passes
        }
        let asked = max(facts.now, facts.localNow)
        guard let start = window.nextStart(after: asked), window.remaining(after: start, limit: margin + 1) > margin
        else {
            return .denied(.noWindow)
        }
        // She would have to be asked before that time comes: better now.
        guard start < self.end(of: rule) else { return .denied(.expired) }
        return .later(start)
    }
}

/// What the policy says. Frozen, so that other modules may take the permit out of it.
@frozen public enum SendingDecision: ~Copyable, Sendable {
    /// Now, with this.
    case permit(SendingPermit)
    /// Not now; ask again then.
    case later(Date)
    /// Not at all; a person has to act.
    case denied(DenialReason)
}
