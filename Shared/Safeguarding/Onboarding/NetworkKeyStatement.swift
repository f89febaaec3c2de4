public import FoundationEssentials

/// What the onboarding key signs of the network's own key: that agencies may seal to it, from a day on.
///
/// The signed text is these lines, joined by one line feed (0x0A) and without one at the end, in UTF-8: `dandelion.network-key.1`,
/// the key's id (SHA-256 of its 32 bytes, hexadecimal), the key in base64, and from when on it is valid (`2026-11-26T00:00:00Z`).
public struct NetworkKeyStatement: OnboardingStatement, Hashable {
    public let key: AgencyPublicKey
    public let validFrom: Date

    public init(key: AgencyPublicKey, validFrom: Date) {
        self.key = key
        self.validFrom = Date(timeIntervalSince1970: validFrom.timeIntervalSince1970.rounded(.down))
    }

    public var text: String {
        [
            "dandelion.network-key.1", self.key.fingerprintText, self.key.description,
            self.validFrom.formatted(.iso8601),
        ].joined(separator: "\n")
    }
}

/// The network's key with the signature over it, as the machine with the onboarding key prints it. Nothing in it is secret.
public struct SignedNetworkKey: Sendable, Hashable {
    public let statement: NetworkKeyStatement
    /// Ed25519, 64 bytes.
    public let signature: [UInt8]

    public init(_ statement: NetworkKeyStatement, signature: [UInt8]) {
        self.statement = statement
        self.signature = signature
    }

    public init(_ statement: NetworkKeyStatement, signedBy key: OnboardingKey) throws(OnboardingError) {
        self.init(statement, signature: try key.sign(statement))
    }

    private struct Document: Codable {
        var publicKey: String
        var validFrom: String
        var signature: String

        enum CodingKeys: String, CodingKey {
            case publicKey = "public_key"
            case validFrom = "valid_from"
            case signature
        }
    }

    /// Reads what `json` gives. Whether the signature is good is for `OnboardingKeys` to say.
    /// - Throws: `OnboardingError.malformed`.
    public init(json: [UInt8]) throws(OnboardingError) {
        // One line says what the file is not; the causes of decoder and parser would quote it.
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)),
            let key = try? AgencyPublicKey(base64: document.publicKey),
            let validFrom = try? Date(document.validFrom, strategy: .iso8601),
            let signature = Data(base64Encoded: document.signature), signature.count == 64
        else { throw .malformed }
        self.init(NetworkKeyStatement(key: key, validFrom: validFrom), signature: [UInt8](signature))
    }

    /// One JSON object.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(
            Document(
                publicKey: self.statement.key.description, validFrom: self.statement.validFrom.formatted(.iso8601),
                signature: Data(self.signature).base64EncodedString()))
        return String(decoding: data, as: UTF8.self)
    }
}
