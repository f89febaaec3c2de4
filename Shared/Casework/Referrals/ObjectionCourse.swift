public import FoundationEssentials

/// An agency's objection that a referral was sent to it wrongly.
public struct Objection: Hashable, Sendable {
    public let agency: UUID
    public let division: DivisionCode
    public let at: Date

    public init(agency: UUID, division: DivisionCode, at: Date) {
        self.agency = agency
        self.division = division
        self.at = at
    }
}

/// The dispute of agencies about who is responsible for one purpose of a case. The first objection sends the referral on;
/// from the second on the common superior decides, and its decision binds (Petition Regulations art. 23 and 24).
public struct ObjectionCourse: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        /// The referral goes to the next agency.
        case reroute
        /// The station of this division decides, until then.
        case askSuperior(DivisionCode, due: Date)
    }

    /// Until how many working days after it was offered an agency may object.
    public static let objectionTime = ClockDuration.workingDays(5)
    /// How long the common superior has; a rule of the network's own.
    public static let decisionTime = ClockDuration.workingDays(2)

    public private(set) var objections: [Objection] = []
    /// The agency the superior named; nobody may object any more.
    public private(set) var decided: UUID?

    public init() {}

    /// An agency objects to a referral that was offered at `offered`. Nothing changes when it throws.
    public mutating func object(
        _ objection: Objection, offered: Date, calendar: HolidayCalendar
    ) throws(ObjectionError) -> Step {
        guard self.decided == nil else { throw .decided }
        guard !self.objections.contains(where: { $0.agency == objection.agency }) else { throw .objectedAlready }
        guard objection.at < calendar.due(Self.objectionTime, from: offered) else { throw .tooLate }
        self.objections.append(objection)
        guard self.objections.count > 1 else { return .reroute }
        let superior = Self.commonSuperior(of: self.objections.map(\.division))
        return .askSuperior(superior, due: calendar.due(Self.decisionTime, from: objection.at))
    }

    /// The superior names the responsible agency: one that objected or another.
    public mutating func decide(_ agency: UUID) throws(ObjectionError) {
        guard self.objections.count > 1 else { throw .noDispute }
        guard self.decided == nil else { throw .decided }
        self.decided = agency
    }

    /// The nearest division that is above all of these: the one around it when they are the same.
    public static func commonSuperior(of divisions: [DivisionCode]) -> DivisionCode {
        guard let first = divisions.first else { return .nowhere }
        let shared = first.path.first { around in divisions.allSatisfy { $0.isWithin(around) } } ?? first
        return divisions.contains(shared) ? shared.parent ?? shared : shared
    }
}

/// Why an objection or a decision is not taken.
public enum ObjectionError: String, Error, Hashable, Sendable, CaseIterable {
    case decided
    case objectedAlready = "objected_already"
    case tooLate = "too_late"
    case noDispute = "no_dispute"
}
