import NIOConcurrencyHelpers
public import ServiceLifecycle

/// Gathers what is ready at the same moment and has it done in rounds, such as one transaction for all of it: jobs that their
/// handlers do together, requests that came at once.
///
/// Whoever comes while no round is under way goes at once, if need be as a round of one. Beside others a round begins when it
/// is full, or when the first of it has waited for `company`: several small ones at a time would cost more and be no sooner,
/// and one that hangs keeps the next no longer than that (`RoundPace`). While this does not run, everything goes alone.
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

    /// As many parts as keep the rounds busy: those of the rounds under way, and of one that gathers.
    public var slots: Int { (self.pace.atATime + 1) * self.pace.largest }
    /// Most parts of one round.
    public var largest: Int { self.pace.largest }
    private let pace: RoundPace
    /// The fate of one that no round has touched.
    private let untouched: Fate
    private let places: Places
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - connections: how many rounds and parts that go alone there are at a time.
    ///   - untouched: the fate of one that no round has touched, which goes alone.
    public init(connections: Int, _ pace: RoundPace = RoundPace(), untouched: Fate) {
        self.places = Places(connections)
        self.pace = pace
        self.untouched = untouched
    }

    /// Rounds of their own, which use the connections of `others` with these and never more than `most` of them.
    public init(sharing others: TransactionRounds, most: Int, _ pace: RoundPace, untouched: Fate) {
        self.places = Places(most, within: others.places)
        self.pace = pace
        self.untouched = untouched
    }

    /// Until graceful shutdown; by then nobody is to come any more, and whoever does goes alone.
    public func run() async throws {
        self.open()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<self.pace.atATime { group.addTask { await self.work() } }
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
                    state.waiting.append(
                        Waiter(id: id, part: part, round: round, came: .now, continuation: continuation))
                    guard state.isReady(self.pace) else {
                        self.setTimer(&state)
                        return (true, nil)
                    }
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
            self.state.withLockedValue { $0.underWay -= 1 }
            for waiter in waiters { waiter.continuation.resume(returning: fates[waiter.part.key] ?? self.untouched) }
        }
    }

    /// The next round's, which is under way from now on; nil when it is over.
    private func next() async -> [Waiter]? {
        while true {
            let (waiters, sleeper, isOpen) = self.state.withLockedValue { state in
                guard state.isReady(self.pace) else {
                    self.setTimer(&state)
                    return ([Waiter](), CheckedContinuation<Void, Never>?.none, state.isOpen)
                }
                let waiters = state.begin(self.pace)
                // Those that are left may be another's already, or are in time.
                if state.isReady(self.pace) { return (waiters, state.idle.popLast(), true) }
                self.setTimer(&state)
                return (waiters, nil, true)
            }
            sleeper?.resume()
            if !waiters.isEmpty { return waiters }
            guard isOpen else { return nil }
            await self.sleep()
        }
    }

    /// Until there may be something to do.
    private func sleep() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let mustWait = self.state.withLockedValue { state in
                // What has happened since found nobody to wake.
                let mustWait = state.isOpen && !state.isReady(self.pace)
                if mustWait { state.idle.append(continuation) }
                return mustWait
            }
            if !mustWait { continuation.resume() }
        }
    }

    /// Has somebody look again when those who wait may begin even so.
    private func setTimer(_ state: inout State) {
        guard !state.waiting.isEmpty, let end = state.end(self.pace), state.timer.map({ end < $0 }) ?? true else {
            return
        }
        state.timer = end
        // Not called off: it looks how things are then.
        _ = EpollReactor.shared.schedule(at: end) {
            let sleeper: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
                if state.timer == end { state.timer = nil }
                guard state.isReady(self.pace) else {
                    self.setTimer(&state)
                    return nil
                }
                return state.idle.popLast()
            }
            sleeper?.resume()
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
