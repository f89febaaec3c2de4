import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Mail
import Metrics
import PostgresClient
import Safeguarding

/// Tells a person, if her safe-contact rules allow it at this moment (invariant 6). They are read and judged anew at
/// each attempt, so a retry that crosses the edge of her hours waits for the next ones.
///
/// How the message ended is written in the transaction that ends the job. When nothing could be sent, that transaction
/// also puts the case to the owner's desk: somebody has to act instead.
struct NotifyPersonHandler: JobHandler {
    typealias Arguments = NotifyPerson

    private let reading: PersonReading
    private let authenticator: SafeContactAuthenticator
    private let send: SendMail?
    private let now: @Sendable () -> Date
    private let messages = MessageStore()
    private let notices = NoticeStore()
    private let cases = CaseStore()

    /// - Parameters:
    ///   - send: nil while there is no sender that says nothing about us: then nobody is written to.
    ///   - now: the wall clock her hours are held against.
    init(keyring: FieldKeyring, send: SendMail?, now: @escaping @Sendable () -> Date = { Date() }) {
        self.reading = PersonReading(keyring: keyring)
        self.authenticator = SafeContactAuthenticator(keyring: keyring)
        self.send = send
        self.now = now
    }

    func run(_ arguments: NotifyPerson, _ context: JobContext) async throws -> JobOutcome {
        guard let message = try await self.messages.forSending(arguments.messageID, on: context.pool) else {
            return .discard(code: "unknown_message")
        }
        switch message.state {
        case .pending, .deferred: break
        // This is a repeat, or a person has dealt with it.
        case .sent, .suppressed, .failed, .cleared: return .completed
        }
        do {
            return try await self.attempt(message, context)
        } catch let failure as JobFailure where context.isLastAttempt {
            return try await self.settle(
                message, as: .failed, failure.code, then: .discard(code: failure.code), context)
        }
    }

    private func attempt(_ message: MessageForSending, _ context: JobContext) async throws -> JobOutcome {
        switch try await self.compose(message, on: context.pool) {
        case .message(let safe):
            return try await self.deliver(safe, message, context)
        case .deferred(let until):
            let delay = Duration.seconds(max(1, until.timeIntervalSince(self.now())))
            return try await context.settling("message_deferred") { transaction in
                if message.state != .deferred {
                    _ = try await self.messages.settle(
                        message.id, as: .deferred, reason: "outside_hours", on: transaction)
                }
                return .snooze(delay)
            }
        case .suppressed(let reason):
            return try await self.settle(message, as: .suppressed, reason.rawValue, then: .completed, context)
        }
    }

    private func compose(
        _ message: MessageForSending, on pool: PostgresPool
    ) async throws -> SafeMessage.Composition {
        guard let recipient = try self.reading.recipient(of: message) else { return .suppressed(.unreadableData) }
        let rules = try await self.reading.rules(of: message.personID, on: pool)
        let avoiding = try await self.reading.avoided(in: message.caseID, on: pool)
        return SafeMessage.compose(
            template: message.template, to: recipient, rules: rules, authenticator: self.authenticator,
            channels: self.send == nil ? [] : [.email], now: self.now(), avoiding: avoiding)
    }

    private func deliver(
        _ safe: SafeMessage, _ message: MessageForSending, _ context: JobContext
    ) async throws -> JobOutcome {
        guard let send = self.send else { throw JobFailure(code: "no_sender") }
        let content = try safe.content(at: self.now())
        let mail: OutgoingMail
        do throws(MailError) {
            mail = try OutgoingMail(
                id: message.id, to: content.address, subject: content.subject, text: content.text,
                date: context.job.createdAt)
        } catch {
            return try await self.settle(message, as: .failed, "bad_address", then: .completed, context)
        }
        switch try Delivery(await send(mail)) {
        case .accepted:
            self.count(.sent)
            return try await context.completing("message_sent") { transaction in
                _ = try await self.messages.settle(message.id, as: .sent, on: transaction)
            }
        case .refused(let reason):
            return try await self.settle(message, as: .failed, reason, then: .completed, context)
        case .later(let reason):
            throw JobFailure(code: reason)
        }
    }

    /// Nothing reached her: the message is settled and the owner's desk is told, or neither.
    private func settle(
        _ message: MessageForSending, as state: MessageState, _ reason: String, then outcome: JobOutcome,
        _ context: JobContext
    ) async throws -> JobOutcome {
        self.count(state)
        context.logger.info(
            "A person was not written to",
            metadata: [
                "message.id": "\(message.id)", "message.state": "\(state.rawValue)", "message.reason": "\(reason)",
            ])
        return try await context.settling("message_settled") { transaction in
            guard try await self.messages.settle(message.id, as: state, reason: reason, on: transaction) else {
                return outcome
            }
            guard let station = try await self.cases.owner(of: message.caseID, on: transaction) else { return outcome }
            let kind = state == .suppressed ? "contact_suppressed" : "contact_failed"
            let notice = try self.notices.add(
                caseID: message.caseID, station: station, kind: kind, in: transaction)
            try await context.store.enqueue(
                JobRequest(NotifyStaff(noticeID: notice), queue: Queues.notification, priority: 2), in: transaction)
            return outcome
        }
    }

    private func count(_ state: MessageState) {
        Counter(label: "notification_messages", dimensions: [("result", state.rawValue)]).increment()
    }
}
