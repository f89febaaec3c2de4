public import Casework
public import FoundationEssentials
public import PostgresClient

/// Who works on cases: opaque ids with roles, places, trainings and room.
public struct StaffStore: Sendable {
    public init() {}

    /// Makes or changes a member of staff. False when nothing differs from before. For operators.
    /// - Throws: `CaseworkError.unknownDivision`.
    public func put(_ entry: StaffEntry, on executor: some PostgresExecutor) async throws -> Bool {
        let trainings = Dictionary(
            entry.member.trainings.map { ($0.code, $0.validUntil.description) }, uniquingKeysWith: max)
        return try await executor.callForRow(
            Self.putStaff,
            [
                entry.member.id.rawValue, entry.member.roles.map(\.rawValue).sorted(),
                entry.member.divisions.map(\.rawValue).sorted(), Int32(entry.member.capacity),
                entry.isActive ? "active" : "suspended", try PostgresJSON(encoding: trainings),
            ]
        ).decode(Bool.self)
    }

    /// Writes down that a member of staff is related to whoever this blind index belongs to. False when it was known.
    /// - Throws: `CaseworkError.unknownStaff`, also for somebody outside the client's scope.
    public func relate(
        _ staff: StaffID, to token: PartyToken, client: UUID, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.addRelation, [client, staff.rawValue, token.rawValue]).decode(Bool.self)
    }

    /// Everybody who serves a case's division, and how each stands to the case.
    public func serving(_ caseID: UUID, on executor: some PostgresExecutor) async throws -> [StaffStanding] {
        try await executor.call(Self.staffFor, [caseID]).map(StaffStanding.init(row:))
    }

    /// Assigns people in a role; who has it already keeps it. Returns the case.
    /// - Throws: `CaseworkError`: an unknown case, somebody who may not act or may not be assigned.
    @discardableResult
    public func assign(
        _ staff: [StaffID], as role: StaffRole, to number: CaseNumber, by actor: CaseActor,
        in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.assignStaff,
            [number.rawValue, actor.client, actor.staff.rawValue, staff.map(\.rawValue), role.rawValue]
        ).decode(UUID.self)
    }

    /// Everybody, by id. For operators.
    public func overview(on executor: some PostgresExecutor) async throws -> [StaffOverview] {
        try await executor.call(Self.staffOverview, []).map(StaffOverview.init(row:))
    }
}

/// How a member of staff stands to a case.
public struct StaffStanding: Sendable {
    public let member: StaffMember
    /// Open cases.
    public let load: Int
    /// To a party of the case.
    public let isRelated: Bool
    public let caseDivision: DivisionCode

    init(row: PostgresRow) throws {
        self.caseDivision = try row.word(column: "case_division")
        self.member = try StaffMember(row: row)
        self.load = Int(try row.decode(Int64.self, column: "load"))
        self.isRelated = try row.decode(column: "is_related")
    }
}

/// A member of staff as operators see her.
public struct StaffOverview: Sendable {
    public let member: StaffMember
    public let isActive: Bool
    public let openCases: Int

    init(row: PostgresRow) throws {
        self.member = try StaffMember(row: row)
        self.isActive = try row.decode(String.self, column: "status") == "active"
        self.openCases = Int(try row.decode(Int64.self, column: "open_cases"))
    }
}

extension StaffMember {
    init(row: PostgresRow) throws {
        let trainings = try row.decode(PostgresJSON.self, column: "trainings").decode([String: String].self)
        self.init(
            id: StaffID(rawValue: try row.decode(column: "id")), roles: Set(try row.words(column: "roles")),
            divisions: Set(try row.words(column: "divisions")),
            trainings: try trainings.map { code, day in
                guard let day = LocalDate(day) else { throw CaseworkError(code: .unreadableRow, place: "trainings") }
                return Training(code: code, validUntil: day)
            },
            capacity: Int(try row.decode(Int32.self, column: "capacity")))
    }
}
