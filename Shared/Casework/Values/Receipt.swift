/// What a member of the public holds to ask for the neutral status of her request: 130 random bits in base 32, in
/// groups of five. It is shown once; only its SHA-256 is stored.
///
/// Its description is redacted, so that a log or an error cannot carry it by accident.
public struct Receipt: Hashable, Sendable, CustomStringConvertible {
    static let symbolCount = 26

    /// The 26 symbols without hyphens: the bytes whose SHA-256 is stored.
    public let symbols: String

    /// A fresh random receipt. The generator must be the system's outside tests.
    public init(using generator: inout some RandomNumberGenerator) {
        self.symbols = CrockfordBase32.random(count: Self.symbolCount, using: &generator)
    }

    /// Reads what somebody typed; `nil` when it cannot be a receipt.
    public init?(parsing text: String) {
        guard let symbols = CrockfordBase32.canonical(text), symbols.utf8.count == Self.symbolCount else { return nil }
        self.symbols = symbols
    }

    /// How the receipt is shown to its holder: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-X`.
    public var formatted: String {
        var groups: [Substring] = []
        var rest = self.symbols[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(5))
            rest = rest.dropFirst(5)
        }
        return groups.joined(separator: "-")
    }

    public var description: String { "Receipt(redacted)" }
}
