import Crypto
import FoundationEssentials

/// The X25519 key pair of whoever things are sealed to. An agency's private half is made and stays with the agency; the network's, to
/// which agencies seal their texts, stays with those who read them. Everybody else knows the public half only.
///
/// The file is JSON of mode 0600 or 0400:
/// `{"algorithm":"x25519","private_key":"<32 bytes in base64>","public_key":"<32 bytes in base64>"}`.
public struct AgencyKeyPair: Sendable, CustomStringConvertible, CustomReflectable {
    let privateKey: Curve25519.KeyAgreement.PrivateKey
    /// What is registered with the network.
    public let publicKey: AgencyPublicKey

    struct Document: Codable {
        var algorithm: String
        var privateKey: String
        var publicKey: String

        enum CodingKeys: String, CodingKey {
            case algorithm
            case privateKey = "private_key"
            case publicKey = "public_key"
        }
    }

    private init(_ privateKey: Curve25519.KeyAgreement.PrivateKey) throws(SealedPackageError) {
        self.privateKey = privateKey
        self.publicKey = try AgencyPublicKey(bytes: [UInt8](privateKey.publicKey.rawRepresentation))
    }

    /// A fresh key pair.
    public static func generate() throws(SealedPackageError) -> AgencyKeyPair {
        try AgencyKeyPair(Curve25519.KeyAgreement.PrivateKey())
    }

    /// Reads the key file at the path.
    /// - Throws: `KeyFileError`, which names the file and the remedy.
    public init(path: String) throws {
        let bytes = try KeyFile.read(path)
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)), document.algorithm == "x25519"
        else {
            // The decoder's own error may quote the file, which holds a key.
            throw KeyFileError.malformed(path, "it is not an X25519 key file")
        }
        guard let data = Data(base64Encoded: document.privateKey), data.count == 32 else {
            throw KeyFileError.badKey(path, id: "`private_key`")
        }
        try self.init(Curve25519.KeyAgreement.PrivateKey(rawRepresentation: data))
        guard self.publicKey.description == document.publicKey else {
            throw KeyFileError.malformed(path, "its two keys are not a pair")
        }
    }

    /// Writes the key file with mode 0600. It is never written over another file.
    /// - Throws: `KeyFileError`, which names the file and the remedy.
    public func create(path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            algorithm: "x25519", privateKey: self.privateKey.rawRepresentation.base64EncodedString(),
            publicKey: self.publicKey.description)
        try KeyFile.create(path, [UInt8](encoder.encode(document)))
    }

    /// The public key, never the private one.
    public var description: String { "AgencyKeyPair(\(self.publicKey))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
