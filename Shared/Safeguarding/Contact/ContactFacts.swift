public import Casework
public import FoundationEssentials

/// All that a decision about writing to a person is made from, read in the transaction that sends.
public struct ContactFacts: Sendable, CustomStringConvertible, CustomReflectable {
    public var recipient: MessageRecipient
    /// All her rules as stored, each with whether its tag is right.
    public var rules: [JudgedRule]
    /// What would be said, by channel; a channel without a text is not used.
    public var texts: [ContactChannel: MessageText]
    /// Who would show as the sender, by channel; a channel without one is not used.
    public var senders: [ContactChannel: SenderIdentity]
    /// The names of everybody on the case, which no text may hold.
    public var names: [String]
    /// Contacts of the respondents, which must not be reached.
    public var respondents: AvoidedContacts
    /// Contacts of others on the case who might read along.
    public var others: AvoidedContacts
    /// Contacts of guardians who are suspected.
    public var suspectedGuardians: AvoidedContacts
    /// How many messages she was sent in the last 24 hours.
    public var sentToday: Int
    /// The database's clock, which rules are held against.
    public var now: Date
    /// This machine's clock. Rules are held against it as well: where the two differ, one of them is wrong.
    public var localNow: Date

    public init(
        recipient: MessageRecipient, rules: [StoredSafeContact], authenticator: SafeContactAuthenticator,
        texts: [ContactChannel: MessageText], senders: [ContactChannel: SenderIdentity], names: [String] = [],
        respondents: AvoidedContacts = .none, others: AvoidedContacts = .none,
        suspectedGuardians: AvoidedContacts = .none, sentToday: Int = 0, now: Date, localNow: Date? = nil
    ) {
        self.recipient = recipient
        self.rules = rules.map { stored in
            let isGenuine = authenticator.verify(stored.rule, tag: stored.tag, person: recipient.personID) != nil
            return JudgedRule(rule: stored.rule, isGenuine: isGenuine)
        }
        self.texts = texts
        self.senders = senders
        self.names = names
        self.respondents = respondents
        self.others = others
        self.suspectedGuardians = suspectedGuardians
        self.sentToday = sentToday
        self.now = now
        self.localNow = localNow ?? now
    }

    /// The number or mailbox for a channel as it would be handed over; the policy checks its form.
    func address(for channel: ContactChannel) -> String? {
        switch channel {
        case .sms, .phone: self.recipient.phone.flatMap(IndexNormalisation.phone)
        case .email: self.recipient.email.map(IndexNormalisation.trimmed)
        case .none: nil
        }
    }

    /// Whether an address has a form that providers take: a mobile number of the mainland or an international one; a
    /// mailbox of plain ASCII, in which nothing can end a header or a command.
    static func isUsable(_ address: String, for channel: ContactChannel) -> Bool {
        switch channel {
        case .sms, .phone:
            let isMobile = address.utf8.count == 11 && address.hasPrefix("1")
            let isInternational = address.hasPrefix("00") && (9...17).contains(address.utf8.count)
            return isMobile || isInternational || channel == .phone && address.utf8.count >= 7
        case .email:
            let parts = address.split(separator: "@", omittingEmptySubsequences: false)
            let forbidden = "\"<>(),:;\\[] "
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && parts[1].contains(".")
                && address.unicodeScalars.allSatisfy { scalar in
                    scalar.value > 0x20 && scalar.value < 0x7F && !forbidden.unicodeScalars.contains(scalar)
                }
        case .none:
            return false
        }
    }

    /// The newest confirmation among her rules.
    var newest: Date? { self.rules.map(\.rule.confirmedAt).max() }

    /// How many rules there are, and nothing of them.
    public var description: String { "ContactFacts(\(self.rules.count) rules)" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A rule, and whether it is what was written about this person.
public struct JudgedRule: Sendable, Hashable {
    public let rule: SafeContact
    public let isGenuine: Bool
}
