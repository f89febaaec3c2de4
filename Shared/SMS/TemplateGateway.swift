import Crypto
import FoundationEssentials

/// A carrier's gateway that takes JSON, described by data: what the body looks like, how the request is signed, and what
/// an answer means.
public struct TemplateGateway: SMSGateway {
    /// What the gateway is like.
    public struct Description: Sendable {
        /// JSON in which the strings `{number}`, `{e164}`, `{text}`, `{id}`, `{signature}`, `{template}` and
        /// `{validity_seconds}` stand for what is sent.
        public var body: String
        /// The header that carries the signature, and the one that carries the time.
        public var signatureHeader = "x-signature"
        public var timestampHeader = "x-timestamp"
        /// The header that carries the message's id as an idempotency key; nil when the gateway knows none.
        public var idempotencyHeader: String?
        /// The field of the answer that holds its code, and the code that means success.
        public var codeField = "code"
        public var success = "0"
        /// Codes that no repeat can change.
        public var permanent: Set<String> = []
        /// The field of the answer that holds the gateway's name for the message.
        public var referenceField: String? = "id"

        public init(body: String) {
            self.body = body
        }
    }

    public let signature: SMSSignature
    public let takesValidity: Bool
    private let url: SMSGatewayURL
    private let secret: SymmetricKey
    private let description: Description
    private let body: JSONValue
    private let exchange: HTTPExchange

    /// - Throws: `SMSError.badTemplate` when the body is not JSON or names an unknown value.
    public init(
        url: SMSGatewayURL, secret: String, signature: SMSSignature, description: Description,
        timeout: Duration = .seconds(8)
    ) throws(SMSError) {
        guard let body = try? JSONDecoder().decode(JSONValue.self, from: Data(description.body.utf8)),
            body.names.isSubset(of: Self.names), !body.names.isDisjoint(with: ["number", "e164"]),
            body.names.contains("text") || body.names.contains("template")
        else { throw SMSError(.badTemplate) }
        self.url = url
        self.secret = SymmetricKey(data: Array(secret.utf8))
        self.signature = signature
        self.description = description
        self.body = body
        self.takesValidity = body.names.contains("validity_seconds")
        self.exchange = HTTPExchange(timeout: timeout)
    }

    private static let names: Set<String> = [
        "number", "e164", "text", "id", "signature", "template", "validity_seconds",
    ]

    public func send(_ message: OutgoingSMS) async throws -> SMSOutcome {
        let filled = self.body.filled([
            "number": message.number.domestic, "e164": message.number.e164, "text": message.text, "id": message.id,
            "signature": self.signature.name, "template": message.template,
            "validity_seconds": "\(message.validitySeconds)",
        ])
        guard let body = try? JSONEncoder().encode(filled) else { return .refused(reason: "bad_text") }
        let timestamp = "\(Int64(Date().timeIntervalSince1970))"
        var headers = [
            (name: "content-type", value: "application/json; charset=utf-8"),
            (name: self.description.timestampHeader, value: timestamp),
            (
                name: self.description.signatureHeader,
                value: Self.signature(timestamp: timestamp, body: Array(body), key: self.secret)
            ),
        ]
        if let header = self.description.idempotencyHeader { headers.append((name: header, value: message.id)) }
        switch try await self.exchange.post(self.url.text, headers: headers, body: Array(body)) {
        case .notReached: return .later(reason: "not_reached")
        case .noAnswer(let reason): return .unknown(reason: reason)
        case .answer(let status, let answer): return self.outcome(status: status, body: answer)
        }
    }

    /// Hex of HMAC-SHA256 over the time, a dot and the body.
    static func signature(timestamp: String, body: [UInt8], key: SymmetricKey) -> String {
        AliyunSignature.hex(
            HMAC<SHA256>.authenticationCode(for: Array("\(timestamp).".utf8) + body, using: key))
    }

    /// Only a 2xx with the code of success is success: many gateways answer 200 and say in the body what went wrong.
    func outcome(status: Int, body: [UInt8]) -> SMSOutcome {
        let fields: [String: JSONValue]
        if let answer = try? JSONDecoder().decode(JSONValue.self, from: Data(body)), case .object(let object) = answer {
            fields = object
        } else {
            fields = [:]
        }
        let code = fields[self.description.codeField]?.scalar
        switch status {
        case 200..<300:
            guard let code else { return .unknown(reason: "bad_answer") }
            if code == self.description.success {
                return .accepted(reference: self.description.referenceField.flatMap { fields[$0]?.scalar })
            }
        case 400, 404, 405, 413, 415, 422: if code == nil { return .refused(reason: "http_\(status)") }
        case 401, 403, 408, 425, 429, 503: if code == nil { return .later(reason: "http_\(status)") }
        default: if code == nil { return .unknown(reason: "http_\(status)") }
        }
        // A code of theirs may hold anything: only whether it is a known one is kept.
        return code.map(self.description.permanent.contains) == true
            ? .refused(reason: "gateway_refused") : .later(reason: "gateway_error")
    }
}

/// JSON as a tree, for bodies that are data.
enum JSONValue: Codable, Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }

    /// A text or a whole number, as text.
    var scalar: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        case .bool(let value): "\(value)"
        case .null, .array, .object: nil
        }
    }

    /// The names in `{braces}` of all texts. A text is filled as a whole: `{text}`, never `x{text}`.
    var names: Set<String> {
        switch self {
        case .text(let text): Self.name(in: text).map { [$0] } ?? []
        case .array(let values): values.reduce(into: []) { $0.formUnion($1.names) }
        case .object(let values): values.values.reduce(into: []) { $0.formUnion($1.names) }
        case .null, .bool, .number: []
        }
    }

    func filled(_ values: [String: String]) -> JSONValue {
        switch self {
        case .text(let text):
            guard let name = Self.name(in: text), let value = values[name] else { return self }
            return name == "validity_seconds" ? .number(Double(value) ?? 0) : .text(value)
        case .array(let array): return .array(array.map { $0.filled(values) })
        case .object(let object): return .object(object.mapValues { $0.filled(values) })
        case .null, .bool, .number: return self
        }
    }

    private static func name(in text: String) -> String? {
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.count > 2 else { return nil }
        return String(text.dropFirst().dropLast())
    }
}
