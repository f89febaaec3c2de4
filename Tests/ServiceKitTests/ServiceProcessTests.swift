import FoundationEssentials
import Glibc
import Hummingbird
import Logging
import Migrations
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle
import Testing
import UnixSignals

@testable import ServiceKit

/// A whole process against a real database, in this process. Serialised because a signal reaches all of them.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServiceProcessTests {
    /// A service that tells when it runs and when it was asked to stop.
    struct Probe: Service {
        let events: AsyncStream<String>.Continuation
        var ignoresShutdown = false

        func run() async throws {
            self.events.yield("running")
            if self.ignoresShutdown {
                try await Task.sleep(for: .seconds(600))
            } else {
                try await gracefulShutdown()
            }
            self.events.yield("stopped")
        }
    }

    private let recorder = LogRecorder()
    private static let dsn =
        ProcessInfo.processInfo.environment["DANDELION_TEST_DSN"] ?? "dbname=postgres"

    private func process(
        dsn: String = Self.dsn, environment: [String: String] = [:], migrations: [MigrationSet] = [],
        build: @escaping @Sendable (ServiceContext) async throws -> [any Service]
    ) async throws -> ServiceProcess {
        var environment = environment
        environment["DANDELION_DATABASE"] = dsn
        environment["DANDELION_STARTUP_PATIENCE"] = environment["DANDELION_STARTUP_PATIENCE"] ?? "20"
        let settings = try await Settings(environment: environment)
        return ServiceProcess(
            configuration: try ServiceConfiguration(service: "probe", defaultPort: 0, settings: settings),
            migrations: migrations, logger: self.recorder.logger(level: .info), metrics: MetricsRegistry(), build: build
        )
    }

    /// Runs until SIGUSR1, then ends the stream that the test reads, so that a process that ends early fails it at once.
    private func run<Element>(
        _ process: ServiceProcess, finishing stream: AsyncStream<Element>.Continuation
    ) async -> ServiceExit {
        let exit = await process.run(signals: [.sigusr1])
        stream.finish()
        return exit
    }

    @Test func aSignalStopsEverythingAndTheExitIsClean() async throws {
        let (events, continuation) = AsyncStream<String>.makeStream()
        let process = try await self.process { _ in [Probe(events: continuation)] }
        async let exit = self.run(process, finishing: continuation)
        var iterator = events.makeAsyncIterator()
        try #require(await iterator.next() == "running")
        kill(getpid(), SIGUSR1)
        #expect(await iterator.next() == "stopped")
        #expect(await exit.code == .ok)
        #expect(self.recorder.entries.contains { $0.message == "Service stopped" })
    }

    @Test func workThatDoesNotEndIsCutShortAfterTheDrainTime() async throws {
        let (events, continuation) = AsyncStream<String>.makeStream()
        let process = try await self.process(environment: ["DANDELION_DRAIN_SECONDS": "1"]) { _ in
            [Probe(events: continuation, ignoresShutdown: true)]
        }
        async let exit = self.run(process, finishing: continuation)
        var iterator = events.makeAsyncIterator()
        try #require(await iterator.next() == "running")
        kill(getpid(), SIGUSR1)
        #expect(await exit.code == .ok)
    }

    @Test func aDatabaseThatIsDownEndsInExit69AfterThePatience() async throws {
        let taken = try TakenPort()
        taken.release()
        let process = try await self.process(
            dsn: "host=127.0.0.1 port=\(taken.port) dbname=x", environment: ["DANDELION_STARTUP_PATIENCE": "1"]
        ) { _ in [] }
        let exit = await process.run(signals: [])
        #expect(exit.code == .unavailable)
        #expect(exit.reason.contains("DANDELION_DATABASE"))
        #expect(self.recorder.entries.contains { $0.message == "Database cannot be reached yet" })
    }

    @Test func aSignalWhileWaitingForTheDatabaseIsACleanExit() async throws {
        let taken = try TakenPort()
        taken.release()
        let process = try await self.process(dsn: "host=127.0.0.1 port=\(taken.port) dbname=x") { _ in [] }
        async let exit = process.run(signals: [.sigusr1])
        try await eventually { self.recorder.entries.contains { $0.message == "Database cannot be reached yet" } }
        kill(getpid(), SIGUSR1)
        #expect(await exit.code == .ok)
    }

    @Test func aSchemaThatIsNotThereAsksForMigrate() async throws {
        let missing = MigrationSet(
            module: "ServiceKitTests", [Migration(name: "V9999__never_applied", sql: Array("SELECT 1".utf8))])
        let process = try await self.process(migrations: [missing]) { _ in
            Issue.record("built on a schema that is not there")
            return []
        }
        let exit = await process.run(signals: [])
        #expect(exit.code == .tryAgainLater)
        #expect(exit.reason.contains("dandelion migrate"))
    }

    @Test func aMissingSettingOfTheServiceIsExit78() async throws {
        let process = try await self.process { context in
            _ = try context.configuration.settings.requiredFile(
                "DANDELION_FIELD_KEYS_FILE", remedy: "name the key file")
            return []
        }
        let exit = await process.run(signals: [])
        #expect(exit == ServiceExit(.configuration, "DANDELION_FIELD_KEYS_FILE is not set; name the key file"))
    }

    @Test func aPortInUseIsExit69() async throws {
        let taken = try TakenPort()
        defer { taken.release() }
        let process = try await self.process(environment: ["DANDELION_HTTP_PORT": "\(taken.port)"]) { context in
            [context.operationsDoor()]
        }
        let exit = await process.run(signals: [])
        #expect(exit.code == .unavailable)
        #expect(exit.reason.contains("port \(taken.port)"))
    }

    @Test func aDatabaseThatGoesAwayMakesTheServiceNotReadyAndComesBack() async throws {
        let database = try await DisposableDatabase()
        let (contexts, continuation) = AsyncStream<ServiceContext>.makeStream()
        let (events, probe) = AsyncStream<String>.makeStream()
        let process = try await self.process(dsn: database.dsn) { context in
            continuation.yield(context)
            return [Probe(events: probe)]
        }
        async let exit = self.run(process, finishing: continuation)
        var iterator = contexts.makeAsyncIterator()
        let context = try #require(await iterator.next())
        var running = events.makeAsyncIterator()
        try #require(await running.next() == "running")
        #expect(await context.operations.readiness().ready)
        try await database.refuseConnections()
        try await eventually { await !context.operations.readiness().ready }
        await #expect(throws: PostgresError.self) { try await context.pool.execute(.ping) }
        try await database.allowConnections()
        try await eventually { await context.operations.readiness().ready }
        kill(getpid(), SIGUSR1)
        #expect(await exit.code == .ok)
        try await database.drop()
    }
}

