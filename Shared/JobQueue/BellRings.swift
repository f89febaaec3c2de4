public import Logging
public import PostgresClient

/// What the bell tells one who waits on queues.
public enum BellRing: Sendable, Equatable {
    /// A queue has something.
    case rang(QueueTag)
    /// Rings before this moment may be lost. Look for yourself.
    case mayHaveMissed
}

/// The bell's rings, opened with the key that workers have (`queue.bell_key()`).
///
/// What it hears goes to every listener of the database, and each login may listen: without the key a ring says that something
/// happened, and not to whom. The key is read when listening begins and after each reconnection; while it cannot be read, rings are
/// passed over, and the consumers' poll finds the jobs.
public struct BellRings: AsyncSequence, Sendable {
    private let events: AsyncStream<PostgresListenerEvent>
    private let pool: PostgresPool
    private let logger: Logger

    /// Subscribes at once.
    /// - Parameter pool: of a role that works on queues.
    public init(listener: PostgresListener, pool: PostgresPool, logger: Logger) {
        self.events = listener.subscribe(JobBell.channel)
        self.pool = pool
        self.logger = logger
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(events: self.events.makeAsyncIterator(), pool: self.pool, logger: self.logger)
    }

    public struct Iterator: AsyncIteratorProtocol {
        /// From one try to read the key to the next.
        private static let pause = Duration.seconds(1)

        private var events: AsyncStream<PostgresListenerEvent>.Iterator
        private let pool: PostgresPool
        private let logger: Logger
        private var key: BellKey?
        private var nextTry: ContinuousClock.Instant?

        init(events: AsyncStream<PostgresListenerEvent>.Iterator, pool: PostgresPool, logger: Logger) {
            self.events = events
            self.pool = pool
            self.logger = logger
        }

        /// The next ring; `nil` when the listener has ended.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> BellRing? {
            while let event = await self.events.next(isolation: actor) {
                switch event {
                case .mayHaveMissed:
                    // Another server may be behind the address now. Who asks is told at once; the key is read after that.
                    self.key = nil
                    self.nextTry = nil
                    return .mayHaveMissed
                case .notification(let payload):
                    if self.key == nil { await self.readKey() }
                    // Anybody may notify: what is none of ours is passed over.
                    if let tag = self.key?.open(payload) { return .rang(tag) }
                }
            }
            return nil
        }

        private mutating func readKey() async {
            guard self.nextTry.map({ $0 <= .now }) ?? true else { return }
            do {
                self.key = try await self.pool.execute(BellRings.bellKey).first.map {
                    BellKey(try $0.decode([UInt8].self))
                }
            } catch {
                self.nextTry = .now + Self.pause
                self.logger.debug("Bell's key not read", metadata: ["error": "\(error)"])
            }
        }
    }

    static let bellKey = Statement(name: "queue_bell_key", "SELECT queue.bell_key()")
}
