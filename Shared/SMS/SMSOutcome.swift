/// What became of a short message.
public enum SMSOutcome: Sendable, Hashable {
    /// The carrier took it over; its own name for the message, if it gave one.
    case accepted(reference: String?)
    /// It will never take this one: trying again is pointless. The reason is a code.
    case refused(reason: String)
    /// It did not take it and may later.
    case later(reason: String)
    /// It may have taken it: the answer was lost or made no sense. Sending it again may send it twice.
    case unknown(reason: String)
}

/// A short message to be sent.
public struct OutgoingSMS: Sendable, CustomStringConvertible, CustomReflectable {
    /// The same for every attempt of one message: carriers that know idempotency keys get it as one.
    public let id: String
    let number: SMSNumber
    let text: String
    /// The name of the template the text was made from, for carriers that only send registered ones.
    let template: String
    /// For how many seconds the carrier may try to deliver it.
    let validitySeconds: Int

    /// - Throws: `SMSError`.
    public init(
        id: String, to number: String, text: String, template: String, validity: Duration
    ) throws(SMSError) {
        guard (1...1000).contains(text.count) else { throw SMSError(.badText) }
        self.id = id
        self.number = try SMSNumber(number)
        self.text = text
        self.template = template
        self.validitySeconds = max(1, Int(validity.components.seconds))
    }

    /// The id only.
    public var description: String { "OutgoingSMS(\(self.id))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The name 【…】 that carriers put before a text, as it is registered with them.
public struct SMSSignature: Sendable, Hashable {
    /// Without brackets.
    public let name: String

    /// - Throws: `SMSError.badSignature`.
    public init(_ name: String) throws(SMSError) {
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control && !"【】[]\u{2028}\u{2029}".unicodeScalars.contains(scalar)
        }
        guard (2...12).contains(name.count), isPlain else { throw SMSError(.badSignature) }
        self.name = name
    }

    /// With its brackets, in UTF-16 units.
    public var length: Int { self.name.utf16.count + 2 }
}
