/// The clock on the wall that a schedule is read by: a fixed distance from UTC.
///
/// Zones whose clocks are changed twice a year are refused: in them a time of day can come twice or not at all, and whoever
/// plans work has to decide what that means. China has had none since 1991: Asia/Shanghai is UTC+8 all year.
public struct ScheduleZone: Hashable, Sendable, CustomStringConvertible {
    /// Seconds east of UTC.
    public let offset: Int64
    public let description: String

    public static let utc = ScheduleZone(offset: 0, description: "UTC")
    public static let shanghai = ScheduleZone(offset: 8 * 3600, description: "Asia/Shanghai")

    private init(offset: Int64, description: String) {
        self.offset = offset
        self.description = description
    }

    /// `UTC`, `Asia/Shanghai`, or an offset such as `+08:00`, up to 14 hours.
    public init(_ text: String) throws(ScheduleError) {
        switch text {
        case "UTC": self = .utc
        case "Asia/Shanghai": self = .shanghai
        default:
            guard let match = text.wholeMatch(of: /([+-])(\d\d):([0-5]\d)/), let hours = Int64(match.2),
                let minutes = Int64(match.3), hours * 60 + minutes <= 14 * 60
            else {
                throw ScheduleError("'\(text)' is no zone: write UTC, Asia/Shanghai or an offset such as +08:00")
            }
            self.init(offset: (match.1 == "-" ? -1 : 1) * (hours * 3600 + minutes * 60), description: text)
        }
    }
}

/// A schedule that cannot be read, or has no times.
public struct ScheduleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to write.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
