import NIOConcurrencyHelpers
public import ServiceLifecycle

/// Gathers what is ready at the same moment and has it done in rounds, such as one transaction for all of it: jobs that their
/// handlers do together, requests that came at once.
///
/// Nothing waits for company: whoever comes while a round may begin goes at once, if need be as a round of one; whoever comes
/// while as many are under way as may be goes with the next. While this does not run, everything goes alone.
///
/// It also sees to it that rounds and what goes alone use no more connections than there are for them. `Key` is what an item is
/// about: no round has two of one. `Fate` is what a round says of each.
public final class TransactionRounds<Key: Hashable & Sendable, Item: Sendable, Fate: Sendable>: Service {
    /// An item and what it is about.
    public struct Part: Sendable {
        public let key: Key
        /// Only what is of one kind goes together.
        public let kind: String
        public let item: Item

        public init(_ key: Key, kind: String, _ item: Item) {
            self.key = key
            self.kind = kind
            self.item = item
        }
    }

    /// Does a round. Whoever is missing in what it returns was not touched.
    public typealias Round = @Sendable ([Part]) async -> [Key: Fate]

    private struct Waiter {
        let id: Int
        let part: Part
        let round: Round
        let continuation: CheckedContinuation<Fate, Never>
    }

    private struct State {
        var isOpen = false
        var waiting: [Waiter] = []
        var lastID = 0
        var idle: [CheckedContinuation<Void, Never>] = []

        /// Those of one kind, no key twice.
        mutating func takeRound(_ largest: Int) -> [Waiter] {
            guard let kind = self.waiting.first?.part.kind else { return [] }
            var (taken, left): ([Waiter], [Waiter]) = ([], [])
            var keys: Set<Key> = []
            for waiter in self.waiting {
                if taken.count < largest, waiter.part.kind == kind, keys.insert(waiter.part.key).inserted {
                    taken.append(waiter)
                } else {
                    left.append(waiter)
                }
            }
            self.waiting = left
            return taken
        }
    }

    /// Most parts of one round.
    public let largest: Int
    /// Rounds at a time: the database works on one while this process works on another.
    private let atATime: Int
    /// As many parts as keep the rounds busy: those of the rounds under way, and of one that gathers.
    public var slots: Int { (self.atATime + 1) * self.largest }
    /// The fate of one that no round has touched.
    private let untouched: Fate
    private let places: Places
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - connections: how many rounds and parts that go alone there are at a time.
    ///   - untouched: the fate of one that no round has touched, which goes alone.
    public init(connections: Int, largest: Int = 32, atATime: Int = 3, untouched: Fate) {
        self.places = Places(connections)
        self.largest = largest
        self.atATime = atATime
        self.untouched = untouched
    }

    /// Rounds of their own, which use the connections of `others` with these and never more than `most` of them.
    public init(
        sharing others: TransactionRounds, most: Int, largest: Int, atATime: Int, untouched: Fate
    ) {
        self.places = Places(most, within: others.places)
        self.largest = largest
        self.atATime = atATime
        self.untouched = untouched
    }

    /// Until graceful shutdown; by then nobody is to come any more, and whoever does goes alone.
    public func run() async throws {
        self.open()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<self.atATime { group.addTask { await self.work() } }
            group.addTask {
                try? await gracefulShutdown()  // Cancelled instead: the end is the same.
                self.close()
            }
        }
    }

    /// From now on parts gather; what has gathered is done when this runs.
    public func open() { self.state.withLockedValue { $0.isOpen = true } }

    /// How many wait for a round.
    public var gathered: Int { self.state.withLockedValue { $0.waiting.count } }

    /// Waits until a round has seen to the part. Who is cancelled before a round has begun with it is in none, and goes alone; so
    /// does whoever has waited for that as long as its patience: a round that hangs is waited for by nobody but its own.
    public func take(_ part: Part, patience: Duration? = nil, _ round: @escaping Round) async -> Fate {
        let id = self.state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        let end = patience.map { ContinuousClock.now + $0 }
        let timer = end.map { EpollReactor.shared.schedule(at: $0) { self.leave(id) } }
        defer { if let timer { EpollReactor.shared.cancel(timer) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (gathers, sleeper) = self.state.withLockedValue { state in
                    // Looked at under the lock: what would take it out may have found nobody before this.
                    guard state.isOpen, !Task.isCancelled, end.map({ .now < $0 }) ?? true else {
                        return (false, CheckedContinuation<Void, Never>?.none)
                    }
                    state.waiting.append(Waiter(id: id, part: part, round: round, continuation: continuation))
                    return (true, state.idle.popLast())
                }
                if !gathers { continuation.resume(returning: self.untouched) }
                sleeper?.resume()
            }
        } onCancel: {
            self.leave(id)
        }
    }

    /// Takes out who still gathers.
    private func leave(_ id: Int) {
        let waiter: Waiter? = self.state.withLockedValue { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: self.untouched)
    }

    /// Runs what a part does alone, when there is a connection for it.
    public func alone<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        await self.places.take()
        defer { self.places.giveBack() }
        return try await body()
    }

    /// The same for whoever does not wait for ever; nil when there was no connection for it in that time.
    public func alone<Value: Sendable>(
        within patience: Duration, _ body: () async throws -> Value
    ) async rethrows -> Value? {
        guard await self.places.take(within: patience) else { return nil }
        defer { self.places.giveBack() }
        return try await body()
    }

    private func work() async {
        while let waiters = await self.next() {
            let parts = waiters.map(\.part)
            let fates = await self.alone { await waiters[0].round(parts) }
            for waiter in waiters { waiter.continuation.resume(returning: fates[waiter.part.key] ?? self.untouched) }
        }
    }

    /// The next round's; nil when it is over.
    private func next() async -> [Waiter]? {
        while true {
            let (waiters, isOpen) = self.state.withLockedValue { ($0.takeRound(self.largest), $0.isOpen) }
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
