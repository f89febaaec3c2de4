import AgencyDoors
import Contracts
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle

/// Rings agencies' bells in the database in which they listen: when the queue's bell rings here for an agency that has a login of
/// its own. After the commit, from a connection of its own, once for all rings that gathered in the meantime.
///
/// A lost ring is harmless: agencies poll as well. While no agency has a login, no connection to that database is made.
final class PartnerBells: Service {
    /// At least so long from one ring to the next, and from one look at who has a login to the next.
    private static let interval = Duration.milliseconds(5)
    private static let renewal = Duration.seconds(5)

    private let pool: PostgresPool
    private let bells: PostgresPool
    private let heard: BellRings
    private let logger: Logger
    private let waiting = NIOLockedValueBox<Set<QueueTag>>([])
    private let (rings, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter bells: of the database of the bells.
    init(pool: PostgresPool, bells: PostgresConfiguration, listener: PostgresListener, logger: Logger) {
        var bells = bells
        bells.maximumConnections = 1
        self.pool = pool
        self.bells = PostgresPool(bells, logger: logger)
        self.heard = BellRings(listener: listener, pool: pool, logger: logger)
        self.logger = logger
    }

    /// The database of the bells beside another, on the same server: `nil` when the address is a URI, in which it cannot be replaced.
    static func configuration(beside database: PostgresConfiguration) -> PostgresConfiguration? {
        guard !database.dsn.contains("://") else { return nil }
        var bells = database
        bells.dsn += " dbname=\(PartnerGuard.bellDatabase)"
        return bells
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.takeBells() }
                group.addTask { await self.ringOn() }
            }
        }
        await self.bells.close()
    }

    private func takeBells() async {
        for await ring in self.heard {
            guard case .rang(let tag) = ring else { continue }
            self.waiting.withLockedValue { _ = $0.insert(tag) }
            self.ringer.yield()
        }
    }

    private func ringOn() async {
        var channels: [QueueTag: String] = [:]
        var known: ContinuousClock.Instant?
        for await _ in self.rings {
            let queues = self.waiting.withLockedValue { waiting in
                defer { waiting = [] }
                return waiting
            }
            do {
                // Most agencies have no login: whether this one does is asked every few seconds at most.
                if known.map({ $0.duration(to: .now) > Self.renewal }) ?? true {
                    let bells = try await PartnerGuard().bells(on: self.pool)
                    channels = Dictionary(
                        bells.map { (QueueTag(Queues.agency($0.key)), $0.value) },
                        uniquingKeysWith: { first, _ in first })
                    known = .now
                }
                let ringing = queues.compactMap { channels[$0] }
                if !ringing.isEmpty { try await PartnerGuard().ring(ringing, on: self.bells) }
            } catch {
                // They poll. Not repeated, to not pile up while a database is away.
                self.logger.debug("Agencies' bells not rung", metadata: ["error": "\(error)"])
            }
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }
}
