import AgencyDoors
import CaseworkStore
import Contracts
import FoundationEssentials
import Hummingbird
import JobQueue
import JobTypes
import JobWorker
import Logging
import PostgresClient
public import ServiceKit
public import ServiceLifecycle

/// The partner agencies' door: lease, answer, report over HTTP; and the only sender of webhooks.
public struct GatewayService: Sendable {
    /// In the order in which they start. They stop in reverse: waiting polls are answered, the door closes, the worker
    /// drains, the last bells are rung.
    public let services: [any Service]

    /// - Throws: `ConfigurationError`.
    public init(_ context: ServiceContext) throws {
        OpenFiles.raiseLimit()
        let settings = try GatewaySettings(context.configuration.settings)
        let parts = Parts(
            settings: settings, pool: context.pool, database: context.configuration.database,
            listener: context.listener, logger: context.logger)
        var services: [any Service] = [parts.bell, parts.worker]
        // Before the door: by the time they end, nobody comes any more.
        if context.configuration.database.maximumConnections >= GatewayRounds.leastConnections {
            services.append(parts.rounds)
        }
        services += [context.httpDoor(parts.door.router()), parts.polls]
        services.append(PartnerWatch(pool: context.pool, settings: settings.partnerWatch, logger: context.logger))
        services.append(
            ForgettingSweep(pool: context.pool, keepWebhooks: settings.keepWebhooks, logger: context.logger))
        if let bells = settings.bells(beside: context.configuration.database) {
            services.append(
                PartnerBells(pool: context.pool, bells: bells, listener: context.listener, logger: context.logger))
        }
        self.services = services
    }
}

extension GatewayService {
    /// What the service is made of; tests put it together without a process around it.
    struct Parts: Sendable {
        let bell: JobBell
        let polls: LongPolls
        let rounds: GatewayRounds
        let door: GatewayDoor
        let worker: JobWorker

        init(
            settings: GatewaySettings, pool: PostgresPool, database: PostgresConfiguration, listener: PostgresListener,
            roundPatience: Duration? = GatewayRounds.patience, logger: Logger
        ) {
            let bell = JobBell(pool: pool, logger: logger)
            let doors = GatewayDoorStore()
            let store = GatewayStore()
            let polls = LongPolls(limits: settings.polls, listener: listener, pool: pool, logger: logger)
            let rounds = GatewayRounds(
                pool: pool, doors: doors, bell: bell, patience: roundPatience, logger: logger)
            self.bell = bell
            self.polls = polls
            self.rounds = rounds
            self.door = GatewayDoor(
                pool: pool, referralStore: store, rounds: rounds,
                leasing: Leasing(pool: pool, doors: doors, polls: polls, rounds: rounds, logger: logger),
                answers: HandOverAnswers(
                    pool: pool, doors: doors, bell: bell, referrals: store, calendar: settings.calendar,
                    rounds: rounds),
                reports: ReferralReports(pool: pool, doors: doors, bell: bell, referrals: store),
                repeats: RepeatedRequests(pool: pool, doors: doors, logger: logger),
                limiter: RateLimiter(
                    capacity: 2 * settings.requestsPerSecond, perSecond: Double(settings.requestsPerSecond)),
                keys: KeyLookUps(settings.unknownKeys), proxies: settings.proxies)
            let configuration = JobWorkerConfiguration(
                name: "gateway", queues: [Queues.gateway: settings.webhookConcurrency], database: database)
            self.worker = JobWorker(
                configuration, pool: pool, listener: listener, bell: bell,
                handlers: [
                    WebhookDeliveryHandler(
                        sender: WebhookSender(settings.webhooks), store: store,
                        lanes: WebhookLanes(settings.webhookLanes))
                ],
                logger: logger)
        }
    }
}
