public import FoundationEssentials
public import JobTypes

/// A case was opened and waits to be routed. Queue: `routing`.
public struct CaseOpened: JobArguments, Hashable {
    public static let kind: JobKind = "case_opened"

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
