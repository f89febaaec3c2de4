import Crypto
import FoundationEssentials

/// The Ed25519 key that signs agencies' keys when they come on, and the network's own. It is kept offline: whoever has it, and may write to the
/// database, can be any agency.
///
/// The file is JSON of mode 0600 or 0400: `{"algorithm":"ed25519","private_key":"<32 bytes in base64>"}`.
public struct OnboardingKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// The name of the file with the secret key.
    public static let secretName = "onboarding-key"
    /// The name of the file with the public key, which is what the sealer is given (`OnboardingKeys`).
    public static let publicName = "onboarding-key.pub"

    private let key: Curve25519.Signing.PrivateKey

    private struct Document: Codable {
        var algorithm: String
        var privateKey: String

        enum CodingKeys: String, CodingKey {
            case algorithm
            case privateKey = "private_key"
        }
    }

    private init(_ key: Curve25519.Signing.PrivateKey) {
        self.key = key
    }

    /// A fresh key.
    public static func generate() -> OnboardingKey {
        OnboardingKey(Curve25519.Signing.PrivateKey())
    }

    /// Reads the key file at the path.
    /// - Throws: `KeyFileError`, which names the file and the remedy.
    public init(path: String) throws(KeyFileError) {
        let bytes = try KeyFile.read(path)
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
            document.algorithm == "ed25519", let data = Data(base64Encoded: document.privateKey),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data)
        else {
            // The decoder's own error may quote the file, which holds a key.
            throw KeyFileError.malformed(path, "it is not an onboarding key file")
        }
        self.init(key)
    }

    /// Makes the two files unless they are there. A key that is there is never overwritten.
    /// - Throws: `KeyFileError`, which names the file and the remedy.
    public static func create(directory: String) throws -> [KeyFiles.File] {
        try KeyFile.makeDirectory(directory)
        let secret = "\(directory)/\(Self.secretName)"
        let fresh = Self.generate()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            algorithm: "ed25519", privateKey: fresh.key.rawRepresentation.base64EncodedString())
        let isNew = try Self.make(secret, [UInt8](encoder.encode(document)))
        let trusted = try Self(path: secret).trusted
        let isPublicNew = try Self.make("\(directory)/\(Self.publicName)", Array("\(trusted)\n".utf8))
        return [
            KeyFiles.File(path: secret, isNew: isNew),
            KeyFiles.File(path: "\(directory)/\(Self.publicName)", isNew: isPublicNew),
        ]
    }

    /// The trust in this key alone.
    public var trusted: OnboardingKeys {
        OnboardingKeys(keys: [Array(self.key.publicKey.rawRepresentation)], revoked: [])
    }

    /// Signs whose the key is.
    /// - Returns: 64 bytes.
    public func sign(_ statement: some OnboardingStatement) throws(OnboardingError) -> [UInt8] {
        do {
            return Array(try self.key.signature(for: Array(statement.text.utf8)))
        } catch {
            // The library's only cause is a lack of memory or randomness.
            throw .badStatement
        }
    }

    public var description: String { "OnboardingKey" }

    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func make(_ path: String, _ bytes: [UInt8]) throws(KeyFileError) -> Bool {
        do throws(KeyFileError) {
            try KeyFile.create(path, bytes)
            return true
        } catch {
            guard error.code == .exists else { throw error }
            return false
        }
    }
}
