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
    public static let version = Sealing.version

    /// The bytes as they are stored and handed over.
    public let bytes: [UInt8]

    /// Takes stored bytes; whether they can be opened is for the holder of the private key to find out.
    public init(bytes: [UInt8]) throws(SealedPackageError) {
        guard Sealing.hasForm(bytes) else { throw .malformed }
        self.bytes = bytes
    }

    /// Seals JSON to an agency's key.
    public static func seal(
        _ json: [UInt8], to key: AgencyPublicKey, binding: Binding
    ) throws(SealedPackageError) -> SealedPackage {
        try SealedPackage(bytes: Sealing.seal(json, to: key, info: binding.info))
    }

    /// Opens with the agency's private key what was sealed under the same binding.
    public func open(with keys: AgencyKeyPair, binding: Binding) throws(SealedPackageError) -> [UInt8] {
        try Sealing.open(self.bytes, with: keys, info: binding.info)
    }
}
