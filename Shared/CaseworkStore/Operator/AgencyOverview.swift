public import Casework
public import FoundationEssentials
import PostgresClient

/// An agency in the operators' list.
public struct AgencyOverview: Sendable, Equatable {
    public let id: UUID
    public let code: String
    public let kind: AgencyKind
    public let name: String
    public let division: DivisionCode
    public let divisionName: String
    public let level: DivisionLevel
    public let status: AgencyStatus
    /// Whether it has given a sealing key.
    public let hasKey: Bool
    /// The key, X25519.
    public let publicKey: [UInt8]?
    /// As the row has it: whether it is good is for whoever has the onboarding keys to say.
    public let keySignature: AgencyKeySignature?
    public let hasWebhook: Bool
    /// Bearer keys that were not revoked.
    public let liveKeys: Int

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.code = try row.decode(column: "code")
        self.kind = try row.word(column: "kind")
        self.name = try row.decode(column: "name")
        self.division = try row.word(column: "division_code")
        self.divisionName = try row.decode(column: "division_name")
        self.level = try row.word(column: "level")
        self.status = try row.word(column: "status")
        self.hasKey = try row.decode(column: "has_key")
        self.publicKey = try row.decode(column: "public_key")
        self.keySignature = try AgencyKeySignature(row: row)
        self.hasWebhook = try row.decode(column: "has_webhook")
        self.liveKeys = Int(try row.decode(Int64.self, column: "live_keys"))
    }
}

/// A case as operators see it.
public struct CaseOverview: Sendable, Equatable {
    public let id: UUID
    public let number: CaseNumber
    public let status: CaseStatus
    public let channel: IntakeChannel
    public let division: DivisionCode
    public let divisionName: String
    public let risk: RiskLevel
    public let ownerStation: String
    public let ownerLevel: DivisionLevel
    public let outcome: Outcome?
    public let openedAt: Date
    public let closedAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.status = try row.word(column: "status")
        self.channel = try row.word(column: "channel")
        self.division = try row.word(column: "division_code")
        self.divisionName = try row.decode(column: "division_name")
        self.risk = try row.word(column: "risk")
        self.ownerStation = try row.decode(column: "owner_station")
        self.ownerLevel = try row.word(column: "owner_level")
        self.outcome = try row.optionalWord(column: "outcome")
        self.openedAt = try row.decode(column: "opened_at")
        self.closedAt = try row.decode(column: "closed_at")
    }
}
