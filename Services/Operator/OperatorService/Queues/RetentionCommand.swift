import ArgumentParser
import FoundationEssentials
import PostgresClient

/// How long finished jobs of a kind are kept.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Shows or sets how long the finished jobs of a kind are kept.",
        discussion: """
            Finished jobs are kept as long as the workers are told to (90 days unless configured). A kind can be kept \
            longer, not shorter. Whole months are dropped at a time.

            Examples:

              dandelion jobs retention
              dandelion jobs retention referral_offered --days 1825
              dandelion jobs retention referral_offered --none
            """)

    @Argument(help: "The kind of job; all that have a time of their own when left out.")
    var kind: String?
    @Option(help: "Keep its finished jobs for so many days.")
    var days: Int?
    @Flag(help: "Keep them as long as the rest.")
    var none = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard self.kind != nil || (self.days == nil && !self.none) else {
            throw ValidationError("Name the kind that --days or --none is for.")
        }
        guard self.kind == nil || (self.days != nil) != self.none else {
            throw ValidationError("Name either --days or --none.")
        }
        if let days, !(1...36_500).contains(days) { throw ValidationError("--days must be from 1 to 36500.") }
    }

    func run() async throws {
        let lines = try await self.database.withPool { pool in
            if let kind {
                let keep = self.days.map { PostgresInterval(.seconds($0 * 86_400)) }
                try await pool.execute(QueueQueries.setRetention, kind, keep)
            }
            return try await pool.execute(QueueQueries.retention).map { row in
                let (kind, days, setAt, setBy) = try row.decode((String, Double, Date, String).self)
                return RetentionLine(kind: kind, days: days, setAt: setAt, setBy: setBy)
            }
        }
        try self.output.show(lines) {
            var table = TextTable(["kind", "days", "set", "by"], right: ["days"])
            for line in lines {
                table.add([line.kind, "\(Int(line.days))", BeijingTime.short(line.setAt), line.setBy])
            }
            return table.text(empty: "every kind is kept as long as the rest")
        }
    }
}

struct RetentionLine: Encodable, Sendable {
    let kind: String
    let days: Double
    let setAt: Date
    let setBy: String
}
