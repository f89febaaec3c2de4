import ArgumentParser
import FoundationEssentials
import JobTypes
import PostgresClient

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "The jobs of the queues.",
        subcommands: [List.self, JobShowCommand.self, Retry.self, Cancel.self, RetentionCommand.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists jobs, newest first; completed ones only when asked for.",
            discussion: """
                Examples:

                  dandelion jobs list --state discarded
                  dandelion jobs list --queue routing --json
                  dandelion jobs list --state running --watch
                """)

        @Option(
            help: "available, scheduled, running, retryable, completed, cancelled, or discarded (dead letters).")
        var state: String?
        @Option(help: "Only those of this queue.")
        var queue: String?
        @Option(help: "Only those of this kind.")
        var kind: String?
        @Option(help: "At most so many.")
        var limit = 50
        @OptionGroup var watch: WatchOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let state, JobState(rawValue: state) == nil {
                throw ValidationError("'\(state)' is no state of a job.")
            }
            guard (1...100_000).contains(self.limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
        }

        func run() async throws {
            try await self.database.withPool { pool in
                try await self.watch.show(self.output) {
                    try await pool.execute(QueueQueries.jobs, self.state, self.queue, self.kind, Int64(self.limit))
                        .map(JobLine.init(row:))
                } text: {
                    Self.table($0)
                }
            }
        }

        private static func table(_ jobs: [JobLine]) -> String {
            var table = TextTable(
                ["job", "queue", "kind", "state", "attempt", "created", "due or ended", "code"], right: ["attempt"])
            for job in jobs {
                table.add([
                    job.job.uuidString.lowercased(), job.queue, job.kind, job.state,
                    "\(job.attempt)/\(job.maximumAttempts)", BeijingTime.short(job.createdAt),
                    (job.finishedAt ?? job.scheduledAt).map(BeijingTime.short) ?? "", job.code ?? "",
                ])
            }
            return table.text(empty: "no such jobs")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Brings discarded or cancelled jobs back, with their attempts counted anew.",
            discussion: "Example:\n\n  dandelion jobs retry 6f1c2f0a-8a56-4c57-9d6e-3f6f2b1f7a10")

        @Argument(help: "The jobs, as `dandelion jobs list` names them.")
        var jobs: [String]
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            let aliases = try self.jobs.map { try JobArgument.parse($0) }
            try await self.database.withPool { pool in
                for alias in aliases {
                    try await pool.execute(QueueQueries.retry, alias)
                    let queue = try await pool.execute(QueueQueries.queueOf, alias).first?.decode(String.self)
                    try await pool.execute(QueueQueries.ring, [queue].compactMap(\.self))
                    Terminal.line("\(alias.uuidString.lowercased()) is available again")
                }
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "Calls jobs off.",
            discussion: """
                A waiting job ends at once; a running one is asked to stop. Cancelling a hand-over does not cancel its \
                referral: its clocks run on.

                Example:

                  dandelion jobs cancel 6f1c2f0a-8a56-4c57-9d6e-3f6f2b1f7a10
                """)

        @Argument(help: "The jobs, as `dandelion jobs list` names them.")
        var jobs: [String]
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            let aliases = try self.jobs.map { try JobArgument.parse($0) }
            try await self.database.withPool { pool in
                for alias in aliases {
                    let result = try await pool.execute(QueueQueries.cancel, alias, "by_operator")
                        .first?.decode(String.self)
                    let said = result == "requested" ? "is running and was asked to stop" : "is cancelled"
                    Terminal.line("\(alias.uuidString.lowercased()) \(said)")
                }
            }
        }
    }
}

/// A job given on the command line.
enum JobArgument {
    static func parse(_ text: String) throws(CommandFailure) -> UUID {
        guard let alias = UUID(uuidString: text) else {
            throw CommandFailure(.badData, "'\(text.printable)' is no job; `dandelion jobs list` shows their names")
        }
        return alias
    }
}
