public import FoundationEssentials
public import JobTypes

/// A call-back 回访 is due. Scheduled at the due time of its clock, which is `followUpID`. Queue: `routing`.
public struct FollowUpDue: JobArguments, Hashable {
    public static let kind: JobKind = "follow_up_due"

    public let caseID: UUID
    public let followUpID: UUID
    public let version: Version1

    public init(caseID: UUID, followUpID: UUID) {
        self.caseID = caseID
        self.followUpID = followUpID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case caseID = "case_id"
        case followUpID = "follow_up_id"
        case version
    }
}
