import CaseworkStore
import Contracts
import JobQueue
import Logging
import Messaging
import Metrics
import PostgresClient
import ServiceLifecycle

/// Has the operators told when a provider is down, jobs became dead letters, or clocks that ran out are not looked at:
/// each once an hour, by whichever process sees it first. The metrics say it as well, for a monitoring that needs no mail.
struct TroubleWatch: Service {
    /// Routing looks at a clock within seconds; after this long something is wrong.
    private static let clockAge: Duration = .seconds(300)

    let pool: PostgresPool
    let jobs: JobStore
    let providers: ProviderSet
    let interval: Duration
    let logger: Logger
    private let requests = MessageRequests()

    init(pool: PostgresPool, jobs: JobStore, providers: ProviderSet, interval: Duration, logger: Logger) {
        self.pool = pool
        self.jobs = jobs
        self.providers = providers
        self.interval = interval
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.look()
                } catch {
                    self.logger.warning("Troubles not looked for", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
    }

    /// One look at providers, dead letters and clocks.
    func look() async throws {
        for provider in self.providers.summary {
            Gauge(label: "notification_provider_down", dimensions: [("provider", provider.name)])
                .record(provider.isOpen ? 1 : 0)
            if provider.isOpen { try await self.tell("provider_down", about: provider.name) }
        }
        let troubles = try await self.requests.troubles(clocksOverdueFor: Self.clockAge, on: self.pool)
        Gauge(label: "notification_dead_letters").record(troubles.deadLetters)
        Gauge(label: "notification_clock_backlog").record(troubles.overdueClocks)
        if troubles.deadLetters > 0 { try await self.tell("dead_letters", about: "queue") }
        if troubles.overdueClocks > 0 { try await self.tell("clock_backlog", about: "routing") }
    }

    private func tell(_ kind: String, about: String) async throws {
        let isNew = try await self.pool.withTransaction("tell_operators") { transaction in
            let isNew = try await self.requests.tellOperators(kind: kind, about: about, on: transaction)
            if isNew { self.jobs.ringAfterCommit([Queues.notification], in: transaction) }
            return isNew
        }
        if isNew {
            self.logger.error(
                "The network is in trouble", metadata: ["trouble.kind": "\(kind)", "trouble.about": "\(about)"])
        }
    }
}
