/// Leases an agency's hand-overs, opens their packages, lets a handler decide and work, and gives the answers.
///
/// A hand-over is delivered at least once; it is accepted at most once. While a handler decides, the lease is renewed;
/// when it is lost, the handler's task is cancelled and nothing is answered.
public final class AgencyConsumer: Sendable {
    /// How a consumer works.
    public struct Configuration: Sendable {
        /// How many hand-overs may be in hand at once, accepted ones that are still worked on included.
        public var concurrency: Int
        /// How long one poll waits at the gateway, up to 25 seconds.
        public var wait: Duration
        /// For how long a hand-over is leased and renewed, 30 to 900 seconds.
        public var lease: Duration
        /// The longest pause after polls that failed.
        public var maximumPause: Duration
        /// When a hand-over that could not be handled may be leased again.
        public var handBackDelay: Duration

        /// The defaults suit an agency with a few hundred referrals a day.
        public init(
            concurrency: Int = 4, wait: Duration = .seconds(20), lease: Duration = .seconds(120),
            maximumPause: Duration = .seconds(15), handBackDelay: Duration = .seconds(30)
        ) {
            precondition(concurrency > 0, "a consumer needs a slot")
            self.concurrency = concurrency
            self.wait = wait
            self.lease = lease
            self.maximumPause = maximumPause
            self.handBackDelay = handBackDelay
        }
    }

    let client: AgencyClient
    let privateKey: AgencyPrivateKey
    let handler: any AgencyHandler
    let configuration: Configuration
    let onEvent: @Sendable (AgencyConsumerEvent) -> Void
    private let slots: LeaseSlots
    private let (drainRequests, drainRequest) = AsyncStream.makeStream(of: Void.self)

    /// - Parameter onEvent: told what happens, for a log; called from several tasks, must not block.
    public init(
        client: AgencyClient, privateKey: AgencyPrivateKey, handler: any AgencyHandler,
        configuration: Configuration = Configuration(),
        onEvent: @escaping @Sendable (AgencyConsumerEvent) -> Void = { _ in }
    ) {
        self.client = client
        self.privateKey = privateKey
        self.handler = handler
        self.configuration = configuration
        self.onEvent = onEvent
        self.slots = LeaseSlots(configuration.concurrency)
    }

    /// Leases no more; ``run()`` returns when all that is in hand is finished. Meant for a signal handler.
    public func drain() {
        self.drainRequest.finish()
    }

    /// Works until ``drain()`` is called or the task is cancelled. Call it once.
    /// - Throws: `AgencyError.unauthenticated` when the gateway does not know the key: waiting would not cure that.
    public func run() async throws {
        let (leases, leased) = AsyncStream.makeStream(of: AgencyLease.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { leased.finish() }
                try await self.pollUntilDrained(into: leased)
            }
            group.addTask {
                await withDiscardingTaskGroup { work in
                    for await lease in leases {
                        work.addTask {
                            await self.handle(lease)
                            self.slots.give(back: 1)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func pollUntilDrained(into leased: AsyncStream<AgencyLease>.Continuation) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.poll(into: leased) }
            group.addTask { for await _ in self.drainRequests {} }
            // The polling ends only by throwing; the other ends when draining begins.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func poll(into leased: AsyncStream<AgencyLease>.Continuation) async throws {
        // The pauses are made here, where they are told about.
        var client = self.client
        client.retry = AgencyRetryPolicy(maximumAttempts: 1)
        var failures = 0
        while true {
            let slots = await self.slots.take(upTo: 20)
            guard slots > 0 else { return }
            var used = 0
            defer { self.slots.give(back: slots - used) }
            do {
                let leases = try await client.lease(
                    max: slots, wait: self.configuration.wait, lease: self.configuration.lease)
                failures = 0
                guard !leases.isEmpty else { continue }
                self.onEvent(.leased(count: leases.count))
                used = min(slots, leases.count)
                for lease in leases { leased.yield(lease) }
            } catch let error as AgencyError where error.code != .unauthenticated {
                failures += 1
                let pauses = AgencyRetryPolicy(initialDelay: .seconds(1), maximumDelay: self.configuration.maximumPause)
                let pause = pauses.delay(afterAttempt: failures, asked: error.retryAfter)
                self.onEvent(.pollFailed(error: error, pause: pause))
                try await Task.sleep(for: pause)
            }
        }
    }
}
