import Crypto
public import FoundationEssentials

/// Whose signature under an agency's key is believed: one onboarding key, or two while one replaces the other; and which
/// agencies' keys are not to be used whoever signed them.
///
/// It comes from a file on the sealer's machine, since what the database says can be changed by whoever writes there. A line
/// each, `#` begins a comment:
///
///     ed25519 <32 bytes in base64>
///     revoked <SHA-256 of an agency's key, hexadecimal>
public struct OnboardingKeys: Sendable, Hashable, CustomStringConvertible {
    private let keys: [[UInt8]]
    private let revoked: Set<String>

    init(keys: [[UInt8]], revoked: Set<String>) {
        self.keys = keys
        self.revoked = revoked
    }

    /// Reads the text of the file. `nil` when a line is none of the two, or no key or more than two are trusted.
    public init?(text: String) {
        var keys: [[UInt8]] = []
        var revoked: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            if words.isEmpty { continue }
            guard words.count == 2 else { return nil }
            switch words[0] {
            case "ed25519":
                guard let data = Data(base64Encoded: words[1]), data.count == 32 else { return nil }
                keys.append([UInt8](data))
            case "revoked":
                guard words[1].utf8.count == 64, words[1].allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
                    return nil
                }
                revoked.insert(words[1])
            default: return nil
            }
        }
        guard (1...2).contains(keys.count) else { return nil }
        self.init(keys: keys, revoked: revoked)
    }

    /// The same trust and one key more taken back.
    public func revoking(_ key: AgencyPublicKey) -> OnboardingKeys {
        OnboardingKeys(keys: self.keys, revoked: self.revoked.union([key.fingerprintText]))
    }

    /// Whether the key may be used for whom the statement names at that moment.
    /// - Throws: `OnboardingError` when not, and why.
    public func verify(
        _ statement: some OnboardingStatement, _ signature: [UInt8], at now: Date
    ) throws(OnboardingError) {
        guard !self.revoked.contains(statement.key.fingerprintText) else { throw .revoked }
        guard self.hasSigned(statement, signature) else { throw .notSigned }
        guard statement.validFrom <= now else { throw .notYetValid }
    }

    private func hasSigned(_ statement: some OnboardingStatement, _ signature: [UInt8]) -> Bool {
        let text = Array(statement.text.utf8)
        return self.keys.contains { bytes in
            // Of 32 bytes that are no point of the curve nobody has a signature.
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
            return key.isValidSignature(signature, for: text)
        }
    }

    /// The file's text. Public keys may be shown.
    public var description: String {
        (self.keys.map { "ed25519 \(Data($0).base64EncodedString())" } + self.revoked.sorted().map { "revoked \($0)" })
            .joined(separator: "\n")
    }
}
