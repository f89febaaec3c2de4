import Casework
import CaseworkStore
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Messaging
import PostgresClient

/// Messages that go in rounds, by their ids.
typealias MessageRounds = JobRounds<UUID, RoundFate>

extension MessageRounds {
    /// How long a message may be in hand, with the wait for a connection while providers are slow.
    static var timeout: Duration { .seconds(300) }
}

/// How far a round has come with a message.
enum RoundFate: Sendable {
    /// Sent, and its job is completed.
    case sent
    /// Nothing is done: it goes alone from its beginning.
    case untouched
    /// Its attempt has begun, nothing was handed over. By which channel it will go, as far as one can tell.
    case begun(ContactChannel?)
    /// A provider was handed it and did not say yes: what it said is written alone.
    case answered(provider: String, ProviderOutcome)
    /// It was handed over, and that is not recorded: the attempt has failed.
    case failed(any Error)
}

/// Messages of one audience that are ready at the same moment, in the two transactions in which each would go alone: their
/// attempts begin in one, and in the other those that one provider is to be handed are judged, handed over and settled with
/// their jobs.
///
/// Each is judged by itself, under its own locks and lease, just before it is handed over. A round waits for nobody's lock, and
/// for no provider but one that has answered soon of late and recognises repeats: "stop" waits for all that the round has
/// handed over, and if the round is lost all of that goes again. So it hands over nothing more when its patience is over or an
/// answer was late, and one at a time. Whatever is not simply sent leaves the round and goes on alone: one message never decides
/// about another.
struct SendingRound<Judge: MessageJudge>: Sendable {
    typealias Part = MessageRounds.Part

    /// For how long a round hands messages over. What is left then goes alone, and is judged by what it finds then.
    static var usualPatience: Duration { .seconds(2) }
    /// How long the last answer may take: alone it may take as long as the provider is given.
    private static var longestAnswer: Duration { .seconds(5) }

    let judge: Judge
    let patience: Duration
    private let messages = MessageStore()
    private var providers: ProviderSet { self.judge.providers }

    init(judge: Judge, patience: Duration) {
        self.judge = judge
        self.patience = patience
    }

    /// Begins an attempt of each.
    /// - Parameter parts: no two of one message.
    /// - Returns: the fate of each, by message.
    @Sendable func begin(_ parts: [Part]) async -> [UUID: RoundFate] {
        guard let pool = parts.first?.context.pool else { return [:] }
        let jobs = parts.map(\.context.job)
        do {
            return try await self.messages.begin(
                parts.map(\.key), jobs: jobs.map(\.id.rawValue), epochs: jobs.map(\.token.epoch),
                numbers: jobs.map(\.token.number), on: pool
            ).mapValues { .begun($0) }
        } catch {
            // Each finds out for itself what is wrong.
            return [:]
        }
    }

    /// Hands over what has begun.
    /// - Parameter provider: who is handed it.
    /// - Returns: the fate of each, by message.
    func send(_ parts: [Part], to provider: String) async -> [UUID: RoundFate] {
        // It may have come to a stop while these waited.
        guard self.providers.takesTogether(provider) else { return [:] }
        var fates: [UUID: RoundFate] = [:]
        do {
            let done = try await JobContext.completing(parts.map(\.context), "message_round") { transaction, held in
                let held = Set(held.map(\.job.id))
                return try await self.send(
                    parts.filter { held.contains($0.context.job.id) }, to: provider, &fates, transaction)
            }
            let jobs = Set(done.map(\.job.id))
            for part in parts where jobs.contains(part.context.job.id) { fates[part.key] = .sent }
        } catch {
            for (message, fate) in fates {
                if case .failed = fate { fates[message] = .failed(error) }
            }
        }
        return fates
    }

    /// Returns those that were sent and are recorded.
    private func send(
        _ parts: [Part], to provider: String, _ fates: inout [UUID: RoundFate], _ transaction: PostgresTransaction
    ) async throws -> [JobContext] {
        // Whoever stood still since then knows nothing any more.
        let end = ContinuousClock.now + self.patience
        let sendings = try await self.judge.lock(parts.map(\.key), mayWait: false, in: transaction)
        var sent: [(id: UUID, record: SentRecord)] = []
        for part in parts {
            guard let sending = sendings[part.key] else { continue }
            // Without the link nothing of this can be recorded any more.
            guard !Task.isCancelled, transaction.isAlive, self.providers.takesTogether(provider) else { break }
            if let record = await self.hand(sending, part, to: provider, until: end, &fates) {
                sent.append((part.key, record))
            }
            // What is urgent gets its turn in between.
            await Task.yield()
        }
        guard !sent.isEmpty else { return [] }
        // They are sent, whether this task is still wanted or not.
        let recorded = try await Task { [sent] in
            try await self.messages.settle(sent: sent, in: transaction)
        }.value
        for (_, record) in sent { MessageCounter.count(.sent, record.provider) }
        return parts.filter { recorded.contains($0.key) }.map(\.context)
    }

    /// Judges one message and hands it over, if nothing speaks against that. Returns what is to be recorded of it.
    private func hand(
        _ sending: Judge.Sending, _ part: Part, to name: String, until end: ContinuousClock.Instant,
        _ fates: inout [UUID: RoundFate]
    ) async -> SentRecord? {
        do {
            switch try self.judge.decide(sending, except: []) {
            case .go(let permit, let way):
                let provider = way.provider
                // Judging takes its time, too.
                guard provider.name == name, ContinuousClock.now < end, self.providers.claim(name) == nil else {
                    return nil
                }
                // From here on it may be out, and whoever cannot say otherwise has to say that.
                fates[part.key] = .failed(JobFailure(code: "not_recorded"))
                let outcome = try await self.providers.ask(
                    provider, permit, template: way.template, startingBefore: end, timeout: Self.longestAnswer)
                guard case .accepted(let reference, let segments) = outcome else {
                    fates[part.key] = .answered(provider: name, outcome)
                    return nil
                }
                return self.providers.record(name, reference: reference, segments: segments)
            case .unknown: return nil
            case .settled: return nil
            case .busy: return nil
            case .later: return nil
            case .denied: return nil
            }
        } catch {
            if case .failed = fates[part.key] { fates[part.key] = .failed(error) }
            return nil
        }
    }
}
