import Casework
import JobQueue
import JobWorker
import CaseworkStore
import Contracts
import FoundationEssentials
import Ledger
import Logging
import PostgresClient
import Safeguarding
public import ServiceKit
public import ServiceLifecycle

/// The routing service: decides which agencies get a case, follows its referrals and runs its clocks.
public enum RoutingService {
    /// The handlers of the routing queue.
    /// - Parameters:
    ///   - onboarding: whose signature under an agency's key is believed.
    ///   - rounds: in which jobs go together; without them each goes alone.
    static func handlers(
        jobs: JobStore, keyring: FieldKeyring, onboarding: OnboardingKeys, calendar: HolidayCalendar = .weekendsOnly,
        rounds: RoutingRounds? = nil, logger: Logger
    ) -> [any JobHandler] {
        Self.handlers(
            jobs: jobs, keyring: keyring, agencyKeys: AgencyKeys(onboarding, logger: logger), calendar: calendar,
            rounds: rounds, logger: logger)
    }

    /// The same with agencies' keys whose trust may change meanwhile.
    static func handlers(
        jobs: JobStore, keyring: FieldKeyring, agencyKeys: AgencyKeys, calendar: HolidayCalendar,
        rounds: RoutingRounds? = nil,
        logger: Logger
    ) -> [any JobHandler] {
        let router = Router(
            jobs: jobs, keyring: keyring, agencyKeys: agencyKeys, quotas: AgencyQuotas(logger: logger),
            calendar: calendar,
            rounds: rounds)
        return [
            CaseOpenedHandler(router: router), ReferralAnsweredHandler(router: router),
            ClockDueHandler(router: router), CaseChangedHandler(router: router),
            SealAgainHandler(router: router),
        ]
    }

    /// The process: runs until it is told to stop, then exits.
    public static func run() async -> Never {
        await ServiceRunner.run(
            "routing", port: 8083,
            migrations: [
                QueueMigrations.set, CaseworkMigrations.set, SafeguardingMigrations.set, LedgerMigrations.set,
            ],
            build: Self.build)
    }

    /// Everything the process runs.
    /// - Throws: `ConfigurationError` or `ServiceExit`, one line each.
    public static func build(_ context: ServiceContext) async throws -> [any Service] {
        let settings = context.configuration.settings
        let keyring = try Self.keyring(settings)
        let (onboarding, agencyKeys) = try Self.onboarding(settings, logger: context.logger)
        let calendar = try Self.calendar(settings)
        let bell = JobBell(pool: context.pool, logger: context.logger)
        let jobs = JobStore(bell: bell)
        let concurrency = try settings.integer("DANDELION_CONCURRENCY", default: 64, in: 1...1000)
        // Each round holds a connection, and so does each job that goes alone; one is left for danger to life, and one for the
        // sweeps.
        let rounds = RoutingRounds(
            connections: max(1, context.configuration.database.maximumConnections - 2), untouched: .untouched)
        let days = try settings.integer("DANDELION_RETENTION_DAYS", default: 1826, in: 1096...36_525)
        var worker = JobWorkerConfiguration(
            name: "routing", queues: [Queues.routing: concurrency], database: context.configuration.database)
        worker.drainTime = context.configuration.drain * 0.8
        return [
            bell, onboarding, rounds,
            ClockSweep(pool: context.pool, jobs: jobs, logger: context.logger),
            HolidayWatch(calendar: calendar, logger: context.logger),
            RetentionSweep(pool: context.pool, keep: .seconds(days * 86_400), logger: context.logger),
            JobWorker(
                worker, pool: context.pool, listener: context.listener, bell: bell,
                handlers: Self.handlers(
                    jobs: jobs, keyring: keyring, agencyKeys: agencyKeys, calendar: calendar, rounds: rounds,
                    logger: context.logger),
                logger: context.logger),
            context.operationsDoor(),
        ]
    }

    private static func keyring(_ settings: Settings) throws -> FieldKeyring {
        let variable = "DANDELION_FIELD_KEYS_FILE"
        let path = try settings.requiredString(
            variable, remedy: "make one with `dandelion keys create` and name it here")
        do throws(KeyFileError) {
            return try FieldKeyring(path: path)
        } catch {
            throw ServiceExit(.configuration, "\(variable): \(error)")
        }
    }

    /// Whose signature under an agency's key is believed, now and when the file says something else.
    private static func onboarding(_ settings: Settings, logger: Logger) throws -> (any Service, AgencyKeys) {
        let variable = "DANDELION_ONBOARDING_KEYS_FILE"
        let bytes = try settings.requiredFile(
            variable, remedy: "name the onboarding-key.pub that `dandelion agency key create` made")
        guard let trusted = OnboardingKeys(text: String(decoding: bytes, as: UTF8.self)) else {
            throw ServiceExit(.configuration, "\(variable): \(OnboardingKeysFile.remedy)")
        }
        let keys = AgencyKeys(trusted, logger: logger)
        let file = OnboardingKeysFile(keys: keys, logger: logger)
        return (FileWatch(try settings.requiredString(variable, remedy: "")) { file.changed($0) }, keys)
    }

    /// The holidays that working-time clocks leave out; weekends alone when no file is named.
    private static func calendar(_ settings: Settings) throws -> HolidayCalendar {
        let variable = "DANDELION_HOLIDAYS_FILE"
        guard settings.string(variable) != nil else { return .weekendsOnly }
        let bytes = try settings.requiredFile(variable, remedy: "name a file like deploy/data/holidays.csv")
        do throws(DataFileError) {
            return try HolidayCalendar.complete(csv: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ServiceExit(.configuration, "\(variable): \(error)")
        }
    }
}
