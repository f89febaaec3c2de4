import CaseworkStore
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Messaging
import NIOConcurrencyHelpers
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
    /// Its attempt has begun, nothing was handed over: it goes on alone.
    case begun
    /// A provider was handed it and did not say yes: what it said is written alone.
    case answered(provider: String, ProviderOutcome)
    /// It was handed over, and that is not recorded: the attempt has failed.
    case failed(any Error)
}

/// Messages of one audience that are ready at the same moment, in the two transactions in which each would go alone: their
/// attempts begin in one, and in the other they are judged, handed over and settled with their jobs.
///
/// Each is judged by itself, under its own locks and lease, just before it is handed over. A round waits for nobody's lock, and
/// for no provider but those that have answered soon of late and recognise repeats: "stop" waits for all that the round has
/// handed over, and if the round is lost all of that goes again. So it hands over nothing more when its patience is over, and
/// few at a time. Whatever is not simply sent leaves the round and goes on alone: one message never decides about another.
struct SendingRound<Judge: MessageJudge>: Sendable {
    typealias Part = MessageRounds.Part

    /// For how long a round hands messages over. What is left then goes alone, and is judged by what it finds then.
    static var usualPatience: Duration { .seconds(2) }
    /// Messages that are with providers at a time: as many as a mail server is given connections. Those of other rounds,
    /// and danger to life, get their turns in between.
    private static var atATime: Int { 4 }

    let judge: Judge
    let patience: Duration
    private let messages = MessageStore()
    private var providers: ProviderSet { self.judge.providers }

    init(judge: Judge, patience: Duration) {
        self.judge = judge
        self.patience = patience
    }

    /// - Parameter parts: no two of one message.
    /// - Returns: the fate of each, by message.
    @Sendable func run(_ parts: [Part]) async -> [UUID: RoundFate] {
        let begun: Set<UUID>
        do {
            begun = try await self.begin(parts)
        } catch {
            // Each finds out for itself what is wrong.
            return [:]
        }
        let fates = NIOLockedValueBox(begun.reduce(into: [UUID: RoundFate]()) { $0[$1] = .begun })
        if self.providers.takeTogether(for: self.judge.audience) {
            await self.send(parts.filter { begun.contains($0.key) }, fates)
        }
        return fates.withLockedValue { $0 }
    }

    private func begin(_ parts: [Part]) async throws -> Set<UUID> {
        guard let pool = parts.first?.context.pool else { return [] }
        let jobs = parts.map(\.context.job)
        return try await self.messages.begin(
            parts.map(\.key), jobs: jobs.map(\.id.rawValue), epochs: jobs.map(\.token.epoch),
            numbers: jobs.map(\.token.number), on: pool)
    }

    private func send(_ parts: [Part], _ fates: NIOLockedValueBox<[UUID: RoundFate]>) async {
        do {
            let done = try await JobContext.completing(parts.map(\.context), "message_round") { transaction, held in
                let held = Set(held.map(\.job.id))
                return try await self.send(parts.filter { held.contains($0.context.job.id) }, fates, transaction)
            }
            let jobs = Set(done.map(\.job.id))
            for part in parts where jobs.contains(part.context.job.id) {
                fates.withLockedValue { $0[part.key] = .sent }
            }
        } catch {
            fates.withLockedValue { fates in
                for (message, fate) in fates {
                    if case .failed = fate { fates[message] = .failed(error) }
                }
            }
        }
    }

    /// Returns those that were sent and are recorded.
    private func send(
        _ parts: [Part], _ fates: NIOLockedValueBox<[UUID: RoundFate]>, _ transaction: PostgresTransaction
    ) async throws -> [JobContext] {
        // Whoever stood still since then knows nothing any more.
        let end = ContinuousClock.now + self.patience
        let sendings = try await self.judge.lock(parts.map(\.key), mayWait: false, in: transaction)
        let sent = await self.hand(parts.filter { sendings[$0.key] != nil }, until: end) { part in
            guard let sending = sendings[part.key] else { return nil }
            return await self.hand(sending, part, fates)
        }
        guard !sent.isEmpty else { return [] }
        let recorded = try await self.messages.settle(sent: sent, in: transaction)
        for (_, record) in sent { MessageCounter.count(.sent, record.provider) }
        return parts.filter { recorded.contains($0.key) }.map(\.context)
    }

    /// Hands messages over, a few at a time. Returns what is to be recorded of those that were taken.
    private func hand(
        _ parts: [Part], until end: ContinuousClock.Instant,
        _ hand: @escaping @Sendable (Part) async -> SentRecord?
    ) async -> [(id: UUID, record: SentRecord)] {
        let next = NIOLockedValueBox(parts[...])
        return await withTaskGroup(of: [(id: UUID, record: SentRecord)].self) { group in
            for _ in 0..<min(parts.count, self.judge.sendsAtOnce ? 1 : Self.atATime) {
                group.addTask {
                    var sent: [(id: UUID, record: SentRecord)] = []
                    while ContinuousClock.now < end, let part = next.withLockedValue({ $0.popFirst() }) {
                        if let record = await hand(part) { sent.append((part.key, record)) }
                        // What is urgent gets its turn in between.
                        await Task.yield()
                    }
                    return sent
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Judges one message and hands it over, if nothing speaks against that. Returns what is to be recorded of it.
    private func hand(
        _ sending: Judge.Sending, _ part: Part, _ fates: NIOLockedValueBox<[UUID: RoundFate]>
    ) async -> SentRecord? {
        do {
            switch try self.judge.decide(sending, except: []) {
            case .go(let permit, let way):
                let provider = way.provider
                guard self.providers.takesTogether(provider.name), self.providers.claim(provider.name) == nil else {
                    return nil
                }
                // From here on it may be out, and whoever cannot say otherwise has to say that.
                fates.withLockedValue { $0[part.key] = .failed(JobFailure(code: "not_recorded")) }
                let outcome = try await self.providers.ask(provider, permit, template: way.template)
                guard case .accepted(let reference, let segments) = outcome else {
                    fates.withLockedValue { $0[part.key] = .answered(provider: provider.name, outcome) }
                    return nil
                }
                return self.providers.record(provider.name, reference: reference, segments: segments)
            case .unknown: return nil
            case .settled: return nil
            case .busy: return nil
            case .later: return nil
            case .denied: return nil
            }
        } catch {
            fates.withLockedValue { fates in
                if case .failed = fates[part.key] { fates[part.key] = .failed(error) }
            }
            return nil
        }
    }
}
