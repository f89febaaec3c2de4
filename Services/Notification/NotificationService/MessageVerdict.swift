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
protocol MessageJudge<Sending>: Sendable {
    /// What a message is judged by.
    associatedtype Sending: Sendable

    /// Who takes its messages.
    var audience: TemplateAudience { get }
    var providers: ProviderSet { get }

    /// Locks messages and what decides about them, to the end of the transaction.
    /// - Parameter mayWait: whether others' locks are waited for. Without that, what somebody else has under lock is
    ///   missing, and of those that are counted together there is one.
    func lock(_ messages: [UUID], mayWait: Bool, in transaction: PostgresTransaction) async throws -> [UUID: Sending]

    /// Decides, at this moment.
    /// - Parameter asked: the providers that have failed it in this attempt.
    func decide(_ sending: Sending, except asked: Set<String>) throws -> MessageVerdict
}

extension MessageJudge {
    /// Whether all that take its messages answer at once.
    var sendsAtOnce: Bool { self.providers.areImmediate(for: self.audience) }

    /// Locks one message, and decides.
    func judge(
        _ message: UUID, except asked: Set<String>, in transaction: PostgresTransaction
    ) async throws -> MessageVerdict {
        guard let sending = try await self.lock([message], mayWait: true, in: transaction)[message] else {
            return .unknown
        }
        return try self.decide(sending, except: asked)
    }
}
