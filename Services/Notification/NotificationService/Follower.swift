import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Sees to it that a person acts where a message could not: the task, and the notice that tells a desk of it, commit with
/// the state that calls for them.
struct Follower: Sendable {
    private let messages = MessageStore()
    private let notices = NoticeStore()

    /// Ends a message that is not settled in a state in which nobody was reached.
    func end(
        _ id: UUID, as state: MessageState, _ reason: String, store: JobStore, in transaction: PostgresTransaction
    ) async throws {
        guard try await self.messages.settle(id, as: state, reason: reason, on: transaction) else { return }
        try await self.follow(id, reason, wasForbidden: state != .failed, store: store, in: transaction)
    }

    /// Opens the task of a message that reached nobody and has a station told.
    func follow(
        _ id: UUID, _ reason: String, wasForbidden: Bool, store: JobStore, in transaction: PostgresTransaction
    ) async throws {
        guard let undelivered = try await self.messages.whomToTell(id, on: transaction) else { return }
        try await self.messages.openTask(
            id, kind: undelivered.isForPerson ? .contactPerson : .lookAtCase, reason: reason, on: transaction)
        guard let station = undelivered.tell else { return }
        let kind =
            !undelivered.isForPerson ? "station_unreachable" : wasForbidden ? "contact_suppressed" : "contact_failed"
        try await self.tell(station, of: undelivered.caseID, kind: kind, store: store, in: transaction)
    }

    /// Tells a desk, in the urgent lane when it is about another desk that could not be told.
    func tell(
        _ station: UUID, of caseID: UUID, kind: String, store: JobStore, in transaction: PostgresTransaction
    ) async throws {
        let notice = try await self.notices.add(caseID: caseID, station: station, kind: kind, in: transaction)
        let priority = kind == "station_unreachable" ? 0 : 2
        try await store.enqueue(
            JobRequest(
                NotifyStaff(noticeID: notice), queue: Queues.notification(priority: priority), priority: priority),
            in: transaction)
    }
}
