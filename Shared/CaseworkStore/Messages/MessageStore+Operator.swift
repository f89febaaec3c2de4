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
