public import FoundationEssentials
public import JobTypes

/// A notice for staff is to be delivered. Queue: `notification`.
public struct NotifyStaff: JobArguments, Hashable {
    public static let kind: JobKind = "notify_staff"

    public let noticeID: UUID
    public let version: Version1

    public init(noticeID: UUID) {
        self.noticeID = noticeID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case noticeID = "notice_id"
        case version
    }
}
