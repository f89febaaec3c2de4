import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Messaging
import Metrics
import PostgresClient
import Safeguarding

/// Sends messages, each in two transactions.
///
/// The first records that an attempt begins, and commits. The second holds the lease, the message, the person and her
/// rules, judges, hands the message to a provider and writes what came of it, so that whoever stops contact, changes a
/// rule or takes the job back waits until it is known. Whoever dies in the middle leaves the message `sending`, and the
/// next attempt is marked as a repeat: the message is one, with one id, which mail and carriers that know idempotency keys
/// recognise; with the others a repeat may arrive twice, and shows.
///
/// What is ready at the same moment goes through these in one round (`SendingRound`), as far as that goes well. What is
/// left, and danger to life, goes alone, as here.
struct MessageSender<Judge: MessageJudge>: Sendable {
    let judge: Judge
    let rounds: SendingRounds?
    let retryPolicy: RetryPolicy
    let roundPatience: Duration
    private let messages = MessageStore()
    private var providers: ProviderSet { self.judge.providers }

    /// Providers that are asked in one attempt, and how long all of it may take: the lease and locks are held meanwhile.
    private static var patience: Duration { .seconds(25) }

    init(judge: Judge, rounds: SendingRounds?, retryPolicy: RetryPolicy, roundPatience: Duration) {
        self.judge = judge
        self.rounds = rounds
        self.retryPolicy = retryPolicy
        self.roundPatience = roundPatience
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
                // Unless it had come to its end before.
                if try await self.messages.settle(id, as: .failed, reason: code, on: transaction) {
                    try self.hasFailed(id, code, context, transaction)
                }
                return .discard(code: code)
            }
        }
    }

    private func send(_ id: UUID, _ context: JobContext) async throws -> JobOutcome {
        guard let rounds = self.rounds, !context.isUrgent else { return try await self.alone(id, context, .untouched) }
        let round = SendingRound(judge: self.judge, patience: self.roundPatience)
        let part = MessageRounds.Part(id, context)
        var fate = await rounds.beginning.take(part, round.begin)
        var line = rounds.beginning
        if case .begun(let channel) = fate {
            // Where it depends on her hours it may be mail, and waits where that waits.
            let providers = self.providers.first(for: self.judge.audience, channel ?? .email)
            if let provider = providers.first { line = rounds.line(to: provider) }
            if let provider = providers.first, providers.count == 1, channel != nil,
                self.providers.takesTogether(provider)
            {
                fate = await line.take(part) { await round.send($0, to: provider) }
            }
        }
        switch fate {
        case .sent: return .completed
        case .failed(let error): throw error
        case .untouched, .begun, .answered:
            let outcome = try await line.alone(within: rounds.patience) { try await self.alone(id, context, fate) }
            if let outcome { return outcome }
            return try await rounds.beginning.alone { try await self.putBack(id, context, fate) }
        }
    }

    /// There was no connection for it in time: nobody is kept waiting behind it. What was handed over is not taken back.
    private func putBack(_ id: UUID, _ context: JobContext, _ fate: RoundFate) async throws -> JobOutcome {
        if case .answered = fate { return try await self.alone(id, context, fate) }
        guard case .begun = fate else { return .snooze(.seconds(1)) }
        return try await context.settling("message_put_back") { transaction in
            try self.messages.postSettle(id, as: .pending, reason: "providers_busy", in: transaction)
            return .snooze(.seconds(1))
        }
    }

    /// - Parameter fate: how far a round has come with it.
    private func alone(_ id: UUID, _ context: JobContext, _ fate: RoundFate) async throws -> JobOutcome {
        if case .untouched = fate { try await self.begin(id, context) }
        return try await context.settling("message_send") { transaction in
            if case .answered(let provider, let outcome) = fate {
                return try await self.answered(id, provider, outcome, context, transaction)
            }
            return try await self.attempt(id, context, transaction)
        }
    }

    /// What a provider said in a round and was not yes. Nothing holds the message since: if it was settled meanwhile it stays
    /// as it is.
    private func answered(
        _ id: UUID, _ provider: String, _ outcome: ProviderOutcome, _ context: JobContext,
        _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        switch outcome {
        case .refused(let reason):
            if try await self.messages.settle(id, as: .failed, reason: reason, on: transaction) {
                try self.hasFailed(id, reason, context, transaction)
            }
            return .completed
        case .unknown(let reason): return try self.again(id, reason, mayBeSent: true, context, transaction)
        case .later(let reason):
            return try await self.attempt(id, except: [provider], code: reason, context, transaction)
        case .accepted, .expired: return try await self.attempt(id, context, transaction)
        }
    }

    /// The trace that an attempt leaves if it never comes to an end. One round trip: nothing is read, and of a message that
    /// is settled nothing is written.
    private func begin(_ id: UUID, _ context: JobContext) async throws {
        do {
            try await context.pool.withTransaction("message_begin") { transaction in
                try context.store.postHold(context.job, in: transaction)
                try self.messages.postBegin(id, in: transaction)
            }
        } catch let error as PostgresError {
            throw JobQueueError(error) ?? error
        }
    }

    private func attempt(
        _ id: UUID, except asked: Set<String> = [], code: String = "no_provider", _ context: JobContext,
        _ transaction: PostgresTransaction
    ) async throws -> JobOutcome {
        let deadline = ContinuousClock.now + Self.patience
        var (asked, code) = (asked, code)
        var expired = 0
        while ContinuousClock.now < deadline {
            let verdict = try await self.judge.judge(id, except: asked, in: transaction)
            switch consume verdict {
            case .unknown: return .discard(code: "unknown_message")
            case .settled: return .completed
            case .busy:
                guard asked.isEmpty else { return try self.again(id, code, context, transaction) }
                try self.messages.postSettle(id, as: .pending, reason: "providers_busy", in: transaction)
                return .snooze(.seconds(1))
            case .later(let after, let reason):
                try self.messages.postSettle(id, as: .scheduled, reason: reason, in: transaction)
                return .snooze(after)
            case .denied(let reason):
                guard reason != .channelUnavailable || asked.isEmpty else {
                    // All providers of the channel were asked.
                    return try self.again(id, code, context, transaction)
                }
                return try self.deny(id, reason, context, transaction)
            case .go(let permit, let way):
                let provider = way.provider
                if let wait = self.providers.claim(provider.name) {
                    try self.messages.postSettle(id, as: .pending, reason: "providers_busy", in: transaction)
                    return .snooze(max(wait, .milliseconds(100)))
                }
                let outcome = try await self.providers.ask(provider, permit, template: way.template)
                switch outcome {
                case .accepted(let reference, let segments):
                    MessageCounter.count(.sent, provider.name)
                    let record = self.providers.record(provider.name, reference: reference, segments: segments)
                    try self.messages.postSettle(id, as: .sent, sent: record, in: transaction)
                    return .completed
                case .refused(let reason):
                    return try self.fail(id, reason, .completed, context, transaction)
                case .later(let reason):
                    code = reason
                    asked.insert(provider.name)
                case .unknown(let reason):
                    return try self.again(id, reason, mayBeSent: true, context, transaction)
                case .expired:
                    code = "permit_expired"
                    expired += 1
                    guard expired < 3 else { return try self.again(id, code, context, transaction) }
                }
            }
        }
        return try self.again(id, code, context, transaction)
    }

    /// Another attempt later, or the end if this was the last. A message that may have been sent stays `sending`.
    private func again(
        _ id: UUID, _ code: String, mayBeSent: Bool = false, _ context: JobContext, _ transaction: PostgresTransaction
    ) throws -> JobOutcome {
        guard !context.isLastAttempt else {
            return try self.fail(id, code, .discard(code: code), context, transaction)
        }
        try self.messages.postSettle(id, as: mayBeSent ? .sending : .pending, reason: code, in: transaction)
        var generator = SystemRandomNumberGenerator()
        return .retry(
            after: self.retryPolicy.delay(afterAttempt: context.job.attempt, using: &generator), code: code)
    }

    private func deny(
        _ id: UUID, _ reason: DenialReason, _ context: JobContext, _ transaction: PostgresTransaction
    ) throws -> JobOutcome {
        let state: MessageState =
            switch reason {
            case .stopped: .cleared
            case .muted, .nothingToSay: .muted
            default: .denied
            }
        MessageCounter.count(state, nil)
        context.logger.info(
            "A message was not sent",
            metadata: [
                "message.id": "\(id)", "message.state": "\(state.rawValue)", "message.reason": "\(reason.rawValue)",
            ]
        )
        try self.messages.postSettle(
            id, as: state, reason: reason == .muted ? nil : reason.rawValue, in: transaction)
        if state != .muted {
            try self.follow(id, reason.rawValue, wasForbidden: true, context, transaction)
        }
        return .completed
    }

    private func fail(
        _ id: UUID, _ reason: String, _ outcome: JobOutcome, _ context: JobContext, _ transaction: PostgresTransaction
    ) throws -> JobOutcome {
        try self.messages.postSettle(id, as: .failed, reason: reason, in: transaction)
        try self.hasFailed(id, reason, context, transaction)
        return outcome
    }

    private func hasFailed(
        _ id: UUID, _ reason: String, _ context: JobContext, _ transaction: PostgresTransaction
    ) throws {
        MessageCounter.count(.failed, nil)
        context.logger.error(
            "A message could not be sent", metadata: ["message.id": "\(id)", "message.reason": "\(reason)"])
        try self.follow(id, reason, wasForbidden: false, context, transaction)
    }

    /// Has people act: the task, and the notice that tells a desk of it, commit with the state that calls for them.
    private func follow(
        _ id: UUID, _ reason: String, wasForbidden: Bool, _ context: JobContext, _ transaction: PostgresTransaction
    ) throws {
        try self.messages.postFollow(id, reason: reason, wasForbidden: wasForbidden, in: transaction)
        context.store.ringAfterCommit([Queues.urgentNotification, Queues.notification], in: transaction)
    }
}

/// What became of messages, for metrics.
enum MessageCounter {
    static func count(_ state: MessageState, _ provider: String?) {
        Counter(
            label: "notification_messages", dimensions: [("result", state.rawValue), ("provider", provider ?? "none")]
        ).increment()
    }
}

extension ProviderSet {
    /// What is recorded of a message that a provider took.
    func record(_ provider: String, reference: String?, segments: Int) -> SentRecord {
        SentRecord(
            provider: provider, reference: reference, segments: segments,
            cost: self.cost(provider, segments: segments))
    }
}

extension JobContext {
    /// Whether the job is given up if this attempt fails.
    var isLastAttempt: Bool { self.job.attempt >= self.job.maximumAttempts }
}
