import Crypto
import FoundationEssentials

/// Signs requests to Aliyun 阿里云 with its third method, ACS3-HMAC-SHA256: over method, path, query, signed headers and
/// the body's hash.
struct AliyunSignature: Sendable {
    let keyID: String
    let secret: String

    static let method = "ACS3-HMAC-SHA256"

    /// The headers of a request with an empty body to the root of a host.
    /// - Parameters:
    ///   - nonce: another for each request.
    ///   - date: within 15 minutes of Aliyun's clock.
    func headers(
        action: String, version: String, host: String, query: [String: String], nonce: String, date: Date
    ) -> [(name: String, value: String)] {
        let bodyHash = Self.hex(SHA256.hash(data: []))
        let headers = [
            ("host", host), ("x-acs-action", action), ("x-acs-content-sha256", bodyHash),
            ("x-acs-date", Self.timestamp(date)), ("x-acs-signature-nonce", nonce), ("x-acs-version", version),
        ]
        let names = headers.map(\.0).joined(separator: ";")
        let canonical = [
            "POST", "/", Self.query(query), headers.map { "\($0.0):\($0.1)\n" }.joined(), names, bodyHash,
        ].joined(separator: "\n")
        let toSign = "\(Self.method)\n\(Self.hex(SHA256.hash(data: Array(canonical.utf8))))"
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(toSign.utf8), using: SymmetricKey(data: Array(self.secret.utf8)))
        let authorization = "\(Self.method) Credential=\(self.keyID),SignedHeaders=\(names),Signature=\(Self.hex(code))"
        return headers + [("authorization", authorization)]
    }

    /// The parameters in order of their names, percent-encoded as RFC 3986 has it.
    static func query(_ parameters: [String: String]) -> String {
        parameters.map { (Self.encoded($0.key), Self.encoded($0.value)) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                byte >= 0x30 && byte <= 0x39 || byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
                || "-_.~".utf8.contains(byte)
            let hex = Array("0123456789ABCDEF")
            result += isPlain ? String(UnicodeScalar(byte)) : "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
        }
        return result
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.reduce(into: "") { $0 += "\(digits[Int($1 >> 4)])\(digits[Int($1 & 15)])" }
    }

    /// `2023-10-26T10:22:32Z`
    private static func timestamp(_ date: Date) -> String {
        Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down)).formatted(.iso8601)
    }
}
