import ArgumentParser
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import PostgresClient
import ServiceLifecycle
import UnixSignals

/// A worker process for drills of the queue, to be killed, stopped and cut off: see `deploy/local/chaos`. Not for a database
/// that holds anything else.
struct QueueDrillWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill-worker", abstract: "A worker process for drills.", shouldDisplay: false)

    @Option var slots = 8
    /// How long the worker is alive without a beat, in milliseconds.
    @Option var aliveFor = 3000
    /// Behind a pooler in transaction mode that carries no prepared statements.
    @Flag var unprepared = false
    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        guard (1...1000).contains(self.slots), (500...60_000).contains(self.aliveFor) else {
            throw ValidationError("--slots must be from 1 to 1000, --alive-for from 500 to 60000.")
        }
    }

    func run() async throws {
        var database = try await self.database.configuration()
        database.preparesStatements = !self.unprepared
        var logger = Logger(label: "drill") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        let pool = PostgresPool(database, logger: logger)
        let bell = JobBell(pool: pool, logger: logger)
        let listener = PostgresListener(database, logger: logger)
        var configuration = JobWorkerConfiguration(
            name: "drill", queues: [DrillErrand.queue: self.slots], database: database)
        configuration.aliveFor = .milliseconds(self.aliveFor)
        configuration.beatInterval = .milliseconds(self.aliveFor / 4)
        configuration.drainTime = .seconds(2)
        let worker = JobWorker(
            configuration, pool: pool, listener: listener, bell: bell, handlers: [DrillHandler()], logger: logger)
        // The worker ends first: it settles through the others.
        let services: [any Service] = [pool, bell, listener, worker]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm], logger: logger))
        Terminal.line("drilling")
        try await group.run()
    }
}

/// What a drill asks for. Its effect is a row of `drill.effect`, which has no key: a second one would show.
struct DrillErrand: JobArguments {
    static let kind: JobKind = "drill_errand"
    static let queue: QueueName = "drill"

    /// How it goes before it is done.
    enum Course: String, Codable {
        case plain
        /// Takes most of a second.
        case slow
        /// Fails at first.
        case fails
        /// Is put off every other time.
        case snoozes
        /// Asks for one more, in the transaction of its own effect.
        case chains
    }

    let number: Int
    let course: Course
}

struct DrillHandler: JobHandler {
    let retryPolicy = RetryPolicy(initialDelay: .milliseconds(50), maximumDelay: .milliseconds(400))

    static let effect = Statement(
        name: "drill_effect", "INSERT INTO drill.effect (number, attempt) VALUES ($1, $2)")
    static let asked = Statement(name: "drill_asked", "INSERT INTO drill.asked (number) VALUES ($1)")

    func run(_ errand: DrillErrand, _ context: JobContext) async throws -> JobOutcome {
        switch errand.course {
        case .fails where context.job.attempt == 1: throw JobFailure(code: "at_first")
        case .snoozes where Bool.random(): return .snooze(.milliseconds(.random(in: 0...200)))
        case .slow: try await Task.sleep(for: .milliseconds(.random(in: 100...900)))
        case .plain, .fails, .snoozes, .chains: break
        }
        return try await context.completing("drill_errand") { transaction in
            try await transaction.execute(Self.effect, Int64(errand.number), Int32(context.job.attempt))
            if errand.course == .chains {
                let next = errand.number + 1_000_000
                try await transaction.execute(Self.asked, Int64(next))
                try await context.store.enqueue(
                    JobRequest(
                        DrillErrand(number: next, course: .plain), queue: DrillErrand.queue, maximumAttempts: 30_000),
                    in: transaction)
            }
        }
    }
}
