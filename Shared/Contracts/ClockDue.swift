public import FoundationEssentials
public import JobTypes

/// A clock is due. Enqueued when its time has come, under the unique key ``uniqueKey(clockID:)``. Queue: `routing`.
public struct ClockDue: JobArguments, Hashable {
    public static let kind: JobKind = "clock_due"

    public let clockID: UUID
    public let version: Version1

    public init(clockID: UUID) {
        self.clockID = clockID
        self.version = Version1()
    }

    /// The unique key of a clock's job: a clock has one, however often it is enqueued.
    public static func uniqueKey(clockID: UUID) -> String {
        "clock:" + clockID.uuidString.lowercased()
    }

    enum CodingKeys: String, CodingKey {
        case clockID = "clock_id"
        case version
    }
}
