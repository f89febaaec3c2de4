import Crypto
public import JobTypes

/// How the bell names a queue: the first eight bytes of its name's SHA-256. Two queues with the same tag wake each other, which
/// costs a look.
public struct QueueTag: Hashable, Sendable {
    let value: UInt64

    init(value: UInt64) {
        self.value = value
    }

    public init(_ queue: QueueName) {
        self.value = Self.prefix(SHA256.hash(data: Array(queue.rawValue.utf8)))
    }

    /// To find queues by what the bell says.
    public static func table(_ queues: some Sequence<QueueName>) -> [QueueTag: QueueName] {
        Dictionary(queues.map { (QueueTag($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    static func prefix(_ digest: SHA256.Digest) -> UInt64 {
        digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Opens what the bell says; `queue.bell_payload` is the other end.
struct BellKey: Sendable {
    private static let saltDigits = 32
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// `nil` for what does not look like a ring.
    func open(_ payload: String) -> QueueTag? {
        let digits = Array(payload.utf8)
        guard digits.count == Self.saltDigits + 16, let salt = Self.bytes(digits.prefix(Self.saltDigits)),
            let hidden = Self.bytes(digits.dropFirst(Self.saltDigits))
        else { return nil }
        let mask = QueueTag.prefix(SHA256.hash(data: self.bytes + salt))
        return QueueTag(value: hidden.reduce(0) { $0 << 8 | UInt64($1) } ^ mask)
    }

    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let upper = high {
                bytes.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
