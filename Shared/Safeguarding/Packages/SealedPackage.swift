import Crypto
public import FoundationEssentials

/// A package sealed to one agency's key, for one referral and one disclosure profile.
///
/// The wire format, which a partner can open with any HPKE library (RFC 9180, base mode; KEM 0x0020 DHKEM(X25519,
/// HKDF-SHA256), KDF 0x0001 HKDF-SHA256, AEAD 0x0003 ChaCha20Poly1305):
///
/// | bytes | content |
/// |---|---|
/// | 1 | version, 0x01 |
/// | 32 | encapsulated key |
/// | rest | ciphertext and its tag, sequence number 0 |
///
/// `info` is these lines, joined by one line feed (0x0A) and without one at the end, ids in lower case:
/// `dandelion.package.1`, the referral's id, the agency's id, the profile's name. `aad` is the version byte.
/// The plaintext is JSON in UTF-8, which may end in spaces.
public struct SealedPackage: Sendable, Hashable {
    /// What a package belongs to. It opens only under the binding it was sealed under.
    public struct Binding: Sendable, Hashable {
        public let referralID: UUID
        public let agencyID: UUID
        /// The disclosure profile's name.
        public let profile: String

        public init(referralID: UUID, agencyID: UUID, profile: String) {
            self.referralID = referralID
            self.agencyID = agencyID
            self.profile = profile
        }

        var info: Data {
            let lines = [
                "dandelion.package.1", self.referralID.uuidString.lowercased(), self.agencyID.uuidString.lowercased(),
                self.profile,
            ]
            return Data(lines.joined(separator: "\n").utf8)
        }
    }

    /// The version of the wire format.
    public static let version: UInt8 = 1
    private static let encapsulatedKeyBytes = 32
    private static let tagBytes = 16
    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

    /// The bytes as they are stored and handed over.
    public let bytes: [UInt8]

    /// Takes stored bytes; whether they can be opened is for the holder of the private key to find out.
    public init(bytes: [UInt8]) throws(SealedPackageError) {
        guard bytes.count >= 1 + Self.encapsulatedKeyBytes + Self.tagBytes, bytes[0] == Self.version else {
            throw .malformed
        }
        self.bytes = bytes
    }

    /// Seals JSON to an agency's key.
    public static func seal(
        _ json: [UInt8], to key: AgencyPublicKey, binding: Binding
    ) throws(SealedPackageError) -> SealedPackage {
        let sealed: [UInt8]
        do {
            var sender = try HPKE.Sender(
                recipientKey: key.agreementKey(), ciphersuite: Self.suite, info: binding.info)
            let ciphertext = try sender.seal(json, authenticating: [Self.version])
            sealed = [Self.version] + sender.encapsulatedKey + ciphertext
        } catch {
            // The only cause within the library: a key that is no point anybody has the private half of.
            throw .badKey
        }
        return try SealedPackage(bytes: sealed)
    }

    /// Opens with the agency's private key what was sealed under the same binding.
    public func open(with keys: AgencyKeyPair, binding: Binding) throws(SealedPackageError) -> [UInt8] {
        let encapsulatedKey = Data(self.bytes[1..<(1 + Self.encapsulatedKeyBytes)])
        let ciphertext = self.bytes[(1 + Self.encapsulatedKeyBytes)...]
        do {
            var recipient = try HPKE.Recipient(
                privateKey: keys.privateKey, ciphersuite: Self.suite, info: binding.info,
                encapsulatedKey: encapsulatedKey)
            return try [UInt8](recipient.open(ciphertext, authenticating: [Self.version]))
        } catch {
            throw .notAuthentic
        }
    }
}
