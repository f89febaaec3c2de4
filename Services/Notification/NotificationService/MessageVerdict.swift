import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient
import Safeguarding

/// What looking at a message comes to, at this moment and under lock.
enum MessageVerdict: ~Copyable {
    /// There is no such message.
    case unknown
    /// It is settled already: this is a repeat.
    case settled
    /// It may go, with this.
    case go(SendingPermit, Way)
    /// It may go, but no provider takes it now.
    case busy
    /// It may go later.
    case later(after: Duration, reason: String)
    /// It may not go.
    case denied(DenialReason)

    /// How a message goes.
    struct Way: Sendable {
        let provider: any MessageProvider
        /// The template's name.
        let template: String
    }
}

/// Looks at the messages of one audience.
protocol MessageJudge: Sendable {
    /// Locks the message and what decides about it, and decides.
    /// - Parameter asked: the providers that have failed it in this attempt.
    func judge(
        _ message: UUID, except asked: Set<String>, in transaction: PostgresTransaction
    ) async throws -> MessageVerdict
}
