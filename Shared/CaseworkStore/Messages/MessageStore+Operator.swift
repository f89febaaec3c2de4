public import Casework
public import FoundationEssentials
public import PostgresClient

/// For operators: numbers, tasks and stop.
extension MessageStore {
    /// Stops every contact with a person and clears what waits for her. Returns the messages that were cleared.
    public func stopContact(
        of person: UUID, actor: String, in transaction: PostgresTransaction
    ) async throws -> [UUID] {
        try await transaction.call(Self.stopContact, [person, actor]).map { try $0.decode(column: "message_id") }
    }

    /// Ends a task; false when it is done already or unknown.
    public func finishTask(_ id: UUID, actor: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.finishStaffTask, [id, actor]).decode(Bool.self)
    }

    /// What stands unread in the inbox of a division's station, the most urgent first.
    public func inbox(
        of division: DivisionCode, limit: Int, on executor: some PostgresExecutor
    ) async throws -> [InboxEntry] {
        try await executor.call(Self.inbox, [division.rawValue, Int64(limit)]).map(InboxEntry.init(row:))
    }

    /// Marks a notice as read by the station: nobody is told of it any more. False when it was read before.
    public func readNotice(_ id: UUID, actor: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.readNotice, [id, actor]).decode(Bool.self)
    }

    /// Sets which kinds of notices a station does not want by message; false when there is no such station.
    public func setMutes(
        _ kinds: [String], division: DivisionCode, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.setMutes, [division.rawValue, kinds]).decode(Bool.self)
    }

    /// Sets the phones of a station's duty, in the order in which they are told; false when there is no such station.
    public func setDutyPhones(
        _ phones: [String], division: DivisionCode, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.setDutyPhones, [division.rawValue, phones]).decode(Bool.self)
    }

    /// Sets how an agency's desk is told. What is nil stays as it is; an empty address takes the desk away. False when
    /// there is no such agency.
    public func setAgencyDesk(
        _ code: String, email: String?, digestMinutes: Int?, muted: [String]?, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(
            Self.setAgencyDesk, [code, email, digestMinutes.map { Int32($0) }, muted]
        ).decode(Bool.self)
    }

    /// How the desks of stations are told: all, or one division's.
    public func stationDesks(
        of division: DivisionCode? = nil, on executor: some PostgresExecutor
    ) async throws -> [StationDesk] {
        try await executor.call(Self.stationDesks, [division?.rawValue]).map(StationDesk.init(row:))
    }

    /// How the desks of agencies are told: all, or one's.
    public func agencyDesks(
        of code: String? = nil, on executor: some PostgresExecutor
    ) async throws -> [AgencyDesk] {
        try await executor.call(Self.agencyDesks, [code]).map(AgencyDesk.init(row:))
    }

    /// How many messages are in which state: those made since a time, and all that wait.
    public func counts(since: Date, on executor: some PostgresExecutor) async throws -> [MessageCount] {
        try await executor.call(Self.messageCounts, [since]).map(MessageCount.init(row:))
    }

    /// The tasks that are open, the most urgent first.
    public func openTasks(limit: Int, on executor: some PostgresExecutor) async throws -> [StaffTask] {
        try await executor.call(Self.openTasks, [Int64(limit)]).map(StaffTask.init(row:))
    }
}

/// A number of messages that have these things in common.
public struct MessageCount: Sendable, Equatable {
    public let audience: String
    public let lane: Int
    public let state: MessageState
    public let reason: String?
    public let provider: String?
    public let messages: Int
    public let segments: Int
    /// In thousandths of a fen.
    public let cost: Int64
    public let oldest: Date

    init(row: PostgresRow) throws {
        self.audience = try row.decode(column: "audience")
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.state = try row.word(column: "state")
        self.reason = try row.decode(column: "reason")
        self.provider = try row.decode(column: "provider")
        self.messages = Int(try row.decode(Int64.self, column: "messages"))
        self.segments = Int(try row.decode(Int64.self, column: "segments"))
        self.cost = try row.decode(column: "cost")
        self.oldest = try row.decode(column: "oldest")
    }
}

/// A task that is open.
public struct StaffTask: Sendable, Equatable {
    public let id: UUID
    public let caseNumber: String
    public let stationName: String
    public let division: String
    public let kind: String
    public let reason: String
    public let template: String
    public let lane: Int
    public let openedAt: Date

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.caseNumber = try row.decode(column: "case_number")
        self.stationName = try row.decode(column: "station_name")
        self.division = try row.decode(column: "division_code")
        self.kind = try row.decode(column: "kind")
        self.reason = try row.decode(column: "reason")
        self.template = try row.decode(column: "template")
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.openedAt = try row.decode(column: "opened_at")
    }
}

/// A notice that nobody of the station has read.
public struct InboxEntry: Sendable, Equatable {
    public let id: UUID
    public let caseNumber: String
    public let template: String
    public let lane: Int
    public let state: MessageState
    public let createdAt: Date

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.caseNumber = try row.decode(column: "case_number")
        self.template = try row.decode(column: "template")
        self.lane = Int(try row.decode(Int32.self, column: "lane"))
        self.state = try row.word(column: "state")
        self.createdAt = try row.decode(column: "created_at")
    }
}

/// How a station is told of what concerns it.
public struct StationDesk: Sendable, Equatable {
    /// Kinds of notices that a station may do without: no law and nobody's safety hangs on them.
    public static let mutable = ["new_case", "case_closed", "follow_up_due", "referral_rejected"]

    public let division: String
    public let name: String
    public let hasAddress: Bool
    /// How many phones its duty has.
    public let dutyPhones: Int
    public let muted: [String]

    init(row: PostgresRow) throws {
        self.division = try row.decode(column: "division_code")
        self.name = try row.decode(column: "station_name")
        self.hasAddress = try row.decode(column: "has_address")
        self.dutyPhones = Int(try row.decode(Int32.self, column: "duty_phones"))
        self.muted = try row.decode(column: "muted")
    }
}

/// How an agency's desk is told of its referrals.
public struct AgencyDesk: Sendable, Equatable {
    /// Kinds of messages that an agency may do without: the hand-over, its withdrawal and an escalation are not among them.
    public static let mutable = ["referral_due"]

    public let code: String
    public let name: String
    public let hasAddress: Bool
    /// How long messages are gathered; 0 when each goes by itself.
    public let digestMinutes: Int
    public let muted: [String]

    init(row: PostgresRow) throws {
        self.code = try row.decode(column: "code")
        self.name = try row.decode(column: "agency_name")
        self.hasAddress = try row.decode(column: "has_address")
        self.digestMinutes = Int(try row.decode(Int32.self, column: "digest_minutes"))
        self.muted = try row.decode(column: "muted")
    }
}