/// Returns once the condition holds, and fails when it does not within 30 seconds.
func eventually(_ condition: () async throws -> Bool) async throws {
    struct NeverHappened: Error {}
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw NeverHappened()
}

/// A database of its own for tests that take it away.
struct DisposableDatabase {
    private static let adminDSN = ProcessInfo.processInfo.environment["DANDELION_TEST_DSN"] ?? "dbname=postgres"

    let dsn = "\(Self.adminDSN) dbname=dandelion_servicekit_test"

    init() async throws {
        try await self.administer(
            Statement(name: "drop_before", "DROP DATABASE IF EXISTS dandelion_servicekit_test WITH (FORCE)"),
            Statement(name: "create", "CREATE DATABASE dandelion_servicekit_test"))
    }

    func refuseConnections() async throws {
        try await self.administer(
            Statement(name: "refuse", "ALTER DATABASE dandelion_servicekit_test WITH ALLOW_CONNECTIONS false"),
            Statement(
                name: "terminate",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'dandelion_servicekit_test'"))
    }

    func allowConnections() async throws {
        try await self.administer(
            Statement(name: "allow", "ALTER DATABASE dandelion_servicekit_test WITH ALLOW_CONNECTIONS true"))
    }

    func drop() async throws {
        try await self.administer(
            Statement(name: "drop", "DROP DATABASE IF EXISTS dandelion_servicekit_test WITH (FORCE)"))
    }

    private func administer(_ statements: Statement...) async throws {
        var configuration = PostgresConfiguration(dsn: Self.adminDSN, applicationName: "servicekit-tests")
        configuration.preparesStatements = false
        let pool = PostgresPool(configuration, logger: LogRecorder().logger())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            for statement in statements { try await pool.execute(statement) }
            group.cancelAll()
        }
    }
}
