public import Casework
public import FoundationEssentials

/// What a decision about writing to a duty desk is made from.
public struct StaffFacts: Sendable {
    /// 0 is danger to life, 3 can wait for the morning.
    public var lane: Int
    /// The desk's address for the channel; nil while it has none.
    public var address: String?
    public var channel: ContactChannel
    public var text: MessageText
    /// The desk does not want notices of this kind.
    public var isMuted: Bool
    /// The desk may do without notices of this kind.
    public var isDispensable = false
    /// A digest of nothing.
    public var isEmpty = false
    /// How many messages the desk was sent in the last hour.
    public var sentLately = 0
    /// The database's clock.
    public var now: Date

    public init(
        lane: Int, address: String?, channel: ContactChannel, text: MessageText, isMuted: Bool = false, now: Date
    ) {
        self.lane = lane
        self.address = address
        self.channel = channel
        self.text = text
        self.isMuted = isMuted
        self.now = now
    }
}

/// Decides whether a duty desk is written to now. What can wait does not ring at night; danger to life always does.
public struct StaffPolicy: Sendable {
    /// The hours in which only what is urgent is sent, on the wall clock of Asia/Shanghai; over midnight if the start is
    /// later than the end. Nil for none.
    public let quiet: (fromMinute: Int, toMinute: Int)?
    /// How many messages a desk is sent in an hour, those in haste not counted among what waits.
    public let perHour: Int
    /// The first lane that can be muted.
    static let firstMutedLane = 2
    /// The first lane that waits.
    static let firstQuietLane = 3
    private static let permission: TimeInterval = 30

    /// From ten at night to seven in the morning.
    public static let standard = StaffPolicy(quietFrom: 22 * 60, to: 7 * 60)

    /// - Parameters: minutes of the day; the same twice is no quiet time. At most 100 messages an hour.
    public init(quietFrom fromMinute: Int, to toMinute: Int, perHour: Int = 30) {
        self.quiet = fromMinute == toMinute ? nil : (fromMinute, toMinute)
        self.perHour = min(100, max(1, perHour))
    }

    /// A permit, or when to ask again, or why not.
    public func decide(_ facts: StaffFacts, message: UUID, attempt: Int) -> SendingDecision {
        if facts.isEmpty { return .denied(.nothingToSay) }
        if facts.isMuted && facts.lane >= Self.firstMutedLane { return .denied(.muted) }
        guard let address = facts.address else { return .denied(.noSafeAddress) }
        if facts.sentLately >= self.perHour && facts.lane >= Self.firstMutedLane { return .later(facts.now + 600) }
        if facts.lane >= Self.firstQuietLane, let end = self.endOfQuiet(facts.now) { return .later(end) }
        var content = MessageContent(
            address: address, subject: facts.text.subject, text: facts.text.text, hidesSender: false)
        content.isDispensable = facts.isDispensable
        return .permit(
            SendingPermit(
                messageID: message, attempt: attempt, channel: facts.channel, validity: .seconds(86_400),
                for: Self.permission, content))
    }

    /// When the quiet time that holds now is over.
    private func endOfQuiet(_ now: Date) -> Date? {
        guard let quiet = self.quiet else { return nil }
        let second = Int(now.timeIntervalSince1970.rounded(.down)) + 8 * 3600
        let minute = ((second / 60) % 1440 + 1440) % 1440
        let isQuiet =
            quiet.fromMinute < quiet.toMinute
            ? (quiet.fromMinute..<quiet.toMinute).contains(minute)
            : minute >= quiet.fromMinute || minute < quiet.toMinute
        guard isQuiet else { return nil }
        let wait = ((quiet.toMinute - minute) + 1440) % 1440
        return Date(timeIntervalSince1970: Double((second / 60 + wait) * 60 - 8 * 3600))
    }
}
