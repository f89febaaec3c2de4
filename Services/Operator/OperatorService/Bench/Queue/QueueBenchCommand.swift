import ArgumentParser
import FoundationEssentials
import PostgresClient

struct QueueBenchCommand: AsyncParsableCommand {
    enum Scenario: String, CaseIterable, ExpressibleByArgument, Sendable {
        case drain, long, held, queues, limits, enqueue, notify, bulk, pickup, idle
    }

    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Measures the job table with its worker against the least SQL that does the same.",
        discussion: """
            Needs a server of its own and a superuser: it makes databases, and drops them at the end. Everything is \
            measured in turn with pgbench scripts (--limit-scripts) and shown as a ratio: single times say little on \
            a shared machine. Worker and producers are real: a process of its own with handlers that do nothing, each \
            job completed.

            drain: jobs enqueued before are worked. long: a million, compared with a drain of 50,000. held: the \
            million while an old snapshot is held, compared with itself without. queues: the jobs are in 1 % of many queues, compared with one queue. limits: a limit \
            that never binds, compared with none. enqueue: one job a transaction with 1, 4 and 16 producers and the \
            bell. notify: 4 producers against NOTIFY in the transaction. bulk: 1,000 jobs a statement. pickup: from commit to handler at a fixed rate, with jobs in other \
            queues and jobs that are not due. idle: a fleet without work.

            `deploy/bench/queue` makes the server, builds, and runs this.

            Examples:

              dandelion bench queue --database 'host=/tmp user=postgres'
              dandelion bench queue --scenario long --scenario held --long-jobs 1000000
              dandelion bench queue --scenario pickup --backlog 0 --backlog 100000 --scheduled 10000000 --json
            """)

    @Option(
        help: ArgumentHelp(
            "What to measure; all when left out. May be repeated: \(Scenario.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"))
    var scenario: [Scenario] = []
    @Option(help: "Jobs of a drain.")
    var jobs = 50_000
    @Option(help: "Jobs of a long drain (long, held).")
    var longJobs = 1_000_000
    @Option(help: "How often each pair is measured; what takes a million jobs or more, once.")
    var rounds = 3
    @Option(help: "Seconds of each measurement that has no number of jobs.")
    var seconds = 5
    @Option(help: "Jobs at a time in the worker.")
    var slots = 1000
    @Option(help: "How many queues, of which one in a hundred has jobs.")
    var queues = 5000
    @Option(help: "Jobs per second of pickup.")
    var rate = 100.0
    @Option(help: "Available jobs in another queue during pickup. May be repeated.")
    var backlog: [Int] = [0, 100_000]
    @Option(help: "Jobs that are not due during a last pickup; 0: none.")
    var scheduled = 0
    @Option(help: "Begin no scenario after so many minutes; 0: measure all.")
    var minutes = 0
    @Option(help: "Workers of the idle fleet.")
    var workers = 100
    @Option(help: ArgumentHelp("Where the pgbench scripts of the limit are.", valueName: "directory"))
    var limitScripts = "deploy/bench/limit"
    @Option(help: ArgumentHelp("pgbench.", valueName: "program"))
    var pgbench = "pgbench"
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1000...100_000_000).contains(self.jobs), self.jobs % 1000 == 0 else {
            throw ValidationError("--jobs must be a multiple of 1000.")
        }
        guard (1000...100_000_000).contains(self.longJobs), self.longJobs % 1000 == 0 else {
            throw ValidationError("--long-jobs must be a multiple of 1000.")
        }
        guard (0...1440).contains(self.minutes) else { throw ValidationError("--minutes must be from 0 to 1440.") }
        guard (1...100).contains(self.rounds), (1...3600).contains(self.seconds) else {
            throw ValidationError("--rounds must be from 1 to 100, --seconds from 1 to 3600.")
        }
        guard (1...100_000).contains(self.slots), (100...100_000).contains(self.queues), self.queues % 100 == 0 else {
            throw ValidationError("--slots must be from 1 to 100000, --queues a multiple of 100 up to 100000.")
        }
        guard (0.1...10_000).contains(self.rate), (1...1000).contains(self.workers) else {
            throw ValidationError("--rate must be from 0.1 to 10000, --workers from 1 to 1000.")
        }
        guard self.backlog.allSatisfy({ (0...100_000_000).contains($0) }), (0...100_000_000).contains(self.scheduled)
        else { throw ValidationError("--backlog and --scheduled must be from 0 to 100000000.") }
    }

    func run() async throws {
        let server = BenchServer(
            configuration: try await self.database.configuration(), limitDirectory: self.limitScripts)
        let bench = QueueBench(
            server: server, pgbench: self.pgbench, slots: self.slots, seconds: self.seconds, rounds: self.rounds,
            isQuiet: self.output.json)
        let wanted = self.scenario.isEmpty ? Scenario.allCases : self.scenario
        var report = QueueBenchReport(rounds: self.rounds)
        try await withTaskExecutorPreference(PostgresThread.taskExecutor) {
            try await server.withTemplate {
                let end = ContinuousClock.now.advanced(by: .seconds(self.minutes * 60))
                for scenario in wanted {
                    // One drain of each kind makes both.
                    if scenario == .long, wanted.contains(.held) { continue }
                    guard self.minutes == 0 || .now < end else {
                        report.skipped.append(scenario.rawValue)
                        continue
                    }
                    let results = try await self.measure(scenario, bench, alsoLong: wanted.contains(.long))
                    // Told at once: whoever ends the run early has what was measured.
                    for result in results { bench.say(result.line) }
                    report.results += results
                }
            }
        }
        try self.output.show(report) { report.text }
    }

    private func measure(
        _ scenario: Scenario, _ bench: QueueBench, alsoLong: Bool
    ) async throws -> [BenchResult] {
        switch scenario {
        case .drain: return [try await bench.drain(jobs: self.jobs)]
        case .long: return try await bench.long(jobs: self.longJobs, short: self.jobs, isHeld: false)
        case .held:
            let results = try await bench.long(jobs: self.longJobs, short: self.jobs, isHeld: true)
            return alsoLong ? results : Array(results.suffix(1))
        case .queues: return [try await bench.manyQueues(jobs: self.jobs, queues: self.queues)]
        case .limits: return [try await bench.limited(jobs: self.jobs)]
        case .enqueue:
            var results: [BenchResult] = []
            for producers in [1, 4, 16] { results.append(try await bench.enqueue(producers: producers)) }
            return results
        case .notify: return try await bench.notify(producers: 4)
        case .bulk: return [try await bench.bulk()]
        case .pickup:
            var results: [BenchResult] = []
            for backlog in self.backlog {
                results.append(try await bench.pickup(rate: self.rate, backlog: backlog, scheduled: 0))
            }
            if self.scheduled > 0 {
                results.append(try await bench.pickup(rate: self.rate, backlog: 0, scheduled: self.scheduled))
            }
            return results
        case .idle: return [try await bench.idle(workers: self.workers)]
        }
    }
}
