public import FoundationEssentials

/// A call-back 回访, as staff record it.
public struct CallBackBody: Sendable, Hashable {
    public let by: StaffID
    public let result: CallBack.Result
    /// 1 to 5, when she was willing to say.
    public let satisfaction: Int?

    /// Reads `{by, result, satisfaction}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> CallBackBody {
        try ActionBody.read(data, fields: ["result", "satisfaction"]) { reader, problems in
            reader.require("result", &problems)
            let by = reader.staff(&problems)
            let result = reader.word("result", as: CallBack.Result.self, &problems)
            let satisfaction = reader.number("satisfaction", &problems)
            if let satisfaction, !(1...5).contains(satisfaction) {
                reader.report("satisfaction", .outOfRange, "must be from 1 to 5", &problems)
            }
            if satisfaction != nil, let result, result == .unreachable || result == .notAllowed {
                reader.report("satisfaction", .inconsistent, "nobody was asked", &problems)
            }
            guard let by, let result else { return nil }
            return CallBackBody(by: by, result: result, satisfaction: satisfaction)
        }
    }
}

/// The owner would close the case with an outcome.
public struct ClosingBody: Sendable, Hashable {
    public let by: StaffID
    public let outcome: Outcome

    /// Reads `{by, outcome}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> ClosingBody {
        try ActionBody.read(data, fields: ["outcome"]) { reader, problems in
            reader.require("outcome", &problems)
            let by = reader.staff(&problems)
            let outcome = reader.word("outcome", as: Outcome.self, &problems)
            guard let by, let outcome else { return nil }
            return ClosingBody(by: by, outcome: outcome)
        }
    }
}

/// The sender changes a referral's status.
public struct ReferralChangeBody: Sendable, Hashable {
    public let by: StaffID
    public let status: ReferralStatus

    /// Reads `{by, status}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> ReferralChangeBody {
        try ActionBody.read(data, fields: ["status"]) { reader, problems in
            reader.require("status", &problems)
            let by = reader.staff(&problems)
            let status = reader.word("status", as: ReferralStatus.self, &problems)
            guard let by, let status else { return nil }
            return ReferralChangeBody(by: by, status: status)
        }
    }
}

/// Something that starts a time by law beside the referrals.
public struct MilestoneBody: Sendable, Hashable {
    public let by: StaffID
    public let kind: MilestoneKind
    public let reachedOn: LocalDate
    /// The last day of what began.
    public let until: LocalDate?

    public init(by: StaffID, kind: MilestoneKind, reachedOn: LocalDate, until: LocalDate?) {
        self.by = by
        self.kind = kind
        self.reachedOn = reachedOn
        self.until = until
    }

    /// Reads `{by, kind, on, until}`. What ends needs its last day, and nothing lies in the future that has been reached.
    public static func parse(_ data: Data, now: Date) throws(IntakeRejection) -> MilestoneBody {
        try ActionBody.read(data, fields: ["kind", "on", "until"]) { reader, problems in
            for name in ["kind", "on"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let kind = reader.word("kind", as: MilestoneKind.self, &problems)
            let day = reader.day("on", &problems)
            let until = reader.day("until", &problems)
            if let day, day > LocalDate(inBeijing: now) {
                reader.report("on", .outOfRange, "must not lie in the future", &problems)
            }
            if let day, let until, until < day {
                reader.report("until", .inconsistent, "must not lie before the day it began", &problems)
            }
            if kind == .protectionOrderInForce, until == nil, reader["until"] == nil {
                reader.report("until", .missing, "is required: the order's last day", &problems)
            }
            guard let by, let kind, let day else { return nil }
            return MilestoneBody(by: by, kind: kind, reachedOn: day, until: until)
        }
    }
}

/// The common superior names the responsible agency.
public struct DecisionBody: Sendable, Hashable {
    public let by: StaffID
    public let purpose: Purpose
    public let agencyCode: String

    public init(by: StaffID, purpose: Purpose, agencyCode: String) {
        self.by = by
        self.purpose = purpose
        self.agencyCode = agencyCode
    }

    /// Reads `{by, purpose, agency}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> DecisionBody {
        try ActionBody.read(data, fields: ["purpose", "agency"]) { reader, problems in
            for name in ["purpose", "agency"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let purpose = reader.purpose(&problems)
            let agency = reader.agencyCode("agency", &problems)
            guard let by, let purpose, let agency else { return nil }
            return DecisionBody(by: by, purpose: purpose, agencyCode: agency)
        }
    }
}

extension FieldReader {
    /// A day as `YYYY-MM-DD`.
    func day(_ name: String, _ problems: inout [FieldProblem]) -> LocalDate? {
        guard let text = self.text(name, limit: 20, &problems) else { return nil }
        guard let day = LocalDate(text) else {
            self.report(name, .impossibleDate, "must be a day that exists, as YYYY-MM-DD", &problems)
            return nil
        }
        return day
    }
}
