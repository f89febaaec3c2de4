import CaseworkStore
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Messaging
import Metrics
import PostgresClient
import Safeguarding

/// Sends one message: two transactions, each of which judges it anew.
///
/// The first ends the matter when nothing may be sent now; else it records that an attempt begins, and commits. The second
/// holds the lease, the message, the person and her rules, judges again, hands the message to a provider and writes what
/// came of it, so that whoever stops contact, changes a rule or takes the job back waits until it is known. Whoever dies in
/// the middle leaves the message `sending`, and the next attempt is marked as a repeat: the message is one, with one id,
/// which mail and carriers that know idempotency keys recognise; with the others a repeat may arrive twice, and shows.
struct MessageSender: Sendable {
    let judge: any MessageJudge
    let providers: ProviderSet
    let retryPolicy: RetryPolicy
    private let messages = MessageStore()
    private let follower = Follower()

    /// Providers that are asked in one attempt, and how long all of it may take: the lease and locks are held meanwhile.
    private static let patience: Duration = .seconds(25)

    init(judge: any MessageJudge, providers: ProviderSet, retryPolicy: RetryPolicy) {
        self.judge = judge
        self.providers = providers
        self.retryPolicy = retryPolicy
    }

    func run(_ id: UUID, _ context: JobContext) async throws -> JobOutcome {
        do {
            return try await self.send(id, context)
        } catch let error as JobQueueError where error.code == .leaseLost {
            throw error  // Somebody else has it, or has settled it.
        } catch  where context.isLastAttempt && !Task.isCancelled {
            // The job ends here: the message must not be left behind without one.
            let code = (error as? JobFailure)?.code ?? "error"
            return try await context.settling("message_given_up") { transaction in
                try await self.fail(id, code, .discard(code: code), context, transaction)
            }
        }
    }

    private func send(_ id: UUID, _ context: JobContext) async throws -> JobOutcome {
        let start = try await context.pool.withTransaction("message_begin") { transaction in
            try await context.store.hold(context.job, in: transaction)
            return try await self.begin(id, context, transaction)
        }
        switch start {
        case .done(let outcome): return outcome
        case .attempt(let number):
            return try await context.settling("message_send") { transaction in
                try await self.attempt(id, number, context, transaction)
            }
        }
    }

    private enum Start: Sendable {
        case done(JobOutcome)
        case attempt(Int)
    }

    private func begin(
        _ id: UUID, _ context: JobContext, _ transaction: PostgresTransaction
    ) async throws -> Start {
        let verdict = try await self.judge.judge(id, attempt: 0, except: [], in: transaction)
        switch consume verdict {
        case .go:
            // That permit is not used: the one that counts is made when it counts.
            guard let attempt = try await self.messages.begin(id, on: transaction) else { return .done(.completed) }
            if attempt.repeats {
                context.logger.warning(
                    "A message may be sent twice: an attempt did not come to its end",
                    metadata: ["message.id": "\(id)"])
            }
            return .attempt(attempt.number)
        case .unknown: return .done(.discard(code: "unknown_message"))
        case .settled: return .done(.completed)
        case .busy: return .done(.snooze(.seconds(1)))
        case .later(let after, let reason):
            _ = try await self.messages.settle(id, as: .scheduled, reason: reason, on: transaction)
            return .done(.snooze(after))
        case .denied(let reason):
            return .done(try await self.deny(id, reason, context, transaction))
        }
    }

