public import FoundationEssentials

/// Whether an agency takes hand-overs.
public enum AgencyStatus: String, Sendable, Codable, CaseIterable {
    /// Referrals are sent to it.
    case active
    /// Known, but nothing is sent: routing looks at the next level.
    case suspended
}

/// When an agency takes hand-overs.
public enum AgencyHours: String, Sendable, Codable, CaseIterable {
    /// Day and night.
    case always
    /// Office hours of Monday to Friday but for holidays, and of shifted working days.
    case workingTime = "working_time"
}

/// An agency 部门: a body that a case may be referred to.
public struct Agency: Hashable, Sendable, Codable, Identifiable {
    public let id: UUID
    /// A slug that people type, e.g. `150104-civil-affairs`.
    public let code: String
    public let kind: AgencyKind
    public let name: String
    /// Its jurisdiction 辖区: this division and everything inside it.
    public let division: DivisionCode
    public let status: AgencyStatus
    /// What it can do beside what every agency of its kind can.
    public var services: Set<AgencyServiceCode> = []
    public var hours = AgencyHours.workingTime
    /// How many referrals it can have under way; `nil` when nobody said.
    public var capacity: Int?

    public init(
        id: UUID, code: String, kind: AgencyKind, name: String, division: DivisionCode, status: AgencyStatus = .active
    ) {
        self.id = id
        self.code = code
        self.kind = kind
        self.name = name
        self.division = division
        self.status = status
    }

    public var level: DivisionLevel { self.division.level }

    /// Whether `code` is a slug: 3 to 80 characters of `a-z`, `0-9` and single hyphens inside.
    public static func isWellFormed(code: String) -> Bool {
        let allowed = code.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        return allowed && (3...80).contains(code.utf8.count) && !code.hasPrefix("-") && !code.hasSuffix("-")
            && !code.contains("--")
    }
}
