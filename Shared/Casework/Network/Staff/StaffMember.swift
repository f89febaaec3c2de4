/// What a member of staff or a volunteer does.
public enum StaffRole: String, Sendable, Codable, CaseIterable {
    /// 接待
    case reception
    /// 主办
    case caseworker
    /// 专职调解员
    case mediator
    /// 兼职调解员
    case partTimeMediator = "part_time_mediator"
    /// 心理咨询师
    case counsellor
    /// 公益律师
    case lawyer
    /// 巾帼志愿者
    case volunteer
    /// 督导
    case supervisor
    /// 维权信息员（网格员）: may report, may not read cases.
    case informant

    /// Whether cases may be assigned to this role.
    public var takesCases: Bool {
        switch self {
        case .caseworker, .mediator, .partTimeMediator, .counsellor, .lawyer, .supervisor: true
        case .reception, .volunteer, .informant: false
        }
    }
}

/// A training somebody has, until when.
public struct Training: Hashable, Sendable {
    /// A word such as `mediation_basic` or `psychology_and_law`.
    public let code: String
    /// The last day it counts.
    public let validUntil: LocalDate

    public init(code: String, validUntil: LocalDate) {
        self.code = code
        self.validUntil = validUntil
    }
}

/// A person a member of staff or a case is related to: a keyed blind index, so that conflicts are seen and nobody is named.
public struct PartyToken: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: [UInt8]

    public init(rawValue: [UInt8]) {
        self.rawValue = rawValue
    }

    public var description: String { "PartyToken(redacted)" }
}

/// Somebody who works on cases: paid staff, part-time mediators, volunteers, lawyers.
public struct StaffMember: Hashable, Sendable {
    public let id: StaffID
    public let roles: Set<StaffRole>
    /// The divisions served: each with everything inside it.
    public let divisions: Set<DivisionCode>
    public let trainings: [Training]
    /// How many cases at once.
    public let capacity: Int
    /// Relatives, friends, former clients: a case of theirs is not hers (S20).
    public let relatedTo: Set<PartyToken>

    public init(
        id: StaffID, roles: Set<StaffRole>, divisions: Set<DivisionCode>, trainings: [Training] = [], capacity: Int,
        relatedTo: Set<PartyToken> = []
    ) {
        self.id = id
        self.roles = roles
        self.divisions = divisions
        self.trainings = trainings
        self.capacity = capacity
        self.relatedTo = relatedTo
    }

    /// Whether a training counts on a day.
    public func isTrained(_ code: String, on day: LocalDate) -> Bool {
        self.trainings.contains { $0.code == code && day <= $0.validUntil }
    }
}
