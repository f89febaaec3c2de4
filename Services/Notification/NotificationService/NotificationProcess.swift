import CaseworkStore
import Contracts
import Hummingbird
import JobQueue
import JobWorker
import Logging
import Messaging
import PostgresClient
import Safeguarding
import ServiceKit
import ServiceLifecycle

/// The notification service as a process.
public enum NotificationProcess {
    /// Of their own for danger to life: nothing that hangs elsewhere delays it.
    private static let urgentSlots = 2

    /// Runs it until SIGTERM or SIGINT, then exits.
    public static func run() async -> Never {
        await ServiceRunner.run("notification", port: 8084, migrations: [QueueMigrations.set, CaseworkMigrations.set]) {
            context in try Self.services(context)
        }
    }

    private static func services(_ context: ServiceContext) throws -> [any Service] {
        let settings = context.configuration.settings
        let messaging = try MessagingSettings(settings)
        if !messaging.providers.reaches(.helpSeeker) {
            context.logger.warning(
                "Nobody is written to: no provider is set for help-seekers, or DANDELION_MAIL_FROM says who we are")
        }
        let staff = StaffJudge(
            providers: messaging.providers, catalog: messaging.catalog, languages: messaging.languages,
            policy: messaging.staffPolicy, operators: messaging.operators)
        let people = PersonJudge(
            keyring: try Self.keyring(settings), providers: messaging.providers, catalog: messaging.catalog,
            languages: messaging.languages, policy: messaging.policy)
        // Each message that is being sent alone holds a connection, and so does each round: what is left of the pool is for
        // danger to life, and one for receipts and whoever looks at the process.
        let connections = max(1, context.configuration.database.maximumConnections - Self.urgentSlots - 1)
        let rounds = SendingRounds(
            connections: connections, areAtOnce: staff.sendsAtOnce && people.sendsAtOnce, messaging.providers)
        let handlers: [any JobHandler] = [
            NotifyStaffHandler(judge: staff, rounds: rounds), NotifyPersonHandler(judge: people, rounds: rounds),
        ]
        let bell = JobBell(pool: context.pool, logger: context.logger)
        let jobs = JobStore(bell: bell)
        var configuration = JobWorkerConfiguration(
            name: "notification",
            queues: [Queues.notification: rounds.slots, Queues.urgentNotification: Self.urgentSlots],
            database: context.configuration.database)
        configuration.drainTime = max(.seconds(1), context.configuration.drain - .seconds(3))
        let worker = JobWorker(
            configuration, pool: context.pool, listener: context.listener, bell: bell, handlers: handlers,
            logger: context.logger)
        let late = LateMessages(pool: context.pool, jobs: jobs, interval: .seconds(15), logger: context.logger)
        let router = Router(context: BasicEdgeContext.self, options: .autoGenerateHeadEndpoints).addEdgeMiddleware()
        ReceiptDoor(
            callbacks: messaging.callbacks, pool: context.pool, store: jobs, logger: context.logger
        ).add(to: router)
        let troubles = TroubleWatch(
            pool: context.pool, jobs: jobs, providers: messaging.providers, interval: .seconds(30),
            logger: context.logger)
        return [bell, rounds, worker, late, troubles, context.httpDoor(router)]
    }

    private static func keyring(_ settings: Settings) throws -> FieldKeyring {
        let path = try settings.requiredString("DANDELION_FIELD_KEYS_FILE", remedy: "set it to the field key file")
        do throws(KeyFileError) {
            return try FieldKeyring(path: path)
        } catch {
            throw ServiceExit(.configuration, "DANDELION_FIELD_KEYS_FILE: \(error)")
        }
    }
}
