public import FoundationEssentials
public import PostgresClient

/// Notices to the duty desks of stations: messages that hold a case number and what it is about, never a person.
public struct NoticeStore: Sendable {
    public init() {}

    /// Records that a station is to be told, or finds the message that waits to say the same. The caller enqueues the
    /// `notify_staff` job with it.
    public func add(
        caseID: UUID, station: UUID, kind: String, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(Self.addNotice, [caseID, station, kind]).decode(UUID.self)
    }
}
