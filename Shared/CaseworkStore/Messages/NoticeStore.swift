public import Casework
public import FoundationEssentials
public import PostgresClient

/// Notices to the duty desks of stations: a case number and what it is about, never a person.
public struct NoticeStore: Sendable {
    public init() {}

    /// Records that a station is to be told, with the transaction's next statement. The caller enqueues the `notify_staff`
    /// job with it.
    public func add(
        caseID: UUID, station: UUID, kind: String, in transaction: PostgresTransaction
    ) throws -> UUID {
        let id = UUID()
        try transaction.post(Self.addNotice, id, caseID, station, kind)
        return id
    }

    /// The notice with its station's address; `nil` for an unknown one.
    public func forSending(_ id: UUID, on executor: some PostgresExecutor) async throws -> NoticeForSending? {
        try await executor.call(Self.noticeForSending, [id]).first.map { try NoticeForSending(id: id, row: $0) }
    }

    /// Settles a pending notice; true for the one caller that did. `reason` is a code.
    public func settle(
        _ id: UUID, as state: NoticeState, reason: String? = nil, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.settleNotice, [id, state.rawValue, reason]).decode(Bool.self)
    }
}

/// Where a notice stands.
public enum NoticeState: String, Sendable, Codable, CaseIterable {
    case pending
    case sent
    case failed
}

/// A notice as its sender reads it.
public struct NoticeForSending: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let caseNumber: CaseNumber
    public let stationID: UUID
    public let stationName: String
    /// The duty desk's; `nil` while the station has none.
    public let email: String?
    public let kind: String
    public let state: NoticeState

    init(id: UUID, row: PostgresRow) throws {
        self.id = id
        self.caseID = try row.decode(column: "case_id")
        self.caseNumber = try row.word(column: "case_number")
        self.stationID = try row.decode(column: "station_id")
        self.stationName = try row.decode(column: "station_name")
        self.email = try row.decode(column: "email")
        self.kind = try row.decode(column: "kind")
        self.state = try row.word(column: "state")
    }
}
