import FoundationEssentials

/// An agency's key with the signature over it: what the machine with the onboarding key prints, and the one that
/// registers agencies reads. Nothing in it is secret.
public struct SignedAgencyKey: Sendable, Hashable {
    public let statement: AgencyKeyStatement
    /// Ed25519, 64 bytes.
    public let signature: [UInt8]

    public init(_ statement: AgencyKeyStatement, signedBy key: OnboardingKey) throws(OnboardingError) {
        self.statement = statement
        self.signature = try key.sign(statement)
    }

    private struct Document: Codable {
        var agency: String
        var kind: String
        var division: String
        var publicKey: String
        var validFrom: String
        var signature: String

        enum CodingKeys: String, CodingKey {
            case agency, kind, division, signature
            case publicKey = "public_key"
            case validFrom = "valid_from"
        }
    }

    /// Reads what `json` gives. Whether the signature is good is for `OnboardingKeys` to say.
    /// - Throws: `OnboardingError`.
    public init(json: [UInt8]) throws(OnboardingError) {
        // One line says what the file is not; the causes of decoder and parser would quote it.
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)),
            let key = try? AgencyPublicKey(base64: document.publicKey),
            let validFrom = try? Date(document.validFrom, strategy: .iso8601),
            let signature = Data(base64Encoded: document.signature), signature.count == 64
        else { throw .malformed }
        self.statement = try AgencyKeyStatement(
            agency: document.agency, kind: document.kind, division: document.division, key: key, validFrom: validFrom)
        self.signature = [UInt8](signature)
    }

    /// One JSON object.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(
            Document(
                agency: self.statement.agency, kind: self.statement.kind, division: self.statement.division,
                publicKey: self.statement.key.description, validFrom: self.statement.validFrom.formatted(.iso8601),
                signature: Data(self.signature).base64EncodedString()))
        return String(decoding: data, as: UTF8.self)
    }
}
