import ArgumentParser
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import PostgresClient

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "The queues with what waits in them.",
        discussion: """
            Examples:

              dandelion queues
              dandelion queues --watch
              dandelion queues pause routing
              dandelion queue doctor
            """,
        subcommands: [
            List.self, Pause.self, Resume.self, QueueLimitCommand.self, QueueShareCommand.self,
            QueueDoctorCommand.self, QueueConformanceCommand.self,
            QueueDrillWorker.self,
        ],
        defaultSubcommand: List.self, aliases: ["queue"])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the queues with their depth and lag.",
            discussion: """
                Numbers up to a thousand are counted, larger ones are estimates (a ~ before them), so a look costs the \
                same whatever waits. Queues without jobs are shown while they have a worker, are paused or limited.

                For an autoscaler, --json has for each queue: available, running, slots, workers, and oldest_seconds \
                (the lag: how long the first job has waited).

                Examples:

                  dandelion queues list
                  dandelion queues list --json
                """)

        @OptionGroup var watch: WatchOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await self.database.withPool { pool in
                try await self.watch.show(self.output) {
                    var lines = try await pool.execute(QueueQueries.queues).map(QueueLine.init(row:))
                    let agencies = try await OperatorStore().agencies(on: pool)
                    let codes = Dictionary(agencies.map { ($0.id, $0.code) }) { first, _ in first }
                    for index in lines.indices {
                        lines[index].agency = Queues.agencyID(of: QueueName(rawValue: lines[index].queue))
                            .flatMap { codes[$0] }
                    }
                    return lines
                } text: {
                    Self.table($0)
                }
            }
        }

        private static func table(_ lines: [QueueLine]) -> String {
            let numbers = ["available", "scheduled", "running", "slots", "retryable", "oldest"]
            var table = TextTable(["queue"] + numbers + ["paused"], right: Set(numbers))
            for line in lines {
                func number(_ count: Int) -> String { line.isExact || count < 1000 ? "\(count)" : "~\(count)" }
                table.add([
                    line.agency.map { "agency \($0)" } ?? line.queue, number(line.available), number(line.scheduled),
                    String(line.running), String(line.slots), number(line.retryable),
                    line.oldestSeconds.map(BeijingTime.span) ?? "", line.paused ? "yes" : "",
                ])
            }
            return table.text(empty: "no queue holds a job")
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Lets nobody take jobs from a queue until it is resumed.",
            discussion: "Example:\n\n  dandelion queues pause notification")

        @Argument(help: "The queue.")
        var queue: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            _ = try await self.database.withPool { try await $0.execute(QueueQueries.pause, self.queue) }
            Terminal.line("\(self.queue) is paused; clocks run on")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "Lets jobs be taken from a paused queue again.",
            discussion: "Example:\n\n  dandelion queues resume notification")

        @Argument(help: "The queue.")
        var queue: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await self.database.withPool { pool in
                try await pool.execute(QueueQueries.resume, self.queue)
                try await pool.execute(QueueQueries.ring, [self.queue])
            }
            Terminal.line("\(self.queue) is resumed")
        }
    }
}

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Lists the worker processes with their heartbeats.",
        discussion: "Examples:\n\n  dandelion workers --watch\n  dandelion workers --json")

    @OptionGroup var watch: WatchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await self.database.withPool { pool in
            try await self.watch.show(self.output) {
                try await pool.execute(QueueQueries.workers).map(WorkerLine.init(row:))
            } text: {
                Self.table($0)
            }
        }
    }

    private static func table(_ workers: [WorkerLine]) -> String {
        var table = TextTable(
            ["worker", "name", "queues", "running", "slots", "started", "seen", "state"], right: ["running", "slots"])
        for worker in workers {
            let states = [
                worker.isLate ? "late" : nil, worker.draining ? "draining" : nil, worker.leads ? "leader" : nil,
            ]
            table.add([
                worker.worker.uuidString.lowercased(), worker.name, worker.queues.joined(separator: ","),
                String(worker.running), String(worker.slots), BeijingTime.short(worker.startedAt),
                BeijingTime.full(worker.seenAt), states.compactMap(\.self).joined(separator: ", "),
            ])
        }
        return table.text(empty: "no worker is registered; start routing, notification and gateway")
    }
}
