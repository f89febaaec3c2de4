import Crypto
public import FoundationEssentials

/// The network's key, which texts for it are sealed to, as the gateway says it is. Whether it is can be told by its signature alone:
/// ``verified(by:at:)`` looks at it, with the onboarding key that the network gave you by another way.
public struct AgencyNetworkKey: Sendable, Decodable {
    /// SHA-256 of the key, hexadecimal: what names it with each text.
    public let keyId: String
    /// X25519, 32 bytes.
    public let publicKey: Data
    /// From when on it is valid.
    public let validFrom: Date
    /// Ed25519, 64 bytes, over `dandelion.network-key.1`, the id, the key in base64 and the instant, joined by line feeds.
    public let signature: Data
    /// Your own id at the network, which is sealed in.
    public let agencyId: UUID
    /// Whether the signature was looked at and is the onboarding key's. False for a key as it came from the gateway: whoever could change
    /// the network's database could have put his own there.
    public private(set) var isVerified = false

    /// For whoever has it from the SQL door (`partner.network_key()`).
    public init(keyId: String, publicKey: Data, validFrom: Date, signature: Data, agencyId: UUID) {
        self.keyId = keyId
        self.publicKey = publicKey
        self.validFrom = validFrom
        self.signature = signature
        self.agencyId = agencyId
    }

    private enum CodingKeys: String, CodingKey {
        case keyId, publicKey, validFrom, signature, agencyId
    }

    /// As the gateway sends it, or as `SELECT to_json(k) FROM partner.network_key() AS k` shows it.
    /// - Throws: `AgencyError.invalidConfiguration`.
    public init(json: [UInt8]) throws(AgencyError) {
        do {
            self = try AgencyJSON.decoder.decode(Self.self, from: Data(json))
        } catch {
            throw AgencyError(code: .invalidConfiguration, detail: "this is not the network's key as the doors give it")
        }
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func bytes(_ key: CodingKeys) throws -> Data {
            let text = try fields.decode(String.self, forKey: key)
            guard let data = text.hasPrefix("\\x") ? Self.bytes(text.dropFirst(2)) : Data(base64Encoded: text) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: fields, debugDescription: "no bytes")
            }
            return data
        }
        self.init(
            keyId: try fields.decode(String.self, forKey: .keyId), publicKey: try bytes(.publicKey),
            validFrom: try fields.decode(Date.self, forKey: .validFrom), signature: try bytes(.signature),
            agencyId: try fields.decode(UUID.self, forKey: .agencyId))
    }

    private static func bytes(_ hexadecimal: Substring) -> Data? {
        var data = Data()
        var rest = hexadecimal
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 else { return nil }
            data.append(byte)
            rest = rest.dropFirst(2)
        }
        return data
    }

    /// The same key, verified.
    /// - Parameter onboardingKeys: the content of the network's `onboarding-key.pub`: lines `ed25519 <base64>`; lines
    ///   `revoked <id>` take a key back.
    /// - Throws: `AgencyError.untrustedKey` when none of them has signed it, it is not valid yet, or it is revoked;
    ///   `AgencyError.invalidConfiguration` when the content holds no such keys.
    public func verified(by onboardingKeys: String, at now: Date = Date()) throws(AgencyError) -> AgencyNetworkKey {
        let lines = onboardingKeys.split(whereSeparator: \.isNewline)
            .map { $0.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init) }
            .filter { !$0.isEmpty }
        let keys = lines.compactMap { $0.count == 2 && $0[0] == "ed25519" ? Data(base64Encoded: $0[1]) : nil }
        guard !keys.isEmpty, lines.allSatisfy({ $0.count == 2 && ["ed25519", "revoked"].contains($0[0]) }) else {
            throw AgencyError(
                code: .invalidConfiguration,
                detail: "the network's onboarding keys are lines `ed25519 <32 bytes in base64>` or `revoked <id>`")
        }
        let id = Self.hexadecimal(SHA256.hash(data: self.publicKey))
        let text = [
            "dandelion.network-key.1", id, self.publicKey.base64EncodedString(), self.validFrom.formatted(.iso8601),
        ].joined(separator: "\n")
        let isSigned = keys.contains { bytes in
            // Of bytes that are no point of the curve nobody has a signature.
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
            return key.isValidSignature(self.signature, for: Data(text.utf8))
        }
        guard isSigned, id == self.keyId, self.validFrom <= now, !lines.contains(["revoked", id]) else {
            throw AgencyError(
                code: .untrustedKey,
                detail:
                    "the gateway's network key is not signed by an onboarding key of the network: seal nothing to it, "
                    + "and tell the network")
        }
        var verified = self
        verified.isVerified = true
        return verified
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
    }
}
