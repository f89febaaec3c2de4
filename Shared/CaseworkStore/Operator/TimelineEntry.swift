public import Casework
public import FoundationEssentials
public import PostgresClient

/// An event of a case. Its data are ids, codes and times.
public struct TimelineEntry: Sendable, Equatable {
    public let id: Int64
    public let referral: ReferralNumber?
    /// The agency of the referral, if the event is about one.
    public let agencyName: String?
    public let kind: String
    /// client, service, agency, operator or staff.
    public let actorKind: String
    public let actor: String
    public let ruleVersion: Int64?
    public let data: PostgresJSON
    public let occurredAt: Date

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.referral = try row.optionalWord(column: "referral")
        self.agencyName = try row.decode(column: "agency_name")
        self.kind = try row.decode(column: "kind")
        self.actorKind = try row.decode(column: "actor_kind")
        self.actor = try row.decode(column: "actor")
        self.ruleVersion = try row.decode(column: "rule_version")
        self.data = try row.decode(column: "data")
        self.occurredAt = try row.decode(column: "occurred_at")
    }
}

/// A message as operators see it: to a role, never to a name.
public struct MessageOverview: Sendable, Equatable {
    public let id: UUID
    public let role: PersonRole
    public let template: String
    public let state: MessageState
    public let reason: String?
    public let createdAt: Date
    public let settledAt: Date?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.role = try row.word(column: "role")
        self.template = try row.decode(column: "template")
        self.state = try row.word(column: "state")
        self.reason = try row.decode(column: "reason")
        self.createdAt = try row.decode(column: "created_at")
        self.settledAt = try row.decode(column: "settled_at")
    }
}
