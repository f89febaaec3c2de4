public import Casework
public import FoundationEssentials
public import PostgresClient

/// Joint handling: who takes part in a case, who has what to do, and when they met. The database holds to the same rules as
/// ``JointHandling``: an agency takes part while it has a referral it took on, and no task is ever left to nobody.
public struct JointStore: Sendable {
    public init() {}

    /// An agency joins. Returns the case.
    /// - Throws: `CaseworkError`: `unknownAgency`; `notPossible` without a referral it took on; `alreadySo`.
    public func join(
        _ agencyCode: String, _ number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.joinAgency, [number.rawValue, actor.client, actor.staff.rawValue, agencyCode]
        ).decode(UUID.self)
    }

    /// An agency leaves; its open tasks fall to the owner.
    public func leave(
        _ agencyCode: String, _ number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.leaveJoint, [number.rawValue, actor.client, actor.staff.rawValue, agencyCode]
        ).decode(UUID.self)
    }

    /// Ends the part of agencies that have lost every referral of the case. Returns how many. For routing.
    @discardableResult
    public func endLostParts(of caseID: UUID, in transaction: PostgresTransaction) async throws -> Int {
        Int(try await transaction.callForRow(Self.endLostParts, [caseID]).decode(Int32.self))
    }

    /// Gives a task to an agency that takes part, or to the owner when none is named. Its clock has the task's id.
    /// - Throws: `CaseworkError.notPossible` when the agency takes no part.
    public func give(
        _ task: UUID, _ kind: JointTask.Kind, to agencyCode: String?, due: Date, on number: CaseNumber,
        by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.giveTask,
            [number.rawValue, actor.client, actor.staff.rawValue, task, kind.rawValue, agencyCode, due]
        ).decode(UUID.self)
    }

    /// The owner ends a task as done or dropped.
    /// - Throws: `CaseworkError.alreadySo` when it has ended.
    public func settle(
        _ task: UUID, as status: JointTask.Status, on number: CaseNumber, by actor: CaseActor,
        in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.settleTask, [number.rawValue, actor.client, actor.staff.rawValue, task, status.rawValue]
        ).decode(UUID.self)
    }

    /// What an agency has to do.
    public func tasks(of agency: UUID, on executor: some PostgresExecutor) async throws -> [AgencyTask] {
        try await executor.call(Self.agencyTasks, [agency]).map(AgencyTask.init(row:))
    }

    /// The agency has done one of its tasks. Returns the case.
    /// - Throws: `CaseworkError`: `notThisAgencys`, also for a task of a case it no longer takes part in; `alreadySo`.
    public func finish(
        _ task: UUID, by agency: UUID, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(Self.finishAgencyTask, [agency, task]).decode(UUID.self)
    }

    /// Records a conference. `minutes` are sealed for it.
    public func hold(
        _ conference: UUID, at held: Date, with agencyCodes: [String], minutes: [UInt8], on number: CaseNumber,
        by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.holdConference,
            [number.rawValue, actor.client, actor.staff.rawValue, conference, held, agencyCodes, minutes]
        ).decode(UUID.self)
    }

    /// The sealed minutes of a conference. Reading is an event.
    public func minutes(
        of conference: UUID, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> [UInt8] {
        try await transaction.callForRow(
            Self.readMinutes, [number.rawValue, actor.client, actor.staff.rawValue, conference]
        ).decode([UInt8].self)
    }

    /// The board of a case, for a client that may read it.
    public func board(
        of number: CaseNumber, client: UUID, on executor: some PostgresExecutor
    ) async throws -> JointBoard {
        let row = try await executor.callForRow(Self.jointBoard, [number.rawValue, client])
        return JointBoard(
            parties: try row.decode(PostgresJSON.self, column: "parties").decode(),
            tasks: try row.decode(PostgresJSON.self, column: "tasks").decode(),
            conferences: try row.decode(PostgresJSON.self, column: "conferences").decode(),
            assignees: try row.decode(PostgresJSON.self, column: "assignees").decode())
    }
}

/// A task as its agency sees it.
public struct AgencyTask: Sendable, Equatable {
    public let id: UUID
    public let kind: JointTask.Kind
    public let dueAt: Date
    /// The agency's own referral of the case.
    public let referral: ReferralNumber?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.kind = try row.word(column: "kind")
        self.dueAt = try row.decode(column: "due_at")
        self.referral = try row.optionalWord(column: "referral_number")
    }
}

/// Who takes part in a case, what is to be done, when they met, and who works on it. Codes, no words.
public struct JointBoard: Sendable {
    public struct Party: Sendable, Decodable {
        public let agency: String
        /// Seconds since 1970.
        public let joined_at: Double
        public let left_at: Double?
    }

    public struct Task: Sendable, Decodable {
        public let id: UUID
        public let kind: JointTask.Kind
        /// `nil`: the station that owns the case.
        public let agency: String?
        public let status: JointTask.Status
        public let due_at: Double
        public let settled_at: Double?
    }

    public struct Conference: Sendable, Decodable {
        public let id: UUID
        public let held_at: Double
        public let agencies: [String]
    }

    public struct Assignee: Sendable, Decodable {
        public let staff: String
        public let role: StaffRole
    }

    public let parties: [Party]
    public let tasks: [Task]
    public let conferences: [Conference]
    public let assignees: [Assignee]
}
