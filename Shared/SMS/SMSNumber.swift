/// A mobile number in the form of E.164. It is never printed.
public struct SMSNumber: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// With `+` and the country code.
    let e164: String

    /// Takes 11 digits of a mainland mobile number, `00` and an international one, or `+` and one. Nothing else: no
    /// spaces, no letters, no full-width digits.
    /// - Throws: `SMSError.badNumber`.
    public init(_ text: String) throws(SMSError) {
        let digits: Substring
        switch text {
        case _ where text.hasPrefix("+"): digits = text.dropFirst()
        case _ where text.hasPrefix("00"): digits = text.dropFirst(2)
        case _ where text.utf8.count == 11 && text.hasPrefix("1"): digits = "86" + text
        default: throw SMSError(.badNumber)
        }
        guard (8...15).contains(digits.utf8.count), !digits.hasPrefix("0"),
            digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { throw SMSError(.badNumber) }
        if digits.hasPrefix("86") {
            let national = digits.dropFirst(2)
            guard national.utf8.count == 11, national.hasPrefix("1"),
                let second = national.dropFirst().first, ("3"..."9").contains(second)
            else { throw SMSError(.badNumber) }
        }
        self.e164 = "+\(digits)"
    }

    /// As mainland carriers want it: 11 digits at home, `00` and the country code abroad.
    var domestic: String {
        self.e164.hasPrefix("+86") ? String(self.e164.dropFirst(3)) : "00\(self.e164.dropFirst())"
    }

    /// Nothing of it.
    public var description: String { "SMSNumber" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a configuration or a message was refused before anything was sent. It holds neither a number nor a text.
public struct SMSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        case badNumber, badSignature, badURL, insecureURL, badTemplate, badText
    }

    public let code: Code

    init(_ code: Code) {
        self.code = code
    }

    /// One line: the fault and the remedy.
    public var description: String {
        switch self.code {
        case .badNumber: "the recipient is not a mobile number in the form of E.164"
        case .badSignature: "the signature must be 2 to 12 characters without brackets or control characters"
        case .badURL: "the gateway's URL is not https://host[:port]/path"
        case .insecureURL: "numbers and texts must not cross the network in clear: use https://"
        case .badTemplate: "the gateway's body template is not JSON or names an unknown value"
        case .badText: "the text is empty, or longer than 1000 characters"
        }
    }
}
