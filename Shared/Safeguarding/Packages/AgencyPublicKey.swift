import Crypto
import FoundationEssentials

/// The public half of such a pair (X25519, 32 bytes): what packages for an agency, and agencies' texts for the network, are sealed to.
public struct AgencyPublicKey: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes, as the agency's row holds them.
    public let bytes: [UInt8]

    /// Takes the 32 bytes of an X25519 public key. The few points of small order are refused: what is sealed to one can
    /// be opened by anybody (RFC 9180, section 7.1.4).
    public init(bytes: [UInt8]) throws(SealedPackageError) {
        guard bytes.count == 32, Self.isUsable(bytes) else { throw .badKey }
        self.bytes = bytes
    }

    /// Takes the key as agencies hand it over: 32 bytes in base64.
    public init(base64: String) throws(SealedPackageError) {
        guard let data = Data(base64Encoded: base64) else { throw .badKey }
        try self.init(bytes: [UInt8](data))
    }

    /// The key in base64. A public key may be shown.
    public var description: String { Data(self.bytes).base64EncodedString() }

    /// SHA-256 of the key: what names it in the ledger and in events. `fingerprintText` is the same in hexadecimal.
    public var fingerprint: [UInt8] { Array(SHA256.hash(data: self.bytes)) }

    /// The fingerprint in lower-case hexadecimal.
    public var fingerprintText: String {
        self.fingerprint.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
    }

    /// With such a point, every private key agrees on the secret of 32 zero bytes.
    private static func isUsable(_ bytes: [UInt8]) -> Bool {
        do {
            let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
            let secret = try Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
            return secret.withUnsafeBytes { $0.contains { $0 != 0 } }
        } catch {
            return false
        }
    }

    func agreementKey() throws -> Curve25519.KeyAgreement.PublicKey {
        try Curve25519.KeyAgreement.PublicKey(rawRepresentation: self.bytes)
    }
}
