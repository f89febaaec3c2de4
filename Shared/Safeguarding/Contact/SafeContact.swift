public import Casework
public import FoundationEssentials

/// One rule about how a person may be reached: what she said herself, the last time somebody asked.
///
/// Times are those of Asia/Shanghai, which is UTC+8 all year. A window that does not end after it starts crosses
/// midnight and belongs to the day it starts on; 0 to 1440 is the whole day.
public struct SafeContact: Sendable, Hashable {
    public let id: UUID
    public let personID: UUID
    /// The one channel this rule is for; `none` forbids every one.
    public let channel: ContactChannel
    /// 1 (Monday) to 7 (Sunday), ascending.
    public let days: [Int]
    /// The minute of the day at which the window starts.
    public let fromMinute: Int
    /// The minute of the day at which the window is over.
    public let toMinute: Int
    /// What is said must not let anybody see who says it.
    public let neverMention: Bool
    /// Keyed hash of the code word, made by `SafeContactAuthenticator`.
    public let codeWordHash: [UInt8]?
    /// When she said so, in whole seconds.
    public let confirmedAt: Date
    /// From when on it has to be confirmed again, in whole seconds.
    public let expiresAt: Date
    /// When she asked for contact to stop. Not authenticated: whoever may set it can only silence us.
    public let stoppedAt: Date?

    /// Fractions of a second are dropped, so that a rule is the same before and after it was stored.
    public init(
        id: UUID, personID: UUID, channel: ContactChannel, days: some Sequence<Int>, fromMinute: Int, toMinute: Int,
        neverMention: Bool = true, codeWordHash: [UInt8]? = nil, confirmedAt: Date, expiresAt: Date,
        stoppedAt: Date? = nil
    ) {
        self.id = id
        self.personID = personID
        self.channel = channel
        self.days = Set(days).sorted()
        self.fromMinute = fromMinute
        self.toMinute = toMinute
        self.neverMention = neverMention
        self.codeWordHash = codeWordHash
        self.confirmedAt = Self.wholeSeconds(confirmedAt)
        self.expiresAt = Self.wholeSeconds(expiresAt)
        self.stoppedAt = stoppedAt
    }

    /// Whether days and minutes make a window at all.
    var isWellFormed: Bool {
        let minutes = 0...1440
        return !self.days.isEmpty && self.days.allSatisfy((1...7).contains) && minutes.contains(self.fromMinute)
            && minutes.contains(self.toMinute) && self.fromMinute < 1440 && self.fromMinute != self.toMinute
            && self.expiresAt > self.confirmedAt
    }

    private static func wholeSeconds(_ date: Date) -> Date {
        Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    }
}

/// A safe-contact rule whose tag was checked: it is what was written, about the person it was written about. Only
/// `SafeContactAuthenticator` makes one.
public struct VerifiedSafeContact: Sendable, Hashable {
    public let rule: SafeContact

    init(_ rule: SafeContact) {
        self.rule = rule
    }
}
