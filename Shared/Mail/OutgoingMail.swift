public import FoundationEssentials

/// One mail of plain text to one address.
public struct OutgoingMail: Sendable, CustomStringConvertible, CustomReflectable {
    /// What the mail is about: sending the same notice again gives the same Message-ID, so that a repeat can be
    /// recognised.
    public let id: UUID
    let recipient: MailAddress
    let subject: String
    let text: String
    let date: Date
    /// Says that it is one of a kind that the desk gets regularly; nil for everything else.
    let list: MailingList?

    /// - Parameters:
    ///   - id: the id of the notice or message.
    ///   - recipient: a plain mail address.
    ///   - subject: one line.
    ///   - text: in any length; line breaks of any kind.
    ///   - date: of the notice, for the Date header.
    ///   - list: never for a mail that must not show who sends it.
    /// - Throws: `MailError.badAddress` or `.badSubject`.
    public init(
        id: UUID, to recipient: String, subject: String, text: String, date: Date, list: MailingList? = nil
    ) throws(MailError) {
        // Scalars, not characters: CR and LF together are one character.
        let isOneLine = subject.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control && scalar != "\u{2028}" && scalar != "\u{2029}"
        }
        guard isOneLine else { throw MailError(.badSubject) }
        self.id = id
        self.recipient = try MailAddress(recipient)
        self.subject = subject
        self.text = text
        self.date = date
        self.list = list
    }

    /// The id only.
    public var description: String { "OutgoingMail(\(self.id))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The List headers of RFC 2919 and RFC 2369: what kind of mail this is, and whom to write to in order to get none of it.
public struct MailingList: Sendable, Hashable {
    let unsubscribe: MailAddress?

    /// - Parameter unsubscribe: only for mail that the recipient may do without.
    /// - Throws: `MailError.badAddress`.
    public init(unsubscribe: String? = nil) throws(MailError) {
        if let unsubscribe { self.unsubscribe = try MailAddress(unsubscribe) } else { self.unsubscribe = nil }
    }
}
