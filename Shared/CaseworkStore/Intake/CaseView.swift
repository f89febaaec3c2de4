public import Casework
public import FoundationEssentials
import PostgresClient

/// What a client with the right to read sees of a case: no people, no narrative.
public struct CaseView: Sendable, Equatable {
    public let id: UUID
    public let number: CaseNumber
    public let status: CaseStatus
    public let channel: IntakeChannel
    public let division: DivisionCode
    public let risk: RiskLevel
    public let ownerStation: String
    public let openedAt: Date
    public let closedAt: Date?
    public let outcome: Outcome?
    public let referrals: [ReferralView]
    public let clocks: [ClockView]

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.status = try row.word(column: "status")
        self.channel = try row.word(column: "channel")
        self.division = try row.word(column: "division_code")
        self.risk = try row.word(column: "risk")
        self.ownerStation = try row.decode(column: "owner_station")
        self.openedAt = try row.decode(column: "opened_at")
        self.closedAt = try row.decode(column: "closed_at")
        self.outcome = try row.optionalWord(column: "outcome")
        let referrals: PostgresJSON = try row.decode(column: "referrals")
        self.referrals = try referrals.decode([ReferralObject].self).map(ReferralView.init)
        let clocks: PostgresJSON = try row.decode(column: "clocks")
        self.clocks = try clocks.decode([ClockObject].self).map(ClockView.init)
    }

    /// A referral of the case.
    public struct ReferralView: Sendable, Equatable {
        public let number: ReferralNumber
        public let agency: String
        public let agencyKind: AgencyKind
        public let division: DivisionCode
        public let purpose: Purpose
        public let status: ReferralStatus
        public let legalBasis: String
        public let requestedAt: Date
        public let answeredAt: Date?
        public let settledAt: Date?
        public let outcome: Outcome?
        /// Why it was rejected, objected to or withdrawn.
        public let reason: String?
    }

    /// A clock of the case.
    public struct ClockView: Sendable, Equatable {
        public let kind: ClockKind
        public let name: ClockName
        public let basis: String
        public let status: ClockStatus
        public let dueAt: Date
    }
}

extension CaseView.ReferralView {
    fileprivate init(_ object: ReferralObject) {
        self.number = object.number
        self.agency = object.agency
        self.agencyKind = object.agency_kind
        self.division = object.division
        self.purpose = object.purpose
        self.status = object.status
        self.legalBasis = object.legal_basis
        self.requestedAt = Date(timeIntervalSince1970: object.requested_at)
        self.answeredAt = object.answered_at.map(Date.init(timeIntervalSince1970:))
        self.settledAt = object.settled_at.map(Date.init(timeIntervalSince1970:))
        self.outcome = object.outcome
        self.reason = object.reason
    }
}

extension CaseView.ClockView {
    fileprivate init(_ object: ClockObject) {
        self.kind = object.kind
        self.name = object.name
        self.basis = object.basis
        self.status = object.state
        self.dueAt = Date(timeIntervalSince1970: object.due_at)
    }
}

/// An object of the column `referrals`: times are seconds since 1970.
private struct ReferralObject: Decodable {
    let number: ReferralNumber
    let agency: String
    let agency_kind: AgencyKind
    let division: DivisionCode
    let purpose: Purpose
    let status: ReferralStatus
    let legal_basis: String
    let requested_at: Double
    let answered_at: Double?
    let settled_at: Double?
    let outcome: Outcome?
    let reason: String?
}

/// An object of the column `clocks`.
private struct ClockObject: Decodable {
    let kind: ClockKind
    let name: ClockName
    let basis: String
    let state: ClockStatus
    let due_at: Double
}
