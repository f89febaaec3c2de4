public import Casework
public import FoundationEssentials
import PostgresClient

/// Whom a message to staff is for.
public enum StaffAudience: String, Sendable, CaseIterable {
    /// The duty desk of a station.
    case station
    /// One of the phones of a station's duty.
    case duty
    /// The desk of an agency.
    case agency
    /// The operators of the network.
    case operators = "operator"
}

/// A message to staff as its sender reads it, under lock.
public struct StaffMessage: Sendable, Equatable {
    public let id: UUID
    public let audience: StaffAudience
    /// `nil` for what is about no one case.
    public let caseNumber: CaseNumber?
    public let referralNumber: ReferralNumber?
    /// Of the station or agency.
    public let name: String?
    public let division: DivisionCode?
    /// The desk's; `nil` while it has none.
    public let email: String?
    /// The duty's.
    public let phone: String?
    public let template: String
    /// For operators: the code of what is in trouble.
    public let about: String?
    public let lane: Int
    public let state: MessageState
    /// How many attempts have begun.
    public let attempts: Int
    /// The desk does not want notices of this kind.
    public let isMuted: Bool
    /// What the agency's desk was sent in the last hour, counted to 100.
    public let sentLately: Int
    /// Of a digest: the kind and the referral's number of each thing it says.
    public let items: [DigestItem]
    /// The database's clock when this was read.
    public let lookedAt: Date

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "message_id")
        self.audience = try row.word(column: "audience")
        self.caseNumber = try row.optionalWord(column: "case_number")
        self.referralNumber = try row.optionalWord(column: "referral_number")
        self.name = try row.decode(column: "name")
        self.division = try row.optionalWord(column: "division_code")
        self.email = try row.decode(column: "email")
        self.phone = try row.decode(column: "phone")
        self.template = try row.decode(column: "template")
        self.about = try row.decode(column: "about")
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.state = try row.word(column: "state")
        self.attempts = Int(try row.decode(Int32.self, column: "attempts"))
        self.isMuted = try row.decode(column: "is_muted")
        self.sentLately = Int(try row.decode(Int64.self, column: "sent_lately"))
        self.items = (try row.decode([String]?.self, column: "items") ?? []).compactMap(DigestItem.init)
        self.lookedAt = try row.decode(column: "looked_at")
    }
}

/// One thing a digest says: what happened to which referral.
public struct DigestItem: Sendable, Equatable {
    /// The name of a template, such as `referral_offered`.
    public let kind: String
    public let referral: String

    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2 else { return nil }
        self.kind = String(parts[0])
        self.referral = String(parts[1])
    }
}
