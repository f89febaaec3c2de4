public import FoundationEssentials

/// An agency joins or leaves joint handling.
public struct PartyBody: Sendable, Hashable {
    public let by: StaffID
    public let agencyCode: String

    /// Reads `{by, agency}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> PartyBody {
        try ActionBody.read(data, fields: ["agency"]) { reader, problems in
            reader.require("agency", &problems)
            let by = reader.staff(&problems)
            let agency = reader.agencyCode("agency", &problems)
            guard let by, let agency else { return nil }
            return PartyBody(by: by, agencyCode: agency)
        }
    }
}

/// A task of joint handling.
public struct TaskBody: Sendable, Hashable {
    public let by: StaffID
    public let kind: JointTask.Kind
    /// `nil`: the station that owns the case.
    public let agencyCode: String?
    public let dueAt: Date

    /// Reads `{by, kind, agency, due_at}`.
    public static func parse(_ data: Data, now: Date) throws(IntakeRejection) -> TaskBody {
        try ActionBody.read(data, fields: ["kind", "agency", "due_at"]) { reader, problems in
            for name in ["kind", "due_at"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let kind = reader.word("kind", as: JointTask.Kind.self, &problems)
            let agency = reader.agencyCode("agency", &problems)
            let due = reader.instant("due_at", &problems)
            if let due, due <= now || due > now.addingTimeInterval(366 * 86_400) {
                reader.report("due_at", .outOfRange, "must lie in the future, within a year", &problems)
            }
            guard let by, let kind, let due else { return nil }
            return TaskBody(by: by, kind: kind, agencyCode: agency, dueAt: due)
        }
    }
}

/// The owner ends a task.
public struct TaskEndBody: Sendable, Hashable {
    public let by: StaffID
    public let task: UUID
    public let status: JointTask.Status

    /// Reads `{by, task, status}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> TaskEndBody {
        try ActionBody.read(data, fields: ["task", "status"]) { reader, problems in
            for name in ["task", "status"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let task = reader.id("task", &problems)
            let status = reader.word("status", as: JointTask.Status.self, &problems)
            if status == .open { reader.report("status", .unknownValue, "must be done or dropped", &problems) }
            guard let by, let task, let status else { return nil }
            return TaskEndBody(by: by, task: task, status: status)
        }
    }
}

/// A case conference with its minutes.
public struct ConferenceBody: Sendable, Hashable {
    /// The most minutes may hold, in characters.
    public static let minutesLimit = 50_000

    public let by: StaffID
    public let heldAt: Date
    public let agencyCodes: [String]
    /// In words; personal.
    public let minutes: String

    /// Reads `{by, held_at, agencies, minutes}`.
    public static func parse(_ data: Data, now: Date) throws(IntakeRejection) -> ConferenceBody {
        try ActionBody.read(data, fields: ["held_at", "agencies", "minutes"]) { reader, problems in
            for name in ["held_at", "minutes"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let held = reader.instant("held_at", &problems)
            if let held, held > now { reader.report("held_at", .outOfRange, "must not lie in the future", &problems) }
            var codes: [String] = []
            for (index, item) in (reader.items("agencies", limit: 50, &problems) ?? []).enumerated() {
                guard case .string(let code) = item, Agency.isWellFormed(code: code), !codes.contains(code) else {
                    reader.report("agencies/\(index)", .malformed, "must be an agency's code, named once", &problems)
                    continue
                }
                codes.append(code)
            }
            let minutes = reader.text("minutes", limit: Self.minutesLimit, &problems)
            if minutes?.isEmpty == true { reader.report("minutes", .empty, "must say what was agreed", &problems) }
            guard let by, let held, let minutes else { return nil }
            return ConferenceBody(by: by, heldAt: held, agencyCodes: codes, minutes: minutes)
        }
    }
}

/// Staff who are to work on a case: named, or chosen by role, training, place and load.
public struct AssignmentBody: Sendable, Hashable {
    public let by: StaffID
    public let role: StaffRole
    /// How many persons, such as two lawyers.
    public let count: Int
    public let trainings: Set<String>
    /// By name; empty to have them chosen.
    public let staff: [StaffID]

    /// Reads `{by, role, count, trainings, staff}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> AssignmentBody {
        try ActionBody.read(data, fields: ["role", "count", "trainings", "staff"]) { reader, problems in
            reader.require("role", &problems)
            let by = reader.staff(&problems)
            let role = reader.word("role", as: StaffRole.self, &problems)
            if let role, !role.takesCases {
                reader.report("role", .unknownValue, "must be a role that takes cases", &problems)
            }
            let count = reader.number("count", &problems) ?? 1
            if !(1...10).contains(count) { reader.report("count", .outOfRange, "must be from 1 to 10", &problems) }
            let trainings: [AgencyServiceCode] = reader.codes("trainings", known: [], limit: 10, &problems)
            var staff: [StaffID] = []
            for (index, item) in (reader.items("staff", limit: 10, &problems) ?? []).enumerated() {
                guard case .string(let text) = item, StaffID(rawValue: text).isWellFormed else {
                    reader.report("staff/\(index)", .malformed, "must be the id of a member of staff", &problems)
                    continue
                }
                staff.append(StaffID(rawValue: text))
            }
            if !staff.isEmpty, reader["count"] != nil || reader["trainings"] != nil {
                reader.report("staff", .inconsistent, "name people, or say how to choose them, not both", &problems)
            }
            guard let by, let role else { return nil }
            return AssignmentBody(
                by: by, role: role, count: count, trainings: Set(trainings.map(\.rawValue)), staff: staff)
        }
    }
}
