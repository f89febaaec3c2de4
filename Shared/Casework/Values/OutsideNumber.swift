/// A number shown outside the network. It is random, so it says nothing about how many cases there are.
///
/// Written as a prefix and two groups of four symbols (`C-7K2M-0QX9`): 40 random bits. Whoever stores one holds a
/// unique constraint and draws again on a collision.
public protocol OutsideNumber: RawRepresentable<String>, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The letter in front, which says what is numbered.
    static var prefix: Character { get }
    /// Takes a canonical number; use ``parse(_:)`` for what people typed.
    init(canonical: String)
}

extension OutsideNumber {
    /// A fresh random number. The generator must be the system's outside tests.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        let symbols = CrockfordBase32.random(count: 8, using: &generator)
        return Self(canonical: Self.grouped(symbols))
    }

    /// Reads what somebody typed or said: case, hyphens, spaces and the letters O, I and L are forgiven. `nil` when it
    /// cannot be such a number.
    public static func parse(_ text: String) -> Self? {
        guard let first = text.first, String(first).uppercased() == String(Self.prefix) else { return nil }
        guard let symbols = CrockfordBase32.canonical(text.dropFirst()), symbols.utf8.count == 8 else { return nil }
        return Self(canonical: Self.grouped(symbols))
    }

    /// Accepts any spelling ``parse(_:)`` accepts and holds the canonical one.
    public init?(rawValue: String) {
        guard let number = Self.parse(rawValue) else { return nil }
        self = number
    }

    public var description: String { self.rawValue }

    private static func grouped(_ symbols: String) -> String {
        "\(Self.prefix)-\(symbols.prefix(4))-\(symbols.suffix(4))"
    }
}

/// The number a case is known by outside: `C-XXXX-XXXX`.
public struct CaseNumber: OutsideNumber {
    public static let prefix: Character = "C"
    public let rawValue: String

    public init(canonical: String) {
        self.rawValue = canonical
    }
}

/// The number a referral is known by outside: `R-XXXX-XXXX`.
public struct ReferralNumber: OutsideNumber {
    public static let prefix: Character = "R"
    public let rawValue: String

    public init(canonical: String) {
        self.rawValue = canonical
    }
}
