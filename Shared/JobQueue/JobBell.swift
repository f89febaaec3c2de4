public import Logging
import NIOConcurrencyHelpers
public import PostgresClient
public import JobTypes
public import ServiceLifecycle

/// Wakes whoever waits on a queue, off the write path.
///
/// A `NOTIFY` inside the writer's transaction takes a database-wide lock until its commit and so serialises all
/// committers. The bell is rung after the commit instead, from a connection of its own, once for all rings that gathered
/// in the meantime. A lost ring is harmless: every consumer also polls.
public final class JobBell: Service {
    /// The channel. Its payload names the queue to who has the bell's key, and to nobody else: ``BellRings``.
    public static let channel = "queue_ready"
    /// At least so long from one ring to the next: each is a transaction, and wakes every listener of the database. The
    /// first after a pause is rung at once.
    static let interval = Duration.milliseconds(3)
    /// The channel that says that somebody wants a running job cancelled; no payload.
    package static let cancelChannel = "queue_cancel"

    private let pool: PostgresPool
    private let logger: Logger
    private let waiting = NIOLockedValueBox<Set<QueueName>>([])
    private let (rings, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    /// Asks for a ring. Never blocks; rings for one queue that come together become one.
    public func ring(_ queue: QueueName) {
        self.waiting.withLockedValue { _ = $0.insert(queue) }
        self.ringer.yield()
    }

    /// Rings until the service shuts down; then once more for what is still waiting.
    public func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in self.rings {
                await self.ringWaiting()
                // Cancelled: rung once more below for what still waits.
                do { try await PostgresThread.sleep(for: Self.interval) } catch { break }
            }
        } onGracefulShutdown: {
            self.ringer.finish()
        }
        await self.ringWaiting()
    }

    private func ringWaiting() async {
        let queues = self.waiting.withLockedValue { waiting in
            defer { waiting = [] }
            return waiting.map(\.rawValue)
        }
        guard !queues.isEmpty else { return }
        do {
            try await self.pool.execute(Self.ringQueues, queues)
        } catch {
            // The consumers' poll finds the jobs; the rings are not repeated, to not pile up while the database is away.
            self.logger.debug("Bell not rung", metadata: ["queue.count": "\(queues.count)", "error": "\(error)"])
        }
    }

    static let ringQueues = Statement(name: "queue_ring", "SELECT queue.ring($1)")
}
