import ArgumentParser
import PostgresClient

/// Changes how queues share the workers' slots, while the fleet works.
struct QueueShareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share", abstract: "Sets how queues share the slots of workers, or shows it.",
        discussion: """
            Where more jobs wait than a worker has slots, its queues have them in turn, in proportion to their weights \
            (1 unless set). Queues of a group share as one, by the group's weight. A queue goes before all others while \
            fewer of its jobs than its minimum run in a worker process. No slot is kept free. Workers hear of a change \
            with their next beat.

            Examples:

              dandelion queues share
              dandelion queues share notification --weight 4 --minimum 2
              dandelion queues share routing --group statutory --group-weight 3
              dandelion queues share notification --none
            """)

    @Argument(help: "The queue; all that have a share when left out.")
    var queue: String?
    @Option(help: "From 0.001 to 1000.")
    var weight: Double?
    @Option(help: "The group it belongs to; '' for none.")
    var group: String?
    @Option(help: "The group's weight among groups and queues without one.")
    var groupWeight: Double?
    @Option(help: "Jobs of the queue that go before all others, in each worker process.")
    var minimum: Int?
    @Flag(help: "Back to the usual share.")
    var none = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private var changes: Bool {
        self.weight != nil || self.group != nil || self.groupWeight != nil || self.minimum != nil
    }

    func validate() throws {
        guard self.queue != nil || !(self.changes || self.none) else { throw ValidationError("Name the queue.") }
        guard !(self.none && self.changes) else { throw ValidationError("--none stands alone.") }
        for weight in [self.weight, self.groupWeight].compactMap(\.self)
        where !(0.001...1000).contains(weight) {
            throw ValidationError("A weight must be from 0.001 to 1000.")
        }
        if self.groupWeight != nil {
            guard let group, !group.isEmpty else { throw ValidationError("--group-weight belongs to --group.") }
        }
        if let minimum, !(0...100_000).contains(minimum) {
            throw ValidationError("--minimum must be from 0 to 100000.")
        }
    }

    func run() async throws {
        let lines = try await self.database.withPool { pool in
            if let queue {
                if self.none {
                    try await pool.execute(QueueQueries.clearShare, queue)
                } else if self.changes {
                    try await pool.withTransaction("queue_share") { transaction in
                        try await transaction.execute(
                            QueueQueries.setShare, queue, self.weight, self.group, self.minimum.map { Int32($0) })
                        if let group, let groupWeight {
                            try await transaction.execute(QueueQueries.setGroup, group, groupWeight)
                        }
                    }
                }
            }
            return try await pool.execute(QueueQueries.shares).map(QueueShareLine.init(row:))
        }
        try self.output.show(lines) {
            let numbers = ["weight", "group weight", "minimum"]
            var table = TextTable(["queue", "weight", "group", "group weight", "minimum"], right: Set(numbers))
            for line in lines {
                table.add([
                    line.queue, Numbers.fixed(line.weight, 3), line.group ?? "",
                    line.group == nil ? "" : Numbers.fixed(line.groupWeight, 3), String(line.minimum),
                ])
            }
            return table.text(empty: "every queue has the usual share")
        }
    }
}

/// A queue whose share is not the usual.
struct QueueShareLine: Encodable, Sendable {
    let queue: String
    let weight: Double
    let group: String?
    let groupWeight: Double
    let minimum: Int

    init(row: PostgresRow) throws {
        self.queue = try row.decode(column: "queue")
        self.weight = try row.decode(column: "weight")
        self.group = try row.decode(column: "group_name")
        self.groupWeight = try row.decode(column: "group_weight")
        self.minimum = Int(try row.decode(Int32.self, column: "minimum"))
    }
}
