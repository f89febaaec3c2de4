import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// An answer as a response. What is read bears an entity tag, and is not sent again to whom has it (RFC 9110, 8.8.3 and 13.1.2).
enum GatewayResponse {
    /// What was encoded already.
    static func of(_ answer: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    static func of(_ answer: any Encodable & Sendable, to request: Request, isRead: Bool) throws -> Response {
        let body = try JSONConventions.encoder.encode(answer)
        var headers: HTTPFields = [.contentType: "application/json"]
        if isRead {
            let tag = Self.tag(of: body)
            headers[.eTag] = tag
            // For the agency itself, and asked about each time.
            headers[.cacheControl] = "private, no-cache"
            if let known = request.headers[.ifNoneMatch], Self.matches(known, tag) {
                headers[.contentType] = nil
                return Response(status: .notModified, headers: headers)
            }
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Equal answers are equal bytes: the encoder sorts names.
    private static func tag(of body: Data) -> String {
        "\"" + Data(SHA256.hash(data: body).prefix(16)).base64EncodedString() + "\""
    }

    /// The weak comparison of `If-None-Match`: a list of tags, or `*`.
    private static func matches(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { part in
            let word = part.trimmingPrefix { $0 == " " || $0 == "\t" }
            return word.hasPrefix("*") || word.trimmingPrefix("W/").hasPrefix(tag)
        }
    }
}

extension HTTPFields {
    /// How the caller stands with the door's limit: draft-ietf-httpapi-ratelimit-headers, structured fields.
    mutating func say(_ standing: RateLimiter<UUID>.Standing) {
        self[.rateLimitPolicy] = "\"agency\";q=\(standing.limit)"
        self[.rateLimit] = "\"agency\";r=\(standing.remaining);t=\(standing.resetSeconds)"
    }
}

extension HTTPField.Name {
    // Both are tokens, which is all that can be wrong with a name.
    static let rateLimitPolicy = Self("RateLimit-Policy") ?? .retryAfter
    static let rateLimit = Self("RateLimit") ?? .retryAfter
}
