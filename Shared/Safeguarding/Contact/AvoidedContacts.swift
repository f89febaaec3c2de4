import Casework

/// Numbers and addresses that a message must not reach: the respondent's, and those of people who live with him (S9).
///
/// Made from the opened fields at the moment of sending; it holds them in memory only.
public struct AvoidedContacts: Sendable, CustomStringConvertible, CustomReflectable {
    private let phones: Set<String>
    private let emails: Set<String>
    /// A contact that cannot be compared could be anybody's: nothing is sent then.
    let isUnreadable: Bool

    /// There is nobody to avoid.
    public static let none = AvoidedContacts(phones: [], emails: [])
    /// Whom to avoid could not be found out: nothing is sent.
    public static let unknown = AvoidedContacts(phones: [], emails: [], isUnreadable: true)

    /// Takes the contacts as they were recorded.
    public init(phones: some Sequence<String>, emails: some Sequence<String>) {
        let phones = phones.map { IndexNormalisation.phone($0) }
        let emails = emails.map { Self.mailbox($0) }
        self.init(
            phones: Set(phones.compactMap(\.self)), emails: Set(emails.compactMap(\.self)),
            isUnreadable: phones.contains(nil) || emails.contains(nil))
    }

    private init(phones: Set<String>, emails: Set<String>, isUnreadable: Bool) {
        self.phones = phones
        self.emails = emails
        self.isUnreadable = isUnreadable
    }

    /// Whether an address of a channel is one of these.
    func includes(_ address: String?, _ channel: ContactChannel) -> Bool {
        guard let address else { return false }
        switch channel {
        case .sms, .phone: return self.contains(phone: address)
        case .email: return self.contains(email: address)
        case .none: return false
        }
    }

    /// Whether the number is one of these, with or without its area code.
    func contains(phone: String) -> Bool {
        guard let number = IndexNormalisation.phone(phone) else { return true }
        return self.phones.contains { avoided in
            let shorter = min(avoided.utf8.count, number.utf8.count)
            return avoided == number || shorter >= 7 && (avoided.hasSuffix(number) || number.hasSuffix(avoided))
        }
    }

    /// Whether the address is one of these, or the same mailbox under another tag (`name+tag@host`).
    func contains(email: String) -> Bool {
        guard let mailbox = Self.mailbox(email) else { return true }
        return self.emails.contains(mailbox)
    }

    private static func mailbox(_ address: String) -> String? {
        guard let normalised = IndexNormalisation.email(address), let at = normalised.lastIndex(of: "@") else {
            return nil
        }
        let local = normalised[..<at].prefix { $0 != "+" }
        return local.isEmpty ? nil : "\(local)\(normalised[at...])"
    }

    /// How many there are, never which.
    public var description: String { "AvoidedContacts(\(self.phones.count + self.emails.count))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
