import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Tells people and stations: the record and the job that sends it, in one transaction.
struct Desk: Sendable {
    let jobs: JobStore

    /// Puts a notice on a station's desk. `kind` is a code that says what it is about.
    func notify(_ station: UUID, of caseID: UUID, kind: String, priority: Int, in transaction: PostgresTransaction)
        async throws
    {
        let notice = try await NoticeStore().add(caseID: caseID, station: station, kind: kind, in: transaction)
        try self.jobs.post(
            JobRequest(
                NotifyStaff(noticeID: notice), queue: Queues.notification(priority: priority), priority: priority),
            in: transaction)
    }

    /// Has a message sent to a person, as far as her safe-contact rules allow it then.
    func tell(_ person: UUID, of caseID: UUID, template: String, in transaction: PostgresTransaction) async throws {
        let message = try await MessageStore().add(
            caseID: caseID, person: person, template: template, in: transaction)
        try self.jobs.post(
            JobRequest(NotifyPerson(messageID: message), queue: Queues.notification), in: transaction)
    }
}
