import Crypto
import FoundationEssentials

/// HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and ChaCha20-Poly1305, as packages and agencies' texts use it: a version
/// byte, which is the additional data, the encapsulated key, the ciphertext with its tag.
enum Sealing {
    static let version: UInt8 = 1
    private static let encapsulatedKeyBytes = 32
    private static let tagBytes = 16
    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

    /// Whether the bytes could be sealed ones.
    static func hasForm(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 1 + self.encapsulatedKeyBytes + self.tagBytes && bytes[0] == self.version
    }

    static func seal(
        _ plain: [UInt8], to key: AgencyPublicKey, info: Data
    ) throws(SealedPackageError) -> [UInt8] {
        do {
            var sender = try HPKE.Sender(recipientKey: key.agreementKey(), ciphersuite: self.suite, info: info)
            let ciphertext = try sender.seal(plain, authenticating: [self.version])
            return [self.version] + sender.encapsulatedKey + ciphertext
        } catch {
            // The only cause within the library: a key that is no point anybody has the private half of.
            throw .badKey
        }
    }

    static func open(
        _ bytes: [UInt8], with keys: AgencyKeyPair, info: Data
    ) throws(SealedPackageError) -> [UInt8] {
        guard self.hasForm(bytes) else { throw .malformed }
        let encapsulatedKey = Data(bytes[1..<(1 + self.encapsulatedKeyBytes)])
        do {
            var recipient = try HPKE.Recipient(
                privateKey: keys.privateKey, ciphersuite: self.suite, info: info, encapsulatedKey: encapsulatedKey)
            return try [UInt8](
                recipient.open(bytes[(1 + self.encapsulatedKeyBytes)...], authenticating: [self.version]))
        } catch {
            throw .notAuthentic
        }
    }
}
