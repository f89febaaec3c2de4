import ArgumentParser
import FoundationEssentials
import PostgresClient

struct PeriodicCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "periodic", abstract: "The schedules that make jobs again and again.",
        discussion: """
            Services make their schedules known when they start; the leading worker fires them.

            Examples:

              dandelion periodic
              dandelion periodic pause nightly-report
              dandelion periodic run nightly-report
            """,
        subcommands: [List.self, Pause.self, Resume.self, Run.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the schedules with their next times.",
            discussion: "Example:\n\n  dandelion periodic list --watch")

        @OptionGroup var watch: WatchOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await self.database.withPool { pool in
                try await self.watch.show(self.output) {
                    try await pool.execute(QueueQueries.periodic).map(PeriodicLine.init(row:))
                } text: { lines in
                    var table = TextTable(
                        ["name", "schedule", "catch up", "queue", "kind", "next", "last", "fired", "state"],
                        right: ["fired"])
                    for line in lines {
                        table.add([
                            line.name, line.schedule, line.catchUp, line.queue, line.kind,
                            line.nextAt.map(BeijingTime.full) ?? "", line.firedAt.map(BeijingTime.full) ?? "",
                            String(line.fired), line.pausedAt == nil ? "" : "paused by \(line.pausedBy ?? "")",
                        ])
                    }
                    return table.text(empty: "no schedule is known")
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Lets a schedule make no jobs until it is resumed.",
            discussion: "Example:\n\n  dandelion periodic pause nightly-report")

        @Argument(help: "The schedule.")
        var name: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            _ = try await self.database.withPool { try await $0.execute(QueueQueries.pausePeriodic, self.name) }
            Terminal.line("\(self.name) is paused; the times that pass are dropped")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "Lets a schedule go on from now.",
            discussion: """
                The times that passed are dropped. This is also the way out when the server's clock had been far ahead, \
                so that a schedule waits for times it has fired already.

                Example:

                  dandelion periodic resume nightly-report
                """)

        @Argument(help: "The schedule.")
        var name: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            _ = try await self.database.withPool { try await $0.execute(QueueQueries.resumePeriodic, self.name) }
            Terminal.line("\(self.name) goes on")
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Makes a job of a schedule now, beside its times.",
            discussion: "Example:\n\n  dandelion periodic run nightly-report")

        @Argument(help: "The schedule.")
        var name: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            let job = try await self.database.withPool { pool -> UUID? in
                guard let row = try await pool.execute(QueueQueries.runPeriodic, self.name).first else { return nil }
                let (alias, queue) = try row.decode((UUID, String).self)
                try await pool.execute(QueueQueries.ring, [queue])
                return alias
            }
            Terminal.line("job \(job?.uuidString.lowercased() ?? "") is enqueued")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Forgets a schedule that no service makes known any more.",
            discussion: "Jobs that it has made stay.\n\nExample:\n\n  dandelion periodic remove nightly-report")

        @Argument(help: "The schedule.")
        var name: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            _ = try await self.database.withPool { try await $0.execute(QueueQueries.removePeriodic, self.name) }
            Terminal.line("\(self.name) is forgotten")
        }
    }
}

/// A schedule.
struct PeriodicLine: Encodable, Sendable {
    let name: String
    let schedule: String
    let catchUp: String
    let queue: String
    let kind: String
    /// Null until a leader has worked it out.
    let nextAt: Date?
    let firedAt: Date?
    /// How many jobs it has made at its times.
    let fired: Int
    let lastJob: UUID?
    let pausedAt: Date?
    let pausedBy: String?

    init(row: PostgresRow) throws {
        self.name = try row.decode(column: "name")
        self.schedule = try row.decode(column: "schedule")
        self.catchUp = try row.decode(column: "catch_up")
        self.queue = try row.decode(column: "queue")
        self.kind = try row.decode(column: "kind")
        self.nextAt = try row.decode(column: "next_at")
        self.firedAt = try row.decode(column: "fired_at")
        self.fired = try row.decode(column: "fired")
        self.lastJob = try row.decode(column: "last_job")
        self.pausedAt = try row.decode(column: "paused_at")
        self.pausedBy = try row.decode(column: "paused_by")
    }
}
