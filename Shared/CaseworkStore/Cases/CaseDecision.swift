public import FoundationEssentials
public import PostgresClient

/// What the rules decided on a case.
public struct CaseDecision: Sendable {
    public let caseID: UUID
    /// Under which version of the rules.
    public let ruleVersion: Int64
    /// Codes, never a person.
    public let explanation: PostgresJSON
    /// The station whose case it is by that.
    public let owner: UUID

    public init(of caseID: UUID, ruleVersion: Int64, explanation: PostgresJSON, owner: UUID) {
        self.caseID = caseID
        self.ruleVersion = ruleVersion
        self.explanation = explanation
        self.owner = owner
    }
}
