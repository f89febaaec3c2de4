public import FoundationEssentials

/// What a hand-over discloses, sealed to the agency's key, with all that is needed to open it but the private key.
public struct SealedPackage: Codable, Sendable {
    /// The only format so far: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
    /// ChaCha20Poly1305.
    public static let format = "hpke-x25519-sha256-chacha20poly1305/1"

    /// How it is sealed.
    public let format: String
    /// One version byte (1), 32 bytes of encapsulated key, ciphertext with its tag.
    public let sealed: Data
    /// Sealed in: the package opens for this referral only.
    public let referralId: UUID
    /// Sealed in: the agency it is for.
    public let agencyId: UUID
    /// Sealed in: the disclosure profile that says which fields it may hold.
    public let profile: String

    /// As the gateway sends it.
    public init(
        sealed: Data, referralId: UUID, agencyId: UUID, profile: String, format: String = SealedPackage.format
    ) {
        self.format = format
        self.sealed = sealed
        self.referralId = referralId
        self.agencyId = agencyId
        self.profile = profile
    }

    /// The lines that HPKE calls `info`.
    var info: Data {
        let lines = [
            "dandelion.package.1", self.referralId.uuidString.lowercased(), self.agencyId.uuidString.lowercased(),
            self.profile,
        ]
        return Data(lines.joined(separator: "\n").utf8)
    }
}
