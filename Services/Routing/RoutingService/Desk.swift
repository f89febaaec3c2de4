import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Tells people, stations and agencies: all of routing's messages are asked for here. Each is posted with its job, in the
/// transaction of what calls for it.
struct Desk: Sendable {
    let jobs: JobStore
    private let requests = MessageRequests()

    init(jobs: JobStore) {
        self.jobs = jobs
    }

    /// Puts a notice on a station's desk. `kind` is a code that says what it is about; how urgent it is follows from it and
    /// the case's risk. `priority` is the case's.
    func notify(
        _ station: UUID, of caseID: UUID, kind: String, priority: Int, in transaction: PostgresTransaction
    ) throws {
        try self.requests.tellStation(station, of: caseID, kind: kind, in: transaction)
        self.ring(priority: kind == "call_agency_emergency" ? 0 : priority, in: transaction)
    }

    /// Has the help-seekers of a case told, as far as their safe-contact rules allow it then.
    /// - Parameter onlyIfAgreed: asks for nothing where she has not agreed to be written to; else a person has to tell her.
    func tell(
        of caseID: UUID, template: String, referral: UUID? = nil, onlyIfAgreed: Bool,
        in transaction: PostgresTransaction
    ) throws {
        try self.requests.tellHelpSeekers(
            of: caseID, template: template, referral: referral, onlyIfAgreed: onlyIfAgreed, in: transaction)
        self.ring(priority: 1, in: transaction)
    }

    /// Reminds an agency that a time of its referral is coming to its end.
    func remind(of referral: UUID, priority: Int, in transaction: PostgresTransaction) throws {
        try self.requests.remindAgency(of: referral, in: transaction)
        self.ring(priority: priority, in: transaction)
    }

    /// Wakes notification once the transaction has committed: something it does has asked for a message.
    func ring(priority: Int, in transaction: PostgresTransaction) {
        self.jobs.ringAfterCommit(
            priority == 0 ? [Queues.urgentNotification, Queues.notification] : [Queues.notification], in: transaction)
    }
}
