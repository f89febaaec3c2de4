/// A plain mail address, `local@host`, of printable ASCII. Nothing in it can end a header or an SMTP command.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The address.
    let text: String

    /// Takes an address as people write it, with no name and no brackets.
    ///
    /// Refused are line breaks, spaces, quotes, brackets, commas and everything outside ASCII; a host outside ASCII is
    /// given in its `xn--` form.
    /// - Throws: `MailError.badAddress`.
    public init(_ text: String) throws(MailError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (1...253).contains(parts[1].utf8.count),
            parts[0].utf8.allSatisfy(Self.isLocal), Self.isHost(parts[1])
        else { throw MailError(.badAddress) }
        self.text = text
    }

    /// The part after the `@`.
    var host: String {
        String(self.text[self.text.index(after: self.text.lastIndex(of: "@") ?? self.text.startIndex)...])
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        Self.isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }

    static func isHost(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { Self.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Names the type only: an address is nobody's business in a log.
    public var description: String { "MailAddress" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
