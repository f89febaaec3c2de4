public import Casework
public import FoundationEssentials
import PostgresClient

/// What the database added to a case that was just opened.
public struct OpenedCase: Sendable, Equatable {
    public let ownerStationID: UUID
    public let ownerStationName: String
    /// By the database's clock.
    public let openedAt: Date

    init(row: PostgresRow) throws {
        self.ownerStationID = try row.decode(column: "owner_station_id")
        self.ownerStationName = try row.decode(column: "owner_station_name")
        self.openedAt = try row.decode(column: "opened_at")
    }
}

/// The idempotency key of a case that is about to be opened. The key belongs to the case's client.
public struct OpeningKey: Sendable, Equatable {
    public let key: String
    /// What the request hashes to: a repeat must hash to the same.
    public let requestHash: [UInt8]

    public init(_ key: String, requestHash: [UInt8]) {
        self.key = key
        self.requestHash = requestHash
    }
}

/// The case an idempotency key stands for.
public struct EarlierRequest: Sendable, Equatable {
    /// What the first request with this key hashed to: a repeat must hash to the same.
    public let requestHash: [UInt8]
    public let caseID: UUID
    public let number: CaseNumber
    public let status: CaseStatus
    public let ownerStationName: String
    public let openedAt: Date
    /// When the first response is due.
    public let dueAt: Date?

    init(row: PostgresRow) throws {
        self.requestHash = try row.decode(column: "request_hash")
        self.caseID = try row.decode(column: "case_id")
        self.number = try row.word(column: "number")
        self.status = try row.word(column: "status")
        self.ownerStationName = try row.decode(column: "owner_station_name")
        self.openedAt = try row.decode(column: "opened_at")
        self.dueAt = try row.decode(column: "due_at")
    }
}

/// The neutral words the holder of a receipt is told: nothing of what the case is about.
public enum ReceiptStatus: String, Sendable, Codable, CaseIterable {
    case received
    case inProgress = "in_progress"
    case finished
}
