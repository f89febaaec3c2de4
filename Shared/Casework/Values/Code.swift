/// A word of the domain's open vocabularies: data decides which exist, the code names the ones it refers to.
///
/// Codes are lower-case words joined by underscores and equal what SQL, JSON and the rule files hold.
public protocol Code: RawRepresentable<String>, Hashable, Sendable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// Takes the word as it is; ``isWellFormed`` says whether it is one.
    init(rawValue: String)
}

extension Code {
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.rawValue)
    }

    /// Whether this is 1 to 64 characters of `a-z`, `0-9` and `_`, starting with a letter.
    public var isWellFormed: Bool {
        guard let first = self.rawValue.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
            return false
        }
        return self.rawValue.utf8.count <= 64
            && self.rawValue.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    public var description: String { self.rawValue }

    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}
