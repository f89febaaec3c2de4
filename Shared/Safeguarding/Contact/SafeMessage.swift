public import Casework
public import FoundationEssentials

/// A message to a help-seeker that may be sent now. Only `compose` makes one, and only when the policy allows it: a
/// message that breaks her rules does not exist (invariant 6).
public struct SafeMessage: Sendable, CustomStringConvertible, CustomReflectable {
    /// What a provider is handed.
    public struct Content: Sendable {
        /// The number or mailbox.
        public let address: String
        public let subject: String
        public let text: String
        /// The provider hides or neutralises who sends (S7). Always true: nobody is written to openly.
        public let hidesSender: Bool
    }

    /// The template's name.
    public let template: String
    /// The person it is for.
    public let personID: UUID
    /// The rule that allows it.
    public let ruleID: UUID
    /// The channel the rule allows.
    public let channel: ContactChannel
    /// The permission is over at this instant, since time passes between the decision and the sending.
    public let permittedUntil: Date
    private let permittedFrom: Date
    private let held: Content

    /// How long a permission lasts, in seconds. Less than the policy's margin.
    static let permission: TimeInterval = 30

    init(
        template: MessageTemplate, contact: VerifiedSafeContact, address: String, now: Date, policy: SafeContactPolicy
    ) {
        self.template = template.id
        self.personID = contact.rule.personID
        self.ruleID = contact.rule.id
        self.channel = contact.rule.channel
        self.permittedFrom = now
        self.permittedUntil = now + min(Self.permission, max(1, policy.margin))
        self.held = Content(address: address, subject: template.subject, text: template.text, hidesSender: true)
    }

    /// What to hand to the provider, if that happens at once.
    /// - Throws: `SafeMessageExpired` when the permission is over: compose again.
    public func content(at now: Date) throws(SafeMessageExpired) -> Content {
        guard now < self.permittedUntil, now >= self.permittedFrom - 60 else { throw SafeMessageExpired() }
        return self.held
    }

    /// The template and the rule, never the address or the text.
    public var description: String { "SafeMessage(\(self.template), rule \(self.ruleID))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The permission to send a message is over; it has to be composed again.
public struct SafeMessageExpired: Error, Sendable, Hashable, CustomStringConvertible {
    /// What to do.
    public var description: String { "the permission to send this message is over; compose it again" }
}
