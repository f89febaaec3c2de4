import Casework
import CaseworkStore
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding
import ServiceKit
import ServiceLifecycle

/// The intake service as a process.
public enum IntakeProcess {
    /// Runs it until SIGTERM or SIGINT, then exits.
    public static func run() async -> Never {
        await ServiceRunner.run("intake", port: 8081, migrations: [QueueMigrations.set, CaseworkMigrations.set]) {
            context in try Self.services(context)
        }
    }

    /// The bell comes first, so that it stops last and still rings for the last case; the rounds end when the door is shut.
    private static func services(_ context: ServiceContext) throws -> [any Service] {
        let settings = context.configuration.settings
        let bell = JobBell(pool: context.pool, logger: context.logger)
        // Rounds hold a share of the connections: the others are for danger, for what goes alone and for questions. Few at a
        // time gather more.
        let shares = max(1, context.configuration.database.maximumConnections / 4)
        let rounds = OpeningRounds(
            connections: shares, RoundPace(atATime: min(2, shares)), untouched: .untouched)
        let parts = IntakeParts(
            pool: context.pool, jobs: JobStore(bell: bell), keyring: try Self.keyring(settings),
            index: try Self.index(settings), calendar: try Self.calendar(settings),
            lexicon: try Self.lexicon(settings),
            proxies: try settings.integer("DANDELION_TRUSTED_PROXIES", default: 0, in: 0...8), rounds: rounds,
            logger: context.logger)
        let days = try settings.integer("DANDELION_IDEMPOTENCY_DAYS", default: 30, in: 1...3650)
        let sweep = IdempotencySweep(
            pool: context.pool, keep: .seconds(days * 24 * 3600), logger: context.logger)
        return [bell, sweep, rounds, context.httpDoor(try IntakeDoor.router(parts))]
    }

    private static func keyring(_ settings: Settings) throws -> FieldKeyring {
        let path = try settings.requiredString("DANDELION_FIELD_KEYS_FILE", remedy: "set it to the field key file")
        do throws(KeyFileError) {
            return try FieldKeyring(path: path)
        } catch {
            throw ServiceExit(.configuration, "DANDELION_FIELD_KEYS_FILE: \(error)")
        }
    }

    private static func index(_ settings: Settings) throws -> BlindIndex {
        let path = try settings.requiredString(
            "DANDELION_INDEX_KEYS_FILE", remedy: "set it to the blind index key file")
        do throws(KeyFileError) {
            return try BlindIndex(path: path)
        } catch {
            throw ServiceExit(.configuration, "DANDELION_INDEX_KEYS_FILE: \(error)")
        }
    }

    /// The words by which a narrative may speak of danger; no narrative is read where no file is named.
    private static func lexicon(_ settings: Settings) throws -> TriageLexicon? {
        let variable = "DANDELION_TRIAGE_FILE"
        guard settings.string(variable) != nil else { return nil }
        let bytes = try settings.requiredFile(variable, remedy: "name a file like deploy/rules/triage.yaml")
        do throws(RuleSetError) {
            return try TriageLexicon(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ServiceExit(.configuration, "\(variable): \(error)")
        }
    }

    /// The public holidays, for clocks that count working days; weekends alone when no file is named.
    private static func calendar(_ settings: Settings) throws -> HolidayCalendar {
        guard settings.string("DANDELION_HOLIDAYS_FILE") != nil else { return .weekendsOnly }
        let bytes = try settings.requiredFile("DANDELION_HOLIDAYS_FILE", remedy: "set it to the holidays' CSV file")
        do throws(DataFileError) {
            return try HolidayCalendar.complete(csv: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ServiceExit(.configuration, "DANDELION_HOLIDAYS_FILE: \(error)")
        }
    }
}
