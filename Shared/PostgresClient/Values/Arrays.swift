/// What an array parameter or column can hold.
///
/// Swift allows one conditional conformance of `Array`, so the element decides: `[UInt8]` is `bytea`, any other is a
/// one-dimensional array of the element's type.
public protocol PostgresArrayElement: Sendable {
    /// The type of an array of this.
    static var postgresArrayType: PostgresType { get }
    /// Appends the array.
    static func encode(array: [Self], into bytes: inout [UInt8])
    /// - Throws: `PostgresError.decoding`.
    static func decode(array bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> [Self]
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encode(into bytes: inout [UInt8]) {
        Element.encode(array: self, into: &bytes)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> [Element] {
        try Element.decode(array: bytes, type: type)
    }
}

extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .bytea }

    public static func encode(array: [UInt8], into bytes: inout [UInt8]) {
        bytes.append(contentsOf: array)
    }

    public static func decode(array bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> [UInt8]
    {
        guard type == .bytea else { throw PostgresError(.decoding, detail: "not bytea") }
        return [UInt8](bytes)
    }
}

extension [UInt8]: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .byteaArray }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    /// The server's format: dimensions, flags, element type, then length and lower bound of the one dimension, then each
    /// element with its length (-1 for NULL), all big-endian.
    public static func encode(array: [Self], into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(array.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(array.contains(where: \.isNull) ? 1 : 0))
        bytes.append(bigEndian: Self.postgresType.rawValue)
        guard !array.isEmpty else { return }
        bytes.append(bigEndian: Int32(array.count))
        bytes.append(bigEndian: Int32(1))
        var element: [UInt8] = []
        for value in array {
            if value.isNull {
                bytes.append(bigEndian: Int32(-1))
                continue
            }
            element.removeAll(keepingCapacity: true)
            value.encode(into: &element)
            bytes.append(bigEndian: Int32(element.count))
            bytes.append(contentsOf: element)
        }
    }

    public static func decode(array bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> [Self] {
        guard !type.isScalar else { throw PostgresError(.decoding, detail: "not an array") }
        let dimensions = try bytes.bigEndian(Int32.self)
        let elementType = PostgresType(try bytes.bigEndian(UInt32.self, at: 8))
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw PostgresError(.decoding, detail: "not a one-dimensional array") }
        let count = try bytes.bigEndian(Int32.self, at: 12)
        // Each element takes at least its length's four bytes: a count beyond that is a lie.
        guard count >= 0, Int(count) <= bytes.count / 4 else {
            throw PostgresError(.decoding, detail: "array with an impossible count")
        }
        var offset = 20
        var values: [Self] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            let length = Int(try bytes.bigEndian(Int32.self, at: offset))
            offset += 4
            if length < 0 {
                values.append(try Self.decodeNull())
                continue
            }
            guard bytes.count - offset >= length else { throw PostgresError(.decoding, detail: "too few bytes") }
            values.append(
                try Self.decode(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]), type: elementType))
            offset += length
        }
        return values
    }
}
