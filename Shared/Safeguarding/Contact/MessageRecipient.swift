public import Casework
public import FoundationEssentials

/// The person a message is for, with the opened contacts of her row.
public struct MessageRecipient: Sendable, CustomStringConvertible, CustomReflectable {
    public let personID: UUID
    public let role: PersonRole
    public let phone: String?
    public let email: String?

    public init(personID: UUID, role: PersonRole, phone: String?, email: String?) {
        self.personID = personID
        self.role = role
        self.phone = phone
        self.email = email
    }

    /// The person's id and role, never a number or address.
    public var description: String { "MessageRecipient(\(self.personID), \(self.role.rawValue))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A safe-contact rule as it is stored: with the tag that was written for it.
public struct StoredSafeContact: Sendable, Hashable {
    public let rule: SafeContact
    public let tag: [UInt8]

    public init(rule: SafeContact, tag: [UInt8]) {
        self.rule = rule
        self.tag = tag
    }
}
