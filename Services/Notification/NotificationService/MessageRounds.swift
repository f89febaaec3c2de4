import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Gathers messages that are ready at the same moment and has them sent in rounds.
///
/// Nothing waits for company: whoever comes while a round may begin goes at once, if need be as a round of one; whoever comes
/// while as many are under way as may be goes with the next. While this does not run, everything goes alone.
///
/// It also sees to it that rounds and what goes alone use no more connections than there are for them.
final class MessageRounds: Service {
    /// A message with the job that sends it.
    struct Part: Sendable {
        let message: UUID
        let context: JobContext
    }

    typealias Round = @Sendable ([Part]) async -> [UUID: RoundFate]

    private struct Waiter {
        let part: Part
        let round: Round
        let continuation: CheckedContinuation<RoundFate, Never>
    }

    private struct State {
        var isOpen = false
        var waiting: [Waiter] = []
        var idle: [CheckedContinuation<Void, Never>] = []

        /// Those of one kind, no message twice.
        mutating func takeRound() -> [Waiter] {
            guard let kind = self.waiting.first?.part.context.job.kind else { return [] }
            var (taken, left): ([Waiter], [Waiter]) = ([], [])
            var messages: Set<UUID> = []
            for waiter in self.waiting {
                if taken.count < MessageRounds.largest, waiter.part.context.job.kind == kind,
                    messages.insert(waiter.part.message).inserted
                {
                    taken.append(waiter)
                } else {
                    left.append(waiter)
                }
            }
            self.waiting = left
            return taken
        }
    }

    /// Most messages of one round.
    static let largest = 32
    /// Rounds at a time: the database works on one while this process works on another.
    static let atATime = 3

    private let places: Places
    private let state = NIOLockedValueBox(State())

    /// - Parameter connections: how many rounds and messages that go alone there are at a time.
    init(connections: Int) {
        self.places = Places(connections)
    }

    /// Until graceful shutdown; by then nobody is to come any more, and whoever does goes alone.
    func run() async throws {
        self.open()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.atATime { group.addTask { await self.work() } }
            group.addTask {
                try? await gracefulShutdown()  // Cancelled instead: the end is the same.
                self.close()
            }
        }
    }

    /// From now on messages gather; what has gathered is sent when this runs.
    func open() { self.state.withLockedValue { $0.isOpen = true } }

    /// How many wait for a round.
    var gathered: Int { self.state.withLockedValue { $0.waiting.count } }

    /// Waits until a round has seen to the message.
    func take(_ part: Part, _ round: @escaping Round) async -> RoundFate {
        await withCheckedContinuation { continuation in
            let (isOpen, sleeper) = self.state.withLockedValue { state in
                guard state.isOpen else { return (false, CheckedContinuation<Void, Never>?.none) }
                state.waiting.append(Waiter(part: part, round: round, continuation: continuation))
                return (true, state.idle.popLast())
            }
            if !isOpen { continuation.resume(returning: .untouched) }
            sleeper?.resume()
        }
    }

    /// Runs what a message does alone, when there is a connection for it.
    func alone<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        await self.places.take()
        defer { self.places.giveBack() }
        return try await body()
    }

    private func work() async {
        while let waiters = await self.next() {
            let parts = waiters.map(\.part)
            let fates = await self.alone { await waiters[0].round(parts) }
            for waiter in waiters { waiter.continuation.resume(returning: fates[waiter.part.message] ?? .untouched) }
        }
    }

    /// The next round's; nil when it is over.
    private func next() async -> [Waiter]? {
        while true {
            let (waiters, isOpen) = self.state.withLockedValue { ($0.takeRound(), $0.isOpen) }
            if !waiters.isEmpty { return waiters }
            guard isOpen else { return nil }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mustWait = self.state.withLockedValue { state in
                    // What has happened since found nobody to wake.
                    let mustWait = state.isOpen && state.waiting.isEmpty
                    if mustWait { state.idle.append(continuation) }
                    return mustWait
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    private func close() {
        let sleepers = self.state.withLockedValue { state in
            state.isOpen = false
            defer { state.idle = [] }
            return state.idle
        }
        for sleeper in sleepers { sleeper.resume() }
    }
}
