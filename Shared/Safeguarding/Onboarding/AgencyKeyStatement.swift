public import FoundationEssentials

/// What the onboarding key signs: that this sealing key is this agency's, from a day on.
///
/// Kind and division are part of it: whoever could exchange codes in the database would otherwise hand the police's cases
/// to a school with a good signature.
///
/// The signed text is these lines, joined by one line feed (0x0A) and without one at the end, in UTF-8: `dandelion.agency-key.1`,
/// the agency's code, its kind, its division, the key's id (SHA-256 of its 32 bytes, hexadecimal), the key in base64, and from
/// when on it is valid (`2026-11-26T00:00:00Z`).
public struct AgencyKeyStatement: OnboardingStatement, Hashable {
    /// The agency's code, such as `150104-police`.
    public let agency: String
    /// Such as `police`.
    public let kind: String
    /// The division's code.
    public let division: String
    public let key: AgencyPublicKey
    /// To the second.
    public let validFrom: Date

    /// - Throws: `OnboardingError.badStatement` for a code, a kind or a division that is none.
    public init(
        agency: String, kind: String, division: String, key: AgencyPublicKey, validFrom: Date
    ) throws(OnboardingError) {
        guard [agency, kind, division].allSatisfy(Self.isWord) else { throw .badStatement }
        self.agency = agency
        self.kind = kind
        self.division = division
        self.key = key
        self.validFrom = Date(timeIntervalSince1970: validFrom.timeIntervalSince1970.rounded(.down))
    }

    /// What is signed.
    public var text: String {
        [
            "dandelion.agency-key.1", self.agency, self.kind, self.division, self.key.fingerprintText,
            self.key.description, self.validFrom.formatted(.iso8601),
        ].joined(separator: "\n")
    }

    /// No line feed can be smuggled in: the lines are what they seem.
    private static func isWord(_ word: String) -> Bool {
        (1...80).contains(word.utf8.count)
            && word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }
}

/// What an onboarding key may be asked to sign: a key, and whose it is from when on.
public protocol OnboardingStatement: Sendable {
    var key: AgencyPublicKey { get }
    /// To the second.
    var validFrom: Date { get }
    /// What is signed; its first line says which kind of statement it is, so that none passes for another.
    var text: String { get }
}

/// Why a key cannot be signed or a signature not be believed.
public enum OnboardingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A code, a kind or a division that is none.
    case badStatement
    /// Not what `dandelion agency key sign` or `dandelion network key sign` prints.
    case malformed
    /// No onboarding key that is trusted here has signed this.
    case notSigned
    /// Signed, and valid from a later day on.
    case notYetValid
    /// Signed once, and taken back since.
    case revoked

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .badStatement: "an agency's code, kind and division are words of a-z, 0-9, - and _"
        case .malformed:
            "this is no signed key; make one with `dandelion agency key sign` or `dandelion network key sign`"
        case .notSigned:
            "no onboarding key that is trusted here has signed this key for this agency, kind and division; "
                + "have it signed with `dandelion agency key sign`"
        case .notYetValid: "the key is signed and not valid yet; register it on its day, or have it signed anew"
        case .revoked: "the key is revoked; the agency needs a new one"
        }
    }
}
