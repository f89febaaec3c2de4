public import Casework
public import FoundationEssentials

/// The permission to hand one message to one provider, once, within seconds. Only the policies of this module make one,
/// it cannot be copied, and using it is its end: a message that breaks a person's rules cannot be handed over
/// (invariant 6), and neither can one that was allowed a while ago.
///
/// Its time is measured by the monotonic clock, which nobody can set.
public struct SendingPermit: ~Copyable, Sendable {
    /// What the message is known as, to us and as the key that makes repeats recognisable.
    public let messageID: UUID
    /// The number of this attempt.
    public let attempt: Int
    /// The one channel it may go by.
    public let channel: ContactChannel
    /// For how long the provider may try to deliver it. Over before her window is.
    public let validity: Duration

    /// When the permission is over, by the monotonic clock.
    public var end: ContinuousClock.Instant { self.issued + self.lifetime }

    private let content: MessageContent
    private let issued: ContinuousClock.Instant
    private let lifetime: Duration

    init(
        messageID: UUID, attempt: Int, channel: ContactChannel, validity: Duration, for lifetime: TimeInterval,
        _ content: MessageContent
    ) {
        self.messageID = messageID
        self.attempt = attempt
        self.channel = channel
        self.validity = validity
        self.content = content
        self.issued = .now
        self.lifetime = .seconds(lifetime)
    }

    /// What to hand to the provider, at once.
    /// - Throws: `PermitExpired` when the permission is over: ask the policy again.
    public consuming func redeem(at instant: ContinuousClock.Instant = .now) throws(PermitExpired) -> MessageContent {
        guard instant < self.end else { throw PermitExpired() }
        return self.content
    }
}

/// What a provider is handed.
public struct MessageContent: Sendable, CustomStringConvertible, CustomReflectable {
    /// The number or mailbox.
    public let address: String
    public let subject: String
    public let text: String
    /// The provider hides or neutralises who sends (S7). True for everything that goes to a person.
    public let hidesSender: Bool
    /// The desk may do without messages of this kind.
    public var isDispensable = false

    /// Nothing: it holds an address and a text.
    public var description: String { "MessageContent" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The permission to send a message is over.
public struct PermitExpired: Error, Sendable, Hashable, CustomStringConvertible {
    /// What to do.
    public var description: String { "the permission to send this message is over; ask the policy again" }
}
