public import Casework
public import FoundationEssentials
import PostgresClient

/// A message to a person as its sender reads it, under lock. The contacts are sealed for the person's row.
public struct PersonMessage: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let personID: UUID
    public let template: String
    public let lane: Int
    public let state: MessageState
    /// How many attempts have begun.
    public let attempts: Int
    public let division: DivisionCode
    public let guardianSuspected: Bool
    public let role: PersonRole
    public let isMinor: Bool
    public let phone: [UInt8]?
    public let email: [UInt8]?
    /// How many messages were sent to her in the last 24 hours.
    public let sentToday: Int
    /// The database's clock when this was read.
    public let lookedAt: Date

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "message_id")
        self.caseID = try row.decode(column: "case_id")
        self.personID = try row.decode(column: "person_id")
        self.template = try row.decode(column: "template")
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.state = try row.word(column: "state")
        self.attempts = Int(try row.decode(Int32.self, column: "attempts"))
        self.division = try row.word(column: "division_code")
        self.guardianSuspected = try row.decode(column: "guardian_suspected")
        self.role = try row.word(column: "role")
        self.isMinor = try row.decode(column: "is_minor")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
        self.sentToday = Int(try row.decode(Int64.self, column: "sent_today"))
        self.lookedAt = try row.decode(column: "looked_at")
    }
}

/// The sealed name and contacts of somebody on a case.
public struct CaseContact: Sendable, Equatable {
    public let caseID: UUID
    public let personID: UUID
    public let role: PersonRole
    public let name: [UInt8]?
    public let phone: [UInt8]?
    public let email: [UInt8]?

    init(row: PostgresRow) throws {
        self.caseID = try row.decode(column: "case_id")
        self.personID = try row.decode(column: "person_id")
        self.role = try row.word(column: "role")
        self.name = try row.decode(column: "name")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
    }
}

/// All that is read of a message to a person to decide whether it may be sent.
public struct PersonSending: Sendable, Equatable {
    public let message: PersonMessage
    public let rules: [ContactRuleRecord]
    public let contacts: [CaseContact]
}
