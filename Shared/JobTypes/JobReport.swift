/// How far a running job has come: numbers, a short code and opaque bytes. Operators see it; it holds no personal data.
public struct JobProgress: Hashable, Sendable {
    /// So much is done, of `total` where that is known.
    public var done: Int64?
    /// Not below `done`.
    public var total: Int64?
    /// The step it is at: see `JobResult.isCode`.
    public var code: String?
    /// At most `JobResult.mostBytes`; for the handler's next attempt, or for a program that understands it.
    public var detail: [UInt8]?

    public init(done: Int64? = nil, total: Int64? = nil, code: String? = nil, detail: [UInt8]? = nil) {
        self.done = done
        self.total = total
        self.code = code
        self.detail = detail
    }
}

/// What a finished job leaves behind in the history: a short code and opaque bytes. Operators see it; it holds no
/// personal data.
public struct JobResult: Hashable, Sendable {
    /// Bytes in a result or in a progress report.
    public static let mostBytes = 1024

    /// See `isCode`.
    public var code: String?
    /// At most `mostBytes`.
    public var detail: [UInt8]?

    public init(code: String? = nil, detail: [UInt8]? = nil) {
        self.code = code
        self.detail = detail
    }

    /// A code has 1 to 64 characters: letters of ASCII in lower case, digits, and `_ . : -` behind the first.
    public static func isCode(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isAlphanumeric(first) && text.utf8.allSatisfy { isAlphanumeric($0) || "_.:-".utf8.contains($0) }
    }
}
