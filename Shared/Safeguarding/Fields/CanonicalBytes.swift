import FoundationEssentials

/// Values written one after the other so that different values never give the same bytes: each is preceded by its
/// length. What is authenticated is written in this form.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    /// Starts with the name of what is written, so that nothing can pass for another kind of thing.
    init(_ label: String) {
        self.append(label.utf8)
    }

    func adding(_ text: String) -> CanonicalBytes { self.adding(Array(text.utf8)) }

    func adding(_ integer: Int64) -> CanonicalBytes {
        self.adding(withUnsafeBytes(of: integer.bigEndian) { Array($0) })
    }

    func adding(_ id: UUID) -> CanonicalBytes {
        self.adding(withUnsafeBytes(of: id.uuid) { Array($0) })
    }

    func adding(_ value: [UInt8]) -> CanonicalBytes {
        var copy = self
        copy.append(value)
        return copy
    }

    private mutating func append(_ value: some Collection<UInt8>) {
        withUnsafeBytes(of: UInt32(value.count).bigEndian) { self.bytes.append(contentsOf: $0) }
        self.bytes.append(contentsOf: value)
    }
}
