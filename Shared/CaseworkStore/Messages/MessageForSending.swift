public import Casework
public import FoundationEssentials
import PostgresClient

/// A message as its sender reads it. The contacts are sealed for the person's row.
public struct MessageForSending: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let personID: UUID
    public let template: String
    public let state: MessageState
    public let role: PersonRole
    public let phone: [UInt8]?
    public let email: [UInt8]?
    public let isMinor: Bool

    init(id: UUID, row: PostgresRow) throws {
        self.id = id
        self.caseID = try row.decode(column: "case_id")
        self.personID = try row.decode(column: "person_id")
        self.template = try row.decode(column: "template")
        self.state = try row.word(column: "state")
        self.role = try row.word(column: "role")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
        self.isMinor = try row.decode(column: "is_minor")
    }
}

/// How a person may be reached, as it is stored. The tag authenticates all of it but `stoppedAt`.
public struct ContactRuleRecord: Sendable, Equatable {
    public let id: UUID
    public let personID: UUID
    public let channel: ContactChannel
    /// 1 for Monday to 7 for Sunday.
    public let days: [Int]
    /// Minutes since midnight in Beijing, 0 to 1440.
    public let fromMinute: Int
    public let toMinute: Int
    public let neverMention: Bool
    public let codeWord: [UInt8]?
    public let confirmedAt: Date
    public let expiresAt: Date
    public let tag: [UInt8]
    public let stoppedAt: Date?

    init(personID: UUID, row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.personID = personID
        self.channel = try row.word(column: "channel")
        self.days = try row.decode([Int32].self, column: "days").map(Int.init)
        self.fromMinute = Int(try row.decode(Int32.self, column: "from_minute"))
        self.toMinute = Int(try row.decode(Int32.self, column: "to_minute"))
        self.neverMention = try row.decode(column: "never_mention")
        self.codeWord = try row.decode(column: "code_word")
        self.confirmedAt = try row.decode(column: "confirmed_at")
        self.expiresAt = try row.decode(column: "expires_at")
        self.tag = try row.decode(column: "tag")
        self.stoppedAt = try row.decode(column: "stopped_at")
    }
}

/// The sealed contacts of a respondent.
public struct RespondentContact: Sendable, Equatable {
    public let personID: UUID
    public let phone: [UInt8]?
    public let email: [UInt8]?

    init(row: PostgresRow) throws {
        self.personID = try row.decode(column: "person_id")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
    }
}
