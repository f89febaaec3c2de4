public import FoundationEssentials

/// How the log is kept.
public struct LedgerHealth: Sendable, Hashable {
    /// How many entries it has.
    public var size: UInt64 = 0
    /// How many of them the latest checkpoint is over.
    public var signedSize: UInt64 = 0
    /// When that was published.
    public var publishedAt: Date?
    /// Whether a signer is at work.
    public var hasSigner = false
    /// When the oldest row was written that is not in the log yet.
    public var waitingSince: Date?

    /// Of a log without entries, with nobody at work.
    public init() {}
}
