public import Casework
public import FoundationEssentials
public import PostgresClient

/// What an operator changed: who, when, what. Its data are ids, codes and fingerprints.
public struct OperatorEvent: Sendable, Equatable {
    public let id: Int64
    /// Such as `agency_added`, `agency_key_revoked`, `client_changed`, `rules_activated`.
    public let kind: String
    /// An agency's code, a client's name, a division's code, a version of the rules.
    public let subject: String
    public let data: PostgresJSON
    public let occurredAt: Date
    /// The login that did it.
    public let databaseRole: String

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.kind = try row.decode(column: "kind")
        self.subject = try row.decode(column: "subject")
        self.data = try row.decode(column: "data")
        self.occurredAt = try row.decode(column: "occurred_at")
        self.databaseRole = try row.decode(column: "database_role")
    }
}

/// A client of intake in the operators' list.
public struct ClientOverview: Sendable, Equatable {
    public let id: UUID
    public let name: String
    public let channels: [IntakeChannel]
    public let division: DivisionCode
    public let divisionName: String
    public let requestsPerMinute: Int
    public let mayReadCases: Bool
    public let mayChangeCases: Bool
    public let createdAt: Date
    /// `nil` while it may send.
    public let revokedAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.name = try row.decode(column: "name")
        self.channels = try row.words(column: "channels")
        self.division = try row.word(column: "division_scope")
        self.divisionName = try row.decode(column: "division_name")
        self.requestsPerMinute = Int(try row.decode(Int32.self, column: "requests_per_minute"))
        self.mayReadCases = try row.decode(column: "may_read_cases")
        self.mayChangeCases = try row.decode(column: "may_change_cases")
        self.createdAt = try row.decode(column: "created_at")
        self.revokedAt = try row.decode(column: "revoked_at")
    }
}
