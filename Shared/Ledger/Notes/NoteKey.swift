import Crypto
import FoundationEssentials

/// Who signed a note, as everybody may know it: a name and an Ed25519 public key (C2SP signed-note).
public struct NoteVerifier: Sendable, Hashable, CustomStringConvertible {
    /// The name of the key, which for a log is its origin.
    public let name: String
    /// 32 bytes.
    public let publicKey: [UInt8]

    /// The four bytes by which a signature line names its key: `SHA-256(name || 0x0A || 0x01 || public key)`, cut.
    public let keyID: [UInt8]

    init(name: String, publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
        self.keyID = Array(
            SHA256.hash(data: Array(name.utf8) + [0x0A, NoteSigner.algorithm] + publicKey).prefix(4))
    }

    /// Reads `name+keyid+base64`, the form in which public keys of logs are written down.
    /// - Throws: `LedgerError.malformed`.
    public init(_ text: String) throws(LedgerError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, NoteSigner.isName(parts[0]), let bytes = Base64.decode(parts[2]),
            bytes.count == 33, bytes[0] == NoteSigner.algorithm
        else { throw .malformed("this is no public key of a log (name+id+key)") }
        self.init(name: parts[0], publicKey: Array(bytes.dropFirst()))
        guard Hex.encode(self.keyID) == parts[1] else {
            throw .malformed("the public key of the log does not belong to its own id")
        }
    }

    /// `name+keyid+base64`.
    public var description: String {
        "\(self.name)+\(Hex.encode(self.keyID))+\(Base64.encode([NoteSigner.algorithm] + self.publicKey))"
    }

    func isSignature(_ signature: [UInt8], of text: String) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.publicKey) else { return false }
        return key.isValidSignature(signature, for: Array(text.utf8))
    }
}

/// The other half: signs notes. Its text form is a secret.
public struct NoteSigner: Sendable {
    /// Ed25519, the only kind of key there is here.
    static let algorithm: UInt8 = 0x01

    /// What everybody may know of it.
    public let verifier: NoteVerifier
    private let key: Curve25519.Signing.PrivateKey

    /// A fresh random key.
    /// - Throws: `LedgerError.malformed` when the name is none.
    public init(generating name: String) throws(LedgerError) {
        try self.init(name: name, key: Curve25519.Signing.PrivateKey())
    }

    private init(name: String, key: Curve25519.Signing.PrivateKey) throws(LedgerError) {
        guard Self.isName(name) else { throw .malformed("the name of a log's key has no spaces and no plus sign") }
        self.key = key
        self.verifier = NoteVerifier(name: name, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// Reads `PRIVATE+KEY+name+keyid+base64`, the form of golang.org/x/mod/sumdb/note.
    /// - Throws: `LedgerError.malformed`.
    public init(secret text: String) throws(LedgerError) {
        let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let bytes = Base64.decode(parts[4]),
            bytes.count == 33, bytes[0] == Self.algorithm,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.dropFirst())
        else { throw .malformed("this is no private key of a log") }
        try self.init(name: parts[2], key: key)
        guard Hex.encode(self.verifier.keyID) == parts[3] else {
            throw .malformed("the private key of the log does not belong to its own id")
        }
    }

    /// `PRIVATE+KEY+name+keyid+base64`.
    public var secret: String {
        let bytes = [Self.algorithm] + Array(self.key.rawRepresentation)
        return "PRIVATE+KEY+\(self.verifier.name)+\(Hex.encode(self.verifier.keyID))+\(Base64.encode(bytes))"
    }

    func sign(_ text: String) throws(LedgerError) -> [UInt8] {
        do {
            return Array(try self.key.signature(for: Array(text.utf8)))
        } catch {
            throw .signature("the key cannot sign")
        }
    }

    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 200
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }
}

/// Lower-case hexadecimal.
enum Hex {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