    private func attempt(
        _ id: UUID, _ number: Int, _ context: JobContext, _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        let deadline = ContinuousClock.now + Self.patience
        var asked: Set<String> = []
        var code = "no_provider"
        var expired = 0
        while ContinuousClock.now < deadline {
            let verdict = try await self.judge.judge(id, attempt: number, except: asked, in: transaction)
            switch consume verdict {
            case .unknown: return .discard(code: "unknown_message")
            case .settled: return .completed
            case .busy:
                guard asked.isEmpty else { return try await self.again(id, code, context, transaction) }
                _ = try await self.messages.settle(id, as: .pending, reason: "providers_busy", on: transaction)
                return .snooze(.seconds(1))
            case .later(let after, let reason):
                _ = try await self.messages.settle(id, as: .scheduled, reason: reason, on: transaction)
                return .snooze(after)
            case .denied(let reason):
                guard reason != .channelUnavailable || asked.isEmpty else {
                    // All providers of the channel were asked.
                    return try await self.again(id, code, context, transaction)
                }
                return try await self.deny(id, reason, context, transaction)
            case .go(let permit, let provider, let template):
                if let wait = self.providers.claim(provider.name) {
                    _ = try await self.messages.settle(id, as: .pending, reason: "providers_busy", on: transaction)
                    return .snooze(max(wait, .milliseconds(100)))
                }
                let outcome = try await provider.send(permit, template: template)
                self.providers.report(provider.name, outcome)
                switch outcome {
                case .accepted(let reference, let segments):
                    self.count(.sent, provider.name)
                    let record = SentRecord(
                        provider: provider.name, reference: reference, segments: segments,
                        cost: self.providers.cost(provider.name, segments: segments))
                    _ = try await self.messages.settle(id, as: .sent, sent: record, on: transaction)
                    return .completed
                case .refused(let reason):
                    return try await self.fail(id, reason, .completed, context, transaction)
                case .later(let reason):
                    code = reason
                    asked.insert(provider.name)
                case .unknown(let reason):
                    return try await self.again(id, reason, mayBeSent: true, context, transaction)
                case .expired:
                    code = "permit_expired"
                    expired += 1
                    guard expired < 3 else { return try await self.again(id, code, context, transaction) }
                }
            }
        }
        return try await self.again(id, code, context, transaction)
    }

    /// Another attempt later, or the end if this was the last. A message that may have been sent stays `sending`.
    private func again(
        _ id: UUID, _ code: String, mayBeSent: Bool = false, _ context: JobContext, _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        guard !context.isLastAttempt else {
            return try await self.fail(id, code, .discard(code: code), context, transaction)
        }
        _ = try await self.messages.settle(id, as: mayBeSent ? .sending : .pending, reason: code, on: transaction)
        var generator = SystemRandomNumberGenerator()
        return .retry(
            after: self.retryPolicy.delay(afterAttempt: context.job.attempt, using: &generator), code: code)
    }

    private func deny(
        _ id: UUID, _ reason: DenialReason, _ context: JobContext, _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        let state: MessageState =
            switch reason {
            case .stopped: .cleared
            case .muted: .muted
            default: .denied
            }
        self.count(state, nil)
        context.logger.info(
            "A message was not sent",
            metadata: [
                "message.id": "\(id)", "message.state": "\(state.rawValue)", "message.reason": "\(reason.rawValue)",
            ]
        )
        if state == .muted {
            _ = try await self.messages.settle(id, as: state, on: transaction)
        } else {
            try await self.follower.end(id, as: state, reason.rawValue, store: context.store, in: transaction)
        }
        return .completed
    }

    private func fail(
        _ id: UUID, _ reason: String, _ outcome: JobOutcome, _ context: JobContext, _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        self.count(.failed, nil)
        context.logger.error(
            "A message could not be sent", metadata: ["message.id": "\(id)", "message.reason": "\(reason)"])
        try await self.follower.end(id, as: .failed, reason, store: context.store, in: transaction)
        return outcome
    }

    private func count(_ state: MessageState, _ provider: String?) {
        Counter(
            label: "notification_messages", dimensions: [("result", state.rawValue), ("provider", provider ?? "none")]
        ).increment()
    }
}

extension JobContext {
    /// Whether the job is given up if this attempt fails.
    var isLastAttempt: Bool { self.job.attempt >= self.job.maximumAttempts }
}
