import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient

struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Messages 通知: what would be said, whether it is, and what people have to do instead.",
        subcommands: [
            Preview.self, SendTest.self, Drill.self, Status.self, Tasks.self, Done.self, Inbox.self, Mute.self,
            Duty.self, Desk.self, Desks.self, Stop.self,
        ])

    /// Where texts and providers come from.
    struct Files: ParsableArguments {
        @Option(help: ArgumentHelp("Templates of the installation's own.", valueName: "directory"))
        var templates: String?

        func catalog() throws -> TemplateCatalog {
            guard let templates else { return .shipped }
            do {
                return try TemplateCatalog(directory: templates)
            } catch let error as TemplateErrors {
                throw CommandFailure(.badData, error.description)
            } catch {
                throw CommandFailure(.badData, "\(templates) cannot be read; correct the path")
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Shows how many messages are in which state, and what they cost.",
            discussion: """
                Exit status 1 when something in danger to life waits for longer than two minutes, or a task for it is open: for \
                monitoring that does not depend on the notification service.

                Example:

                  dandelion notify status --hours 24
                """)

        @Option(help: "Messages made in the last hours; what waits is always counted.")
        var hours = 24
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...8784).contains(self.hours) else { throw ValidationError("--hours must be from 1 to 8784.") }
        }

        func run() async throws {
            let since = Date(timeIntervalSinceNow: -3600 * Double(self.hours))
            let (counts, tasks) = try await self.database.withPool { pool in
                let store = MessageStore()
                return (
                    try await store.counts(since: since, on: pool), try await store.openTasks(limit: 1000, on: pool)
                )
            }
            let report = NotifyReport(counts, tasks)
            try self.output.show(report) { report.text }
            guard report.urgentLate == 0 else {
                throw CommandFailure(
                    .difference, "\(report.urgentLate) in danger to life: nobody was told yet; call the stations")
            }
        }
    }

    struct Tasks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tasks", abstract: "Lists what people of the stations have to do because no message could.",
            discussion: "Example:\n\n  dandelion notify tasks --json")

        @Option(help: "At most so many.")
        var limit = 100
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
        }

        func run() async throws {
            let tasks = try await self.database.withPool { pool in
                try await MessageStore().openTasks(limit: self.limit, on: pool)
            }
            try self.output.show(tasks.map(TaskLine.init)) {
                var table = TextTable(["task", "case", "station", "to do", "why", "about", "since"])
                for task in tasks {
                    table.add([
                        task.id.uuidString.lowercased(), task.caseNumber, task.stationName, task.kind, task.reason,
                        EventWords.template(EventWords.notice(task.template)), BeijingTime.short(task.openedAt),
                    ])
                }
                return table.text(empty: "nothing is to be done")
            }
        }
    }

    struct Done: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "done", abstract: "Marks a task as done.",
            discussion: "Example:\n\n  dandelion notify done 0b0f0f5e-0000-4000-8000-000000000000 --by duty-150104")

        @Argument(help: "The task's id.")
        var task: String
        @Option(help: "Who did it: a code, not a name.")
        var by: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            guard let id = UUID(uuidString: self.task) else {
                throw CommandFailure(.badData, "'\(self.task.printable)' is no task's id; see `dandelion notify tasks`")
            }
            let isDone = try await self.database.withPool { pool in
                try await MessageStore().finishTask(id, actor: self.by, on: pool)
            }
            guard isDone else { throw CommandFailure(.badData, "there is no such task that is open") }
            Terminal.line("done")
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop", abstract: "Stops every contact with a person, and clears what waits for her.",
            discussion: """
                For the moment she says so. It waits for a message that is being handed over; when it returns, none is sent \
                any more until she is asked again.

                Example:

                  dandelion notify stop 3f1d8a52-0000-4000-8000-000000000000 --by desk-150104
                """)

        @Argument(help: "The person's id.")
        var person: String
        @Option(help: "Who recorded it: a code, not a name.")
        var by: String
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            guard let id = UUID(uuidString: self.person) else {
                throw CommandFailure(.badData, "'\(self.person.printable)' is no person's id")
            }
            let cleared = try await self.database.withPool { pool in
                try await pool.withTransaction("stop_contact") { transaction in
                    try await MessageStore().stopContact(of: id, actor: self.by, in: transaction)
                }
            }
            Terminal.line("stopped; \(cleared.count) messages are cleared")
        }
    }
}

/// A task as scripts read it.
struct TaskLine: Encodable {
    let task: UUID
    let caseNumber: String
    let station: String
    let kind: String
    let reason: String
    let template: String
    let lane: Int
    let openedAt: Date

    init(_ task: StaffTask) {
        self.task = task.id
        self.caseNumber = task.caseNumber
        self.station = task.stationName
        self.kind = task.kind
        self.reason = task.reason
        self.template = task.template
        self.lane = task.lane
        self.openedAt = task.openedAt
    }
}
