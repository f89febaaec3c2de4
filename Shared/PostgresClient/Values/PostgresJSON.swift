package import FoundationEssentials

/// A `jsonb` value.
public struct PostgresJSON: PostgresCodable, PostgresArrayElement, Hashable {
    /// JSON.
    public let text: String

    public static var postgresType: PostgresType { .jsonb }
    public static var postgresArrayType: PostgresType { .jsonbArray }

    /// - Parameter text: must be JSON; the server refuses anything else.
    public init(text: String) {
        self.text = text
    }

    /// Keys sorted, dates in ISO 8601.
    /// - Throws: `EncodingError`.
    public init(encoding value: some Encodable) throws {
        try self.init(encoding: value, by: Self.encoder())
    }

    /// What `init(encoding:)` encodes with. One coder each for the process, which are only ever read: making one takes as long as
    /// a small value.
    package static func encoder() -> JSONEncoder { self.sharedEncoder }

    private static let sharedEncoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }()

    private static let sharedDecoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }()

    /// - Throws: `EncodingError`.
    package init(encoding value: some Encodable, by encoder: JSONEncoder) throws {
        self.text = String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Dates in ISO 8601.
    /// - Throws: `DecodingError`.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try Self.sharedDecoder.decode(Value.self, from: Data(self.text.utf8))
    }

    public func encode(into bytes: inout [UInt8]) {
        bytes.append(1)
        bytes.append(contentsOf: self.text.utf8)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Self {
        guard type == .jsonb || type == .json else { throw PostgresError(.decoding, detail: "not JSON") }
        return PostgresJSON(text: try String.decode(bytes, type: type))
    }
}
