import Crypto
import FoundationEssentials

/// The agency's X25519 private key: packages are sealed to its public half. It never leaves the agency.
public struct AgencyPrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
    let key: Curve25519.KeyAgreement.PrivateKey

    private struct KeyFile: Decodable {
        let algorithm: String
        let privateKey: String
    }

    /// A fresh key.
    public init() {
        self.key = Curve25519.KeyAgreement.PrivateKey()
    }

    /// From the content of a key file: the JSON of the network's onboarding
    /// (`{"algorithm":"x25519","private_key":"<Base64>",…}`), or the 32 bytes alone, also in Base64 or hexadecimal.
    /// - Throws: `AgencyError.invalidConfiguration`; the message holds nothing of the key.
    public init(fileContent: [UInt8]) throws(AgencyError) {
        guard let bytes = Self.keyBytes(fileContent) else {
            throw AgencyError(
                code: .invalidConfiguration,
                detail: "an agency's private key file holds JSON with algorithm x25519 and private_key, or 32 bytes")
        }
        do {
            self.key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw AgencyError(code: .invalidConfiguration, detail: "these 32 bytes are no X25519 private key")
        }
    }

    /// What the network is told at onboarding: 32 bytes.
    public var publicKey: [UInt8] { Array(self.key.publicKey.rawRepresentation) }

    /// The 32 bytes of the key, to be stored where only the agency can read them.
    public var rawRepresentation: [UInt8] { Array(self.key.rawRepresentation) }

    /// The public half, never the private one.
    public var description: String { "AgencyPrivateKey(of \(Data(self.publicKey).base64EncodedString()))" }

    /// Shows nothing to debuggers and dumps.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func keyBytes(_ content: [UInt8]) -> [UInt8]? {
        if content.count == 32 { return content }
        guard let text = String(validating: content, as: UTF8.self) else { return nil }
        var word = text.filter { !$0.isWhitespace }
        if word.hasPrefix("{") {
            let file: KeyFile
            do {
                file = try AgencyJSON.decoder.decode(KeyFile.self, from: Data(content))
            } catch {
                return nil  // The decoder's words may quote the file.
            }
            guard file.algorithm == "x25519" else { return nil }
            word = file.privateKey
        }
        if word.utf8.count == 64 { return Self.hexadecimal(word) }
        guard let data = Data(base64Encoded: word), data.count == 32 else { return nil }
        return Array(data)
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
