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

    /// - Parameters:
    ///   - id: the id of the notice or message.
    ///   - recipient: a plain mail address.
    ///   - subject: one line.
    ///   - text: in any length; line breaks of any kind.
    ///   - date: of the notice, for the Date header.
    /// - Throws: `MailError.badAddress` or `.badSubject`.
    public init(id: UUID, to recipient: String, subject: String, text: String, date: Date) throws(MailError) {
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
    }

    /// The id only.
    public var description: String { "OutgoingMail(\(self.id))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
