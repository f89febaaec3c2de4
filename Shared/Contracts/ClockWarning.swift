public import FoundationEssentials
public import JobTypes

/// Part of a clock's time is over: see whether people are to be warned. Queue: `routing`.
public struct ClockWarning: JobArguments, Hashable {
    public static let kind: JobKind = "clock_warning"

    public let clockID: UUID
    public let version: Version1

    public init(clockID: UUID) {
        self.clockID = clockID
        self.version = Version1()
    }

    /// The unique key of a clock's warning: it is looked at by one at a time.
    public static func uniqueKey(clockID: UUID) -> String {
        "warning:" + clockID.uuidString.lowercased()
    }

    enum CodingKeys: String, CodingKey {
        case clockID = "clock_id"
        case version
    }
}
