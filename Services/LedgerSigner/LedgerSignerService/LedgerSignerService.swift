import Ledger
import Safeguarding
public import ServiceKit
public import ServiceLifecycle

/// The process that signs the ledger: takes what has been committed into the log, and publishes checkpoints over it. It holds
/// the log's key, which no other process has, and sees hashes only: the database makes the commitments.
public enum LedgerSignerService {
    /// The process: runs until it is told to stop, then exits.
    public static func run() async -> Never {
        await ServiceRunner.run("ledger-signer", port: 8085, migrations: [LedgerMigrations.set], build: Self.build)
    }

    /// Everything the process runs.
    /// - Throws: `ConfigurationError` or `ServiceExit`, one line each.
    public static func build(_ context: ServiceContext) async throws -> [any Service] {
        let settings = context.configuration.settings
        let variable = "DANDELION_LEDGER_KEY_FILE"
        let path = try settings.requiredString(
            variable, remedy: "make one with `dandelion keys create` and name it here")
        let key: NoteSigner
        do throws(KeyFileError) {
            key = try LedgerKeyFile.signer(path: path)
        } catch {
            throw ServiceExit(.configuration, "\(variable): \(error)")
        }
        let file = SignedFile(path: settings.string("DANDELION_LEDGER_SIGNED_FILE") ?? "\(path).signed")
        let interval = try settings.integer("DANDELION_LEDGER_INTERVAL", default: 1000, in: 50...5000)
        let lease = try settings.integer("DANDELION_LEDGER_LEASE", default: 15, in: 1...300)
        return [
            SigningLoop(
                signer: LogSigner(key: key, file: file, pool: context.pool, lease: Double(lease)),
                interval: .milliseconds(interval),
                metrics: context.metrics, logger: context.logger),
            context.operationsDoor(),
        ]
    }
}
