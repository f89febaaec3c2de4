import AgencyDoors
import ArgumentParser
import CaseworkStore
import FoundationEssentials
import JobQueue
import Ledger
import Logging
import Migrations
import PostgresClient
import Safeguarding

/// Every set of migrations, in the order of application.
enum Schema {
    static let sets: [MigrationSet] = [
        QueueMigrations.set, CaseworkMigrations.set, SafeguardingMigrations.set, AgencyDoorMigrations.set,
        LedgerMigrations.set,
    ]

    static var migrator: Migrator { Migrator(sets: self.sets, logger: Logger.quiet) }
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the database to the schema this program was written for.",
        discussion: """
            Run it as the owner of the database, with the right to create roles, over a direct connection. Any \
            number may run at once; whoever comes later finds nothing left to do.

            Examples:

              dandelion migrate --dry-run
              dandelion migrate
              dandelion migrate status
            """,
        subcommands: [Status.self])

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Say what would be applied and change nothing.")
    var dryRun = false

    private struct Row: Encodable {
        let module: String
        let name: String
        let outcome: String
        let milliseconds: Int?
    }

    func run() async throws {
        let configuration = try await self.database.configuration()
        let reports = try await Schema.migrator.apply(configuration, dryRun: self.dryRun)
        if !self.dryRun { try await Self.closePublic(configuration) }
        let rows = reports.map { report in
            switch report.outcome {
            case .applied(let time):
                Row(
                    module: report.module, name: report.name, outcome: "applied",
                    milliseconds: Int(time / .milliseconds(1)))
            case .wouldApply: Row(module: report.module, name: report.name, outcome: "would_apply", milliseconds: nil)
            }
        }
        try self.output.show(rows) {
            guard !rows.isEmpty else { return "the schema is up to date" }
            var table = TextTable(["module", "migration", "outcome", "ms"], right: ["ms"])
            for row in rows { table.add([row.module, row.name, row.outcome, row.milliseconds.map(String.init) ?? ""]) }
            return table.text()
        }
    }

    /// Rights of the database itself do not travel with a copy or a dump of it: they are taken away at every run.
    private static func closePublic(_ configuration: PostgresConfiguration) async throws {
        let connection = try await PostgresConnection.connect(configuration)
        do {
            try await PartnerRights.closePublic(on: connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Shows how each migration stands in the database.")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let module: String
            let name: String
            let state: String
            let appliedAt: Date?
            let appliedBy: String?
        }

        func run() async throws {
            let rows = try await Schema.migrator.status(try await self.database.configuration()).map { status in
                switch status.state {
                case .applied(let date, let name):
                    Row(module: status.module, name: status.name, state: "applied", appliedAt: date, appliedBy: name)
                case .pending:
                    Row(module: status.module, name: status.name, state: "pending", appliedAt: nil, appliedBy: nil)
                case .edited(let date):
                    Row(module: status.module, name: status.name, state: "edited", appliedAt: date, appliedBy: nil)
                case .unknown(let date):
                    Row(module: status.module, name: status.name, state: "unknown", appliedAt: date, appliedBy: nil)
                }
            }
            try self.output.show(rows) {
                var table = TextTable(["module", "migration", "state", "applied at", "by"])
                for row in rows {
                    table.add([
                        row.module, row.name, row.state, row.appliedAt.map(BeijingTime.full) ?? "", row.appliedBy ?? "",
                    ])
                }
                return table.text()
            }
        }
    }
}
