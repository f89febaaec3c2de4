import HTTPTypes
import Hummingbird
import ServiceKit

/// A body whose every field is known. The door takes codes, numbers and sealed bytes only; a field it does not know might hold what
/// somebody wrote about a person, and is refused instead of dropped unseen.
protocol KnownFields: Decodable {
    /// In `snake_case`.
    static var fields: Set<String> { get }
    /// What an empty body means.
    init()
    /// What is wrong with the values.
    var fieldErrors: [FieldError] { get }
}

/// Decodes a body after looking at the names of all its fields.
struct StrictBody<Body: KnownFields>: Decodable {
    let body: Body

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    init(from decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map { Self.snakeCase($0.stringValue) }
        let unknown = names.filter { !Body.fields.contains($0) }.sorted()
        guard unknown.isEmpty else {
            throw HTTPProblem.validation(
                unknown.prefix(10).map { name in
                    FieldError(
                        field: Self.isPlain(name) ? "/\(name)" : "", code: "unknown_field",
                        message:
                            "This field is not known here. Clear text is not taken: use the codes, and `text` sealed to the network's key."
                    )
                })
        }
        self.body = try Body(from: decoder)
    }

    /// The decoder has turned `lease_seconds` into `leaseSeconds` by now.
    private static func snakeCase(_ key: String) -> String {
        var result = ""
        for character in key {
            if character.isUppercase, !result.isEmpty { result.append("_") }
            result += character.lowercased()
        }
        return result
    }

    /// Only a name that looks like one is given back.
    private static func isPlain(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }
}

extension Request {
    /// The body, checked; what an empty one means when there is none.
    func strictBody<Body: KnownFields>(
        _ type: Body.Type = Body.self, context: some EdgeRequestContext
    ) async throws -> Body {
        let body: Body
        if self.headers[.transferEncoding] == nil, Int(self.headers[.contentLength] ?? "0") == 0 {
            body = Body()
        } else {
            body = try await self.decode(as: StrictBody<Body>.self, context: context).body
        }
        let errors = body.fieldErrors
        guard errors.isEmpty else { throw HTTPProblem.validation(errors) }
        return body
    }
}
