import Crypto
import HTTPTypes
public import Hummingbird

/// The secret in an `Authorization: Bearer` header. It is only ever hashed: it is neither logged nor stored.
public struct BearerToken: Sendable {
    private let text: String

    /// The token of a request.
    /// - Throws: `HTTPProblem` 401 when there is none, or it is not of the form that RFC 6750 gives.
    public init(of request: Request) throws(HTTPProblem) {
        guard let header = request.headers[.authorization] else {
            throw HTTPProblem.unauthenticated("Send the header Authorization: Bearer with your key.")
        }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer", Self.isToken(parts[1]) else {
            throw HTTPProblem.unauthenticated("The Authorization header must be the word Bearer and your key.")
        }
        self.text = String(parts[1])
    }

    /// What the database knows of the token.
    public var hash: TokenHash { TokenHash(ofToken: self.text) }

    private static func isToken(_ text: Substring) -> Bool {
        (1...512).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || "-._~+/=".utf8.contains(byte)
            }
    }
}

/// The SHA-256 of a token. Comparing two takes the same time wherever they differ.
///
/// A plain hash is enough because our tokens are long and random; it would not be for passwords.
public struct TokenHash: Sendable, Equatable {
    /// The 32 bytes, for a `bytea` column.
    public let bytes: [UInt8]

    /// The hash of a token's text.
    public init(ofToken token: String) {
        self.bytes = Array(SHA256.hash(data: Array(token.utf8)))
    }

    /// A hash that was stored; nil when it is not 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Compares all 32 bytes, whatever they are.
    public static func == (left: TokenHash, right: TokenHash) -> Bool {
        zip(left.bytes, right.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
