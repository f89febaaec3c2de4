/// Douglas Crockford's base 32: digits and letters without I, L, O and U, made to be read out over a telephone.
///
/// Reading is forgiving where people are: lower case is accepted, `O` is read as `0`, `I` and `L` as `1`, and hyphens
/// and spaces are skipped. Writing always gives upper case.
public enum CrockfordBase32 {
    static let alphabet: [UInt8] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// `count` random symbols, five bits of `generator` each.
    public static func random(count: Int, using generator: inout some RandomNumberGenerator) -> String {
        var symbols: [UInt8] = []
        symbols.reserveCapacity(count)
        for _ in 0..<count {
            symbols.append(Self.alphabet[Int(generator.next() & 31)])
        }
        return String(decoding: symbols, as: UTF8.self)
    }

    /// The canonical spelling of what somebody typed, or `nil` when a character belongs to no symbol.
    public static func canonical(_ text: some StringProtocol) -> String? {
        var symbols: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "):
                continue
            default:
                guard let symbol = Self.symbol(byte) else { return nil }
                symbols.append(symbol)
            }
        }
        return String(decoding: symbols, as: UTF8.self)
    }

    private static func symbol(_ byte: UInt8) -> UInt8? {
        let isLowercase = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        let upper = isLowercase ? byte - 32 : byte
        switch upper {
        case UInt8(ascii: "O"):
            return UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"):
            return UInt8(ascii: "1")
        default:
            return Self.alphabet.contains(upper) ? upper : nil
        }
    }
}
