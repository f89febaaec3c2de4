/// A value that can be sent as a parameter, in the server's binary format.
public protocol PostgresEncodable: Sendable {
    /// The type a parameter is declared as.
    static var postgresType: PostgresType { get }
    /// Whether this is SQL's NULL; true for an empty optional only.
    var isNull: Bool { get }
    /// Appends the value, never called for NULL.
    func encode(into bytes: inout [UInt8])
}

extension PostgresEncodable {
    public var isNull: Bool { false }
}

/// A value that can be read from a result in the server's binary format.
public protocol PostgresDecodable: Sendable {
    /// - Throws: `PostgresError.decoding` when the bytes or the type are not this. Bytes from the server never trap.
    static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Self
    /// What SQL's NULL is; throws for types that have no such value.
    static func decodeNull() throws(PostgresError) -> Self
}

extension PostgresDecodable {
    public static func decodeNull() throws(PostgresError) -> Self {
        throw PostgresError(.decoding, detail: "NULL where a value was expected")
    }
}

/// Both.
public typealias PostgresCodable = PostgresDecodable & PostgresEncodable

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }

    public var isNull: Bool {
        switch self {
        case .none: true
        case .some: false
        }
    }

    public func encode(into bytes: inout [UInt8]) {
        self?.encode(into: &bytes)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Self {
        .some(try Wrapped.decode(bytes, type: type))
    }

    public static func decodeNull() throws(PostgresError) -> Self {
        .none
    }
}

// MARK: - Bytes

extension [UInt8] {
    mutating func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        Swift.withUnsafeBytes(of: value.bigEndian) { self.append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    func bigEndian<Value: FixedWidthInteger>(
        _ type: Value.Type, at offset: Int = 0
    ) throws(PostgresError) -> Value {
        guard offset >= 0, self.count - offset >= MemoryLayout<Value>.size else {
            throw PostgresError(.decoding, detail: "too few bytes")
        }
        return Value(bigEndian: self.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    func requireCount(_ count: Int) throws(PostgresError) {
        guard self.count == count else { throw PostgresError(.decoding, detail: "wrong number of bytes") }
    }
}
