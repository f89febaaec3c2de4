public import Casework
public import FoundationEssentials

extension SafeMessage {
    /// What came of the wish to tell somebody something.
    public enum Composition: Sendable {
        /// Send it, now.
        case message(SafeMessage)
        /// Not now; compose it again then.
        case deferred(until: Date)
        /// Nothing is sent; a person of the station has to act.
        case suppressed(SuppressionReason)
    }

    /// Makes a message if, at this instant, everything allows it; otherwise says why not. Whatever is missing,
    /// unreadable or in doubt counts against sending.
    ///
    /// Of the rules only those of the newest confirmation count; see `SafeContactAuthenticator.current`.
    /// - Parameters:
    ///   - template: the template's name.
    ///   - recipient: the person with her opened contacts.
    ///   - rules: all her rules as stored, with their tags.
    ///   - channels: what the caller can send on.
    ///   - avoiding: the contacts the message must not reach; `.unknown` when they could not be read.
    ///   - names: the names of everybody on the case, which no text may hold.
    public static func compose(
        template id: String, to recipient: MessageRecipient, rules: [StoredSafeContact],
        authenticator: SafeContactAuthenticator, channels: Set<ContactChannel>, now: Date, avoiding: AvoidedContacts,
        names: [String] = [], templates: MessageTemplates = .standard, policy: SafeContactPolicy = .standard
    ) -> Composition {
        guard recipient.role == .helpSeeker else { return .suppressed(.notTheHelpSeeker) }
        guard let template = templates.template(id) else { return .suppressed(.unknownTemplate) }
        guard DenyList.helpSeeker.firstHit(in: "\(template.subject)\n\(template.text)", names: names) == nil else {
            return .suppressed(.deniedText)
        }
        guard !avoiding.isUnreadable else { return .suppressed(.unreadableData) }
        switch authenticator.current(rules, of: recipient.personID) {
        case .failure(let reason):
            return .suppressed(reason)
        case .success(let contacts):
            let compositions = contacts.map { contact in
                Self.compose(template, to: recipient, contact, channels, now, avoiding, policy)
            }
            return Self.best(of: compositions)
        }
    }

    /// What one rule allows.
    private static func compose(
        _ template: MessageTemplate, to recipient: MessageRecipient, _ contact: VerifiedSafeContact,
        _ channels: Set<ContactChannel>, _ now: Date, _ avoiding: AvoidedContacts, _ policy: SafeContactPolicy
    ) -> Composition {
        let address: String
        switch contact.rule.channel {
        case .none:
            return .suppressed(.never)
        case .sms, .phone:
            guard channels.contains(contact.rule.channel) else { return .suppressed(.channelUnavailable) }
            guard let phone = recipient.phone, let number = IndexNormalisation.phone(phone) else {
                return .suppressed(.noSafeAddress)
            }
            guard !avoiding.contains(phone: phone) else { return .suppressed(.respondentContact) }
            address = number
        case .email:
            guard channels.contains(.email) else { return .suppressed(.channelUnavailable) }
            guard let email = recipient.email.map(IndexNormalisation.trimmed), email.contains("@") else {
                return .suppressed(.noSafeAddress)
            }
            guard !avoiding.contains(email: email) else { return .suppressed(.respondentContact) }
            address = email
        }
        switch policy.decide(contact, now: now) {
        case .allowed:
            return .message(
                SafeMessage(template: template, contact: contact, address: address, now: now, policy: policy))
        case .deferred(let until):
            return .deferred(until: until)
        case .suppressed(let reason):
            return .suppressed(reason)
        }
    }

    /// A message that may go now, or the earliest time for one, or the reason that is most worth knowing.
    private static func best(of compositions: [Composition]) -> Composition {
        var earliest: Date?
        var reason: SuppressionReason?
        for composition in compositions {
            switch composition {
            case .message:
                return composition
            case .deferred(let until):
                earliest = min(earliest ?? until, until)
            case .suppressed(let found):
                if reason == nil || reason == .channelUnavailable {
                    reason = found
                }
            }
        }
        return earliest.map { .deferred(until: $0) } ?? .suppressed(reason ?? .noRule)
    }
}
