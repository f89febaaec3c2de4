/// Where a job belongs in a distributed trace: the `traceparent` of W3C Trace Context, carried from whoever enqueues a job to
/// its handler.
///
/// Set `current` around the work that enqueues; a request takes it over, and the worker sets it, with a span of its own,
/// around the handler. Ids are random and say nothing about anybody.
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// Of the task that runs.
    @TaskLocal public static var current: TraceContext?

    /// 32 hexadecimal digits in lower case, not all zero.
    public let traceID: String
    /// The span that caused what is done now: 16 hexadecimal digits in lower case, not all zero.
    public let spanID: String
    /// Whether whoever started the trace records it.
    public let isSampled: Bool

    /// A new trace with its first span.
    public init(isSampled: Bool = false) {
        self.init(traceID: Self.random(words: 2), spanID: Self.random(words: 1), isSampled: isSampled)
    }

    private init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads `traceparent`, of this version of the format (00) or of a later one; nil when it is not well-formed, which
    /// means by the specification that there is no trace to continue.
    public init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], count: 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            Self.isHex(parts[1], count: 32), Self.isHex(parts[2], count: 16), Self.isHex(parts[3], count: 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.init(traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1)
    }

    /// The header's value, in version 00.
    public var traceparent: String { "00-\(self.traceID)-\(self.spanID)-\(self.isSampled ? "01" : "00")" }

    public var description: String { self.traceparent }

    /// The same trace with a new span.
    public func child() -> TraceContext {
        TraceContext(traceID: self.traceID, spanID: Self.random(words: 1), isSampled: self.isSampled)
    }

    private static func isHex(_ text: Substring, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    private static func random(words: Int) -> String {
        (0..<words).map { _ in
            let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
