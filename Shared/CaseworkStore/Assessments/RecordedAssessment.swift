public import Casework
public import FoundationEssentials
import PostgresClient

/// An assessment as it was recorded.
public struct RecordedAssessment: Sendable, Equatable {
    public let number: Int64
    public let assessment: ImpactAssessment
    /// The SHA-256 of what was recorded.
    public let checksum: [UInt8]
    public let recordedAt: Date
    public let recordedBy: String
    /// Before this it is not deleted, whatever happens.
    public let keptUntil: Date
    /// Why it is kept longer.
    public let holds: [AssessmentHold]

    init(row: PostgresRow) throws {
        self.number = try row.decode(column: "number")
        self.assessment = try row.decode(PostgresJSON.self, column: "assessment").decode()
        self.checksum = try row.decode(column: "checksum")
        self.recordedAt = try row.decode(column: "recorded_at")
        self.recordedBy = try row.decode(column: "recorded_by")
        self.keptUntil = try row.decode(column: "kept_until")
        self.holds = try row.words(column: "holds")
    }
}

/// What the assessments say of one thing that rules disclose.
public struct AssessedDisclosure: Sendable, Equatable {
    /// Why it may not be put in force.
    public enum Obstacle: String, Sendable, Codable, CaseIterable {
        /// Nothing was disclosed to this kind of agency for this purpose until now.
        case new
        /// More is to be disclosed than until now.
        case widened
        /// The assessment that approved it has run out, and the rules in force do not disclose it.
        case lapsed
        /// The latest assessment of it says no.
        case refused
    }

    public let disclosure: RuleDisclosure
    /// The reference of the assessment it rests on.
    public let assessment: String?
    public let obstacle: Obstacle?
    /// Whether what approved it has run out: it may go on as it is, and should be assessed anew.
    public let isLapsed: Bool

    init(row: PostgresRow) throws {
        self.disclosure = RuleDisclosure(
            agencyKind: try row.word(column: "agency_kind"), purpose: try row.word(column: "purpose"),
            profile: try row.word(column: "profile"), fields: try row.decode([String].self, column: "fields"))
        self.assessment = try row.decode(column: "assessment")
        self.obstacle = try row.optionalWord(column: "why")
        self.isLapsed = try row.decode(column: "lapsed")
    }
}
