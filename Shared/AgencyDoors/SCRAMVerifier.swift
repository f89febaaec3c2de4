import Crypto
import FoundationEssentials

/// What a PostgreSQL server keeps of a password, so that the password itself is never sent to it: RFC 5802 with SHA-256
/// (RFC 7677), in the form of `pg_authid.rolpassword`.
public struct SCRAMVerifier: Sendable {
    /// `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
    public let text: String

    /// - Parameters:
    ///   - password: ASCII, such as `randomPassword()` makes: SASLprep would leave it as it is.
    ///   - salt: 16 random bytes.
    public init(password: String, salt: [UInt8] = Self.random(16), iterations: Int = 4096) {
        let salted = Self.hi(password, salt: salt, iterations: iterations)
        let key = SymmetricKey(data: salted)
        let clientKey = HMAC<SHA256>.authenticationCode(for: Array("Client Key".utf8), using: key)
        let stored = SHA256.hash(data: Array(clientKey))
        let server = HMAC<SHA256>.authenticationCode(for: Array("Server Key".utf8), using: key)
        self.text =
            "SCRAM-SHA-256$\(iterations):\(Data(salt).base64EncodedString())"
            + "$\(Data(stored).base64EncodedString()):\(Data(server).base64EncodedString())"
    }

    /// 32 random bytes as URL-safe base64.
    public static func randomPassword() -> String {
        Data(Self.random(32)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    public static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// RFC 5802 section 2.2: PBKDF2 with HMAC, one block.
    private static func hi(_ password: String, salt: [UInt8], iterations: Int) -> [UInt8] {
        let key = SymmetricKey(data: Array(password.utf8))
        var block = Array(HMAC<SHA256>.authenticationCode(for: salt + [0, 0, 0, 1], using: key))
        var result = block
        for _ in 1..<iterations {
            block = Array(HMAC<SHA256>.authenticationCode(for: block, using: key))
            for index in result.indices { result[index] ^= block[index] }
        }
        return result
    }
}
