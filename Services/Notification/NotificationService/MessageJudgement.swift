import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient
import Safeguarding

/// What looking at a message comes to, at this moment and under lock.
struct MessageJudgement: ~Copyable {
    enum Verdict: ~Copyable {
        /// There is no such message.
        case unknown
        /// It is settled already: this is a repeat.
        case settled
        /// It may go, with this provider.
        case go(SendingPermit, any MessageProvider)
        /// It may go, but no provider takes it now.
        case busy
        /// It may go later.
        case later(after: Duration, reason: String)
        /// It may not go.
        case denied(DenialReason)
    }

    let verdict: Verdict
    let template: String
    let caseID: UUID?
    let station: UUID?
    let lane: Int

    init(
        _ verdict: consuming Verdict, template: String = "", caseID: UUID? = nil, station: UUID? = nil, lane: Int = 2
    ) {
        self.verdict = verdict
        self.template = template
        self.caseID = caseID
        self.station = station
        self.lane = lane
    }
}

/// Looks at the messages of one audience.
protocol MessageJudge: Sendable {
    /// Locks the message and what decides about it, and decides.
    /// - Parameter asked: the providers that have failed it in this attempt.
    func judge(
        _ message: UUID, attempt: Int, except asked: Set<String>, in transaction: PostgresTransaction
    ) async throws -> MessageJudgement
}
