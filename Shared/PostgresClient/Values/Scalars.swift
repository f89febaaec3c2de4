public import FoundationEssentials

extension Bool: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }

    public func encode(into bytes: inout [UInt8]) {
        bytes.append(self ? 1 : 0)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Bool {
        guard type == .bool else { throw PostgresError(.decoding, detail: "not a boolean") }
        try bytes.requireCount(1)
        return bytes[0] != 0
    }
}

/// Reads any integer the value fits into, so that `count(*)` and `int4` columns read alike.
private func decodeInteger<Value: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ type: PostgresType
) throws(PostgresError) -> Value {
    let wide: Int64
    switch type {
    case .int2: wide = Int64(try bytes.bigEndian(Int16.self))
    case .int4: wide = Int64(try bytes.bigEndian(Int32.self))
    case .int8: wide = try bytes.bigEndian(Int64.self)
    case .oid: wide = Int64(try bytes.bigEndian(UInt32.self))
    default: throw PostgresError(.decoding, detail: "not an integer")
    }
    guard let value = Value(exactly: wide) else { throw PostgresError(.decoding, detail: "integer out of range") }
    return value
}

extension Int16: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int2 }
    public static var postgresArrayType: PostgresType { .int2Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Int16 {
        try decodeInteger(bytes, type)
    }
}

extension Int32: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Int32 {
        try decodeInteger(bytes, type)
    }
}

extension Int64: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Int64 {
        try decodeInteger(bytes, type)
    }
}

extension Int: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: Int64(self)) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Int {
        try decodeInteger(bytes, type)
    }
}

extension Double: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .float8 }
    public static var postgresArrayType: PostgresType { .float8Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self.bitPattern) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Double {
        switch type {
        case .float8: Double(bitPattern: try bytes.bigEndian(UInt64.self))
        case .float4: Double(Float(bitPattern: try bytes.bigEndian(UInt32.self)))
        default: throw PostgresError(.decoding, detail: "not a floating-point number")
        }
    }
}

extension String: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self.utf8) }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> String {
        switch type {
        case .text, .varchar, .bpchar, .name, .json, .unknown: return String(decoding: bytes, as: UTF8.self)
        case .jsonb:
            guard bytes.first == 1 else { throw PostgresError(.decoding, detail: "unknown jsonb version") }
            return String(decoding: bytes.dropFirst(), as: UTF8.self)
        case .void: return ""
        default: throw PostgresError(.decoding, detail: "not text")
        }
    }
}

extension UUID: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .uuid }
    public static var postgresArrayType: PostgresType { .uuidArray }

    public func encode(into bytes: inout [UInt8]) {
        withUnsafeBytes(of: self.uuid) { bytes.append(contentsOf: $0) }
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> UUID {
        guard type == .uuid else { throw PostgresError(.decoding, detail: "not a uuid") }
        try bytes.requireCount(16)
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}
