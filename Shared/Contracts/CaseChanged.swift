public import FoundationEssentials
public import JobTypes

/// Staff recorded something about a case: a consent, an assessment, a call-back. Routing looks at how the case stands now.
/// Queue: `routing`. It has no unique key: a job that is running may have looked before the change.
public struct CaseChanged: JobArguments, Hashable {
    public static let kind: JobKind = "case_changed"

    public let caseID: UUID
    public let version: Version1

    public init(caseID: UUID) {
        self.caseID = caseID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case caseID = "case_id"
        case version
    }
}
