import CLibPQ

/// Parameters in the form libpq wants: one flat buffer, and per value its type, offset and length.
struct EncodedParameters: Sendable {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []  // -1 is NULL
    private var lengths: [Int32] = []
    private(set) var types: [Oid] = []

    var count: Int { self.types.count }

    /// What the protocol can carry: 65535 values, of less than 1 GiB together.
    var areWithinLimits: Bool { self.count <= 65535 && self.bytes.count < 1 << 30 }

    init(_ values: [(any PostgresEncodable)?]) {
        for value in values {
            guard let value else {
                self.appendNull(type: 0)
                continue
            }
            let type = Swift.type(of: value).postgresType.rawValue
            if value.isNull {
                self.appendNull(type: type)
                continue
            }
            let start = self.bytes.count
            value.encode(into: &self.bytes)
            self.offsets.append(start)
            self.lengths.append(Int32(clamping: self.bytes.count - start))
            self.types.append(type)
        }
    }

    private mutating func appendNull(type: Oid) {
        self.offsets.append(-1)
        self.lengths.append(0)
        self.types.append(type)
    }

    /// Calls `body` with the arrays of `PQsendQueryPrepared`; they live for the call only.
    func withPointers<Result>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        self.bytes.withUnsafeBytes { buffer in
            // An empty buffer may have no address, and an empty value must not look like NULL.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1) { empty in
                empty.initialize(repeating: 0)
                let values: [UnsafePointer<CChar>?] = self.offsets.map { offset in
                    guard offset >= 0 else { return nil }
                    guard let base = buffer.baseAddress else { return UnsafePointer(empty.baseAddress) }
                    return base.advanced(by: offset).assumingMemoryBound(to: CChar.self)
                }
                let formats = [Int32](repeating: 1, count: self.count)
                return body(values, self.lengths, formats)
            }
        }
    }
}
