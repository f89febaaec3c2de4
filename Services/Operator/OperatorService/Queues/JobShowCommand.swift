import ArgumentParser
import FoundationEssentials
import JobTypes
import PostgresClient

/// One job with everything that is known of it.
struct JobShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a job: its state, progress, failures, and what it left behind.",
        discussion: """
            Arguments hold ids only; progress and outcome hold codes, numbers and bytes.

            Examples:

              dandelion jobs show 6f1c2f0a-8a56-4c57-9d6e-3f6f2b1f7a10
              dandelion jobs show 6f1c2f0a-8a56-4c57-9d6e-3f6f2b1f7a10 --watch
            """)

    @Argument(help: "The job, as `dandelion jobs list` names it.")
    var job: String
    @OptionGroup var watch: WatchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let alias = try JobArgument.parse(self.job)
        try await self.database.withPool { pool in
            try await self.watch.show(self.output) {
                guard let row = try await pool.execute(QueueQueries.job, alias).first else {
                    throw CommandFailure(.badData, "there is no job \(alias.uuidString.lowercased())")
                }
                return try JobDetail(row: row)
            } text: {
                $0.text
            }
        }
    }
}

/// A job, live or finished, in full.
struct JobDetail: Encodable, Sendable {
    struct Failure: Codable, Sendable {
        let attempt: Int
        let code: String
        let at: String
    }

    struct Progress: Codable, Sendable {
        let done: Int64?
        let total: Int64?
        let code: String?
        /// Base64.
        let detail: String?
        let at: String?
    }

    let line: JobLine
    let arguments: String
    let errors: [Failure]
    let progress: Progress?
    /// What the job left behind, in base64.
    let outcome: String?
    let worker: UUID?
    let cancelRequestedAt: Date?

    init(row: PostgresRow) throws {
        self.line = try JobLine(row: row)
        self.arguments = try row.decode(PostgresJSON.self, column: "args").text
        self.errors = try row.decode(PostgresJSON.self, column: "errors").decode()
        self.progress = try row.decode(PostgresJSON?.self, column: "progress")?.decode()
        self.outcome = try row.decode([UInt8]?.self, column: "outcome").map { Data($0).base64EncodedString() }
        self.worker = try row.decode(column: "worker_id")
        self.cancelRequestedAt = try row.decode(column: "cancel_requested_at")
    }

    var text: String {
        var lines: [(String, String)] = [
            ("job", self.line.job.uuidString.lowercased()), ("queue", self.line.queue), ("kind", self.line.kind),
            ("state", self.line.state + (self.cancelRequestedAt == nil ? "" : ", asked to stop")),
            ("attempt", "\(self.line.attempt) of \(self.line.maximumAttempts)"),
            ("created", BeijingTime.full(self.line.createdAt)),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { lines.append((name, value)) }
        }
        add("due", self.line.finishedAt == nil ? self.line.scheduledAt.map(BeijingTime.full) : nil)
        add("attempted", self.line.attemptedAt.map(BeijingTime.full))
        add("ended", self.line.finishedAt.map(BeijingTime.full))
        add("held by", self.line.holder ?? self.worker?.uuidString.lowercased())
        add("code", self.line.code)
        if let progress {
            let share = [progress.done, progress.total].compactMap { $0.map(String.init) }.joined(separator: " of ")
            add("progress", [share, progress.code ?? ""].filter { !$0.isEmpty }.joined(separator: ", "))
            add("reported", progress.at)
            add("detail", progress.detail)
        }
        add("outcome", self.outcome)
        add("arguments", self.arguments)
        for error in self.errors { add("failure", "attempt \(error.attempt) at \(error.at): \(error.code)") }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { "\($0.0.padded(to: width))  \($0.1.printable)" }.joined(separator: "\n")
    }
}
