/// A short message's text as carriers count it.
public struct SMSText: Sendable, Hashable {
    /// How it is encoded.
    public enum Encoding: String, Sendable, Hashable {
        /// The seven-bit alphabet of GSM 03.38: 160 characters, or 153 in each part of a longer one.
        case gsm7
        /// UTF-16: 70 units, or 67 in each part of a longer one.
        case ucs2
    }

    public let encoding: Encoding
    /// Units of the encoding, the signature's included.
    public let length: Int
    /// How many short messages it takes.
    public let segments: Int

    /// - Parameter signatureLength: the characters of the signature 【…】 that the carrier puts before it, brackets
    ///   included. It is always Chinese, and makes the whole message UTF-16.
    public init(_ text: String, signatureLength: Int = 0) {
        let sevenBit = signatureLength == 0 ? Self.sevenBitLength(of: text) : nil
        if let sevenBit {
            self.encoding = .gsm7
            self.length = sevenBit
            self.segments =
                sevenBit == 0 ? 0 : sevenBit <= 160 ? 1 : Self.parts(of: text, size: 153, Self.sevenBitUnits)
        } else {
            self.encoding = .ucs2
            self.length = signatureLength + text.utf16.count
            let filled = String(repeating: "字", count: signatureLength) + text
            self.segments = self.length <= 70 ? 1 : Self.parts(of: filled, size: 67) { $0.utf16.count }
        }
    }

    /// In how many parts a text goes when no character is split between two.
    private static func parts(of text: String, size: Int, _ units: (Unicode.Scalar) -> Int) -> Int {
        var parts = 1
        var used = 0
        for scalar in text.unicodeScalars {
            let count = units(scalar)
            if used + count > size {
                parts += 1
                used = 0
            }
            used += count
        }
        return parts
    }

    private static func sevenBitLength(of text: String) -> Int? {
        var length = 0
        for scalar in text.unicodeScalars {
            let count = Self.sevenBitUnits(scalar)
            guard count > 0 else { return nil }
            length += count
        }
        return length
    }

    /// 1 for a character of the alphabet, 2 for one of its extension, 0 for any other.
    private static func sevenBitUnits(_ scalar: Unicode.Scalar) -> Int {
        Self.basic.contains(scalar) ? 1 : Self.extended.contains(scalar) ? 2 : 0
    }

    private static let basic = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}
