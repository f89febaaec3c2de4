import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct CaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case", abstract: "Cases 案件 as operators see them: codes and times, never people.",
        subcommands: [Show.self, List.self, CaseTextCommand.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows a case: its timeline, referrals, clocks and the explanation.",
            discussion: """
                Examples:

                  dandelion case show C-7K2M-0QX9
                  dandelion case show C-7K2M-0QX9 --follow
                """)

        @Argument(help: "The case's number.")
        var number: String
        @Flag(help: "Show the timeline as it happens, until Ctrl-C.")
        var follow = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let number = CaseNumber.parse(self.number) else {
                throw CommandFailure(.badData, "'\(self.number.printable)' is no case number such as C-7K2M-0QX9")
            }
            try await self.database.withPool { pool in
                let report = try await CaseReport.load(number, on: pool)
                guard self.follow else {
                    try self.output.show(CaseDocument(report)) { report.text }
                    return
                }
                try await self.follow(report, on: pool)
            }
        }

        private func follow(_ report: CaseReport, on pool: PostgresPool) async throws {
            if !self.output.json { Terminal.line(report.heading + "\n") }
            var shown: Set<Int64> = []
            while true {
                for entry in try await OperatorStore().timeline(of: report.overview.id, on: pool)
                where shown.insert(entry.id).inserted {
                    Terminal.line(
                        self.output.json ? try JSONText.of(CaseDocument.Event(entry)) : CaseReport.line(entry))
                }
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the cases that were opened last.",
            discussion: "Example:\n\n  dandelion case list --limit 20")

        @Option(help: "At most so many.")
        var limit = 50
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let number: String
            let status: String
            let risk: String
            let channel: String
            let division: String
            let ownerStation: String
            let outcome: String?
            let openedAt: Date
            let closedAt: Date?
        }

        func validate() throws {
            guard (1...100_000).contains(self.limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
        }

        func run() async throws {
            let cases = try await self.database.withPool { pool in
                try await OperatorStore().recentCases(limit: self.limit, on: pool)
            }
            let rows = cases.map { found in
                Row(
                    number: found.number.rawValue, status: found.status.rawValue, risk: found.risk.rawValue,
                    channel: found.channel.rawValue, division: found.division.rawValue,
                    ownerStation: found.ownerStation,
                    outcome: found.outcome?.rawValue, openedAt: found.openedAt, closedAt: found.closedAt)
            }
            try self.output.show(rows) {
                var table = TextTable(["编号", "状态", "风险", "渠道", "地区", "主办站", "结果", "受理"])
                for found in cases {
                    table.add([
                        found.number.rawValue, found.status.chinese, found.risk.chinese, found.channel.chinese,
                        found.divisionName, found.ownerStation, found.outcome?.chinese ?? "",
                        BeijingTime.full(found.openedAt),
                    ])
                }
                return table.text(empty: "没有案件")
            }
        }
    }
}
