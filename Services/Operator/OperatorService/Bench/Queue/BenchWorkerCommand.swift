import ArgumentParser
import FoundationEssentials
import Glibc
import JobQueue
import JobTypes
import JobWorker
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle
import UnixSignals

/// What the bench's jobs carry: their number.
struct BenchArguments: JobArguments {
    static let kind: JobKind = "bench"
    var n: Int
}

/// The worker process of `bench queue`: does nothing with each job, as fast as it can.
struct BenchWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue-worker", abstract: "The worker process that `bench queue` starts.",
        discussion: """
            Works the queues bench-0, bench-1 and so on of a bench's database with a handler that does nothing, until \
            it has done so many jobs or gets SIGTERM, and prints what it took as JSON.

            Example:

              dandelion bench queue-worker --database 'host=/tmp dbname=bench' --jobs 50000
            """)

    @Option(help: "How many queues.")
    var queues = 1
    @Option(help: "Jobs at a time.")
    var slots = 1000
    @Option(help: "End after so many jobs.")
    var jobs: Int?
    @Option(help: "Worker processes' parts in this one process, for an idle fleet.")
    var workers = 1
    @Flag(help: "Print when each job came, by the machine's monotonic clock.")
    var times = false
    @Flag(help: "No worker at all: a listener and one UPDATE, the least that picks a job up.")
    var bare = false
    @Option(help: "Milliseconds that each job takes.")
    var work = 0
    @Flag(help: "Each job adds its number to the table bench_effect(n bigint) in the transaction that completes it.")
    var effects = false
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        var configuration = try await self.database.configuration()
        configuration.applicationName = "dandelion-bench-worker"
        let recorder = BenchWork(target: self.jobs, keepsTimes: self.times)
        let database = configuration
        try await withTaskExecutorPreference(PostgresThread.taskExecutor) {
            try await self.bare
                ? BareWorker(configuration: database, work: recorder).run() : self.work(database, recorder)
        }
        Terminal.line(try JSONText.of(recorder.report))
    }

    private func work(_ configuration: PostgresConfiguration, _ recorder: BenchWork) async throws {
        let pool = PostgresPool(configuration, logger: Logger.quiet)
        let bell = JobBell(pool: pool, logger: Logger.quiet)
        let names = (0..<self.queues).map { (QueueName(rawValue: "bench-\($0)"), self.slots) }
        var services: [any Service] = [bell]
        for number in 0..<self.workers {
            let listener = PostgresListener(configuration, logger: Logger.quiet)
            let settings = JobWorkerConfiguration(
                name: "bench-\(number)", queues: Dictionary(uniqueKeysWithValues: names), database: configuration)
            services += [
                listener,
                JobWorker(
                    settings, pool: pool, listener: listener, bell: bell,
                    handlers: [
                        BenchHandler(work: recorder, time: .milliseconds(self.work), hasEffects: self.effects)
                    ], logger: Logger.quiet),
            ]
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger.quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await _ in recorder.finished { await group.triggerGracefulShutdown() }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
        await pool.close()
    }
}

struct BenchHandler: JobHandler {
    static let addEffect = Statement(name: "bench_effect", "INSERT INTO bench_effect (n) VALUES ($1)")

    let work: BenchWork
    let time: Duration
    let hasEffects: Bool

    var timeout: Duration { .seconds(3600) }

    func run(_ arguments: BenchArguments, _ context: JobContext) async throws -> JobOutcome {
        if self.time > .zero { try await Task.sleep(for: self.time) }
        if self.hasEffects {
            let number = Int64(arguments.n)
            let outcome = try await context.completing("bench_effect") { transaction in
                try await transaction.execute(Self.addEffect, number)
            }
            self.work.did(arguments.n)
            return outcome
        }
        self.work.did(arguments.n)
        return .completed
    }
}

/// What a worker process did, counted as cheaply as can be.
final class BenchWork: Sendable {
    struct Report: Codable, Sendable {
        var jobs = 0
        /// From the first job on.
        var cpuSeconds = 0.0
        var statements = 0
        var roundTrips = 0
        /// Number and nanoseconds.
        var times: [[Int]] = []
    }

    private struct State {
        var report = Report()
        var cpuBefore: Double?
        var before = (statements: 0, exchanges: 0)
    }

    private let target: Int?
    private let keepsTimes: Bool
    private let state = NIOLockedValueBox(State())
    let finished: AsyncStream<Void>
    private let finisher: AsyncStream<Void>.Continuation

    init(target: Int?, keepsTimes: Bool) {
        self.target = target
        self.keepsTimes = keepsTimes
        (self.finished, self.finisher) = AsyncStream.makeStream(of: Void.self)
    }

    func did(_ number: Int) {
        let now = self.keepsTimes ? MonotonicClock.nanoseconds : 0
        let isLast = self.state.withLockedValue { state in
            if state.cpuBefore == nil {
                state.cpuBefore = MonotonicClock.processSeconds
                state.before = (PostgresTraffic.statements, PostgresTraffic.exchanges)
            }
            state.report.jobs += 1
            if self.keepsTimes { state.report.times.append([number, now]) }
            return state.report.jobs == self.target
        }
        if isLast { self.finisher.yield() }
    }

    var report: Report {
        self.state.withLockedValue { state in
            var report = state.report
            report.cpuSeconds = MonotonicClock.processSeconds - (state.cpuBefore ?? 0)
            report.statements = PostgresTraffic.statements - state.before.statements
            report.roundTrips = PostgresTraffic.exchanges - state.before.exchanges
            return report
        }
    }
}

/// Clocks that two processes of a machine share, or that tell processor time.
enum MonotonicClock {
    static var nanoseconds: Int { self.read(CLOCK_MONOTONIC) }
    static var processSeconds: Double { Double(self.read(CLOCK_PROCESS_CPUTIME_ID)) / 1e9 }

    private static func read(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// The least that picks up a job: a listener, and one UPDATE for each notification.
struct BareWorker: Sendable {
    static let claim = Statement(
        name: "bench_bare_claim",
        """
        UPDATE job SET state = 1, claimed_at = now()
        WHERE id = (SELECT id FROM job WHERE state = 0 ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1)
        RETURNING (payload ->> 'n')::int8
        """)

    let configuration: PostgresConfiguration
    let work: BenchWork

    func run() async throws {
        let pool = PostgresPool(self.configuration, logger: Logger.quiet)
        let listener = PostgresListener(self.configuration, logger: Logger.quiet)
        let events = listener.subscribe("job")
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: listener)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger.quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in events {
                while let row = try await pool.execute(Self.claim).first {
                    self.work.did(Int(try row.decode(Int64.self)))
                }
            }
            try await tasks.waitForAll()
        }
        await pool.close()
    }
}
