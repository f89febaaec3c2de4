public import Casework
public import FoundationEssentials
import PostgresClient

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

    /// A row that names the person, too.
    init(row: PostgresRow) throws {
        try self.init(personID: row.decode(column: "person_id"), row: row)
    }

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
