import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import ServiceKit

struct ClocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clocks", abstract: "Clocks 时限 of a case: list them, and change their time on a legal ground.",
        subcommands: [ClocksListCommand.self, ClockPauseCommand.self, ClockResumeCommand.self, ClockExtendCommand.self])
}

struct ClocksListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists a case's clocks with their ids.",
        discussion: "Examples:\n\n  dandelion clocks list C-7K2M-0QX9\n  dandelion clocks list C-7K2M-0QX9 --all --json"
    )

    @Argument(help: "The case's number.")
    var number: String
    @Flag(help: "Those that have ended, too.")
    var all = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let id: UUID
        let kind: ClockKind
        let name: ClockName
        let referral: String?
        let state: ClockStatus
        let startedAt: Date
        let dueAt: Date
        let pausedAt: Date?
        let basis: String
    }

    func run() async throws {
        let number = try CaseArgument.parse(self.number)
        let report = try await self.database.withPool { try await CaseReport.load(number, on: $0) }
        let rows = report.clocks.filter { self.all || $0.status == .running }.map {
            Row(
                id: $0.id, kind: $0.kind, name: $0.name, referral: $0.referral?.rawValue, state: $0.status,
                startedAt: $0.startedAt, dueAt: $0.dueAt, pausedAt: $0.pausedAt, basis: $0.basis)
        }
        try self.output.show(rows) {
            var table = TextTable(["时限", "名称", "转介", "状态", "届满", "编号"])
            for row in rows {
                table.add([
                    row.kind.chinese, row.name.rawValue, row.referral ?? "",
                    row.pausedAt == nil ? row.state.chinese : "中止", BeijingTime.full(row.dueAt),
                    row.id.uuidString.lowercased(),
                ])
            }
            return table.text(empty: "没有时限")
        }
    }
}

/// What every change of a clock needs.
struct ClockChangeOptions: ParsableArguments {
    @OptionGroup var acting: ActingOptions
    @Argument(help: ArgumentHelp("The clock's id, from `dandelion clocks list`.", valueName: "clock"))
    var clock: String
    @Option(help: ArgumentHelp("Holidays (CSV), for clocks in working days.", valueName: "file"))
    var holidays: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let clock: String
        let change: String
        let ground: String
        let basis: String
        let dueBefore: Date
        let dueAt: Date
    }

    /// Makes the change.
    func change(_ request: ClockChangeRequest) async throws {
        guard let clock = UUID(uuidString: self.clock) else {
            throw CommandFailure(.badData, "'\(self.clock.printable)' is no id of a clock; see `dandelion clocks list`")
        }
        let (number, actor, calendar) = (
            try self.acting.caseNumber, try self.acting.actor, try await self.calendar()
        )
        let changed: ChangedClock
        do {
            changed = try await ConsentFailure.explained {
                try await self.database.act("change_clock") { transaction in
                    guard let stored = try await RuleSetStore().active(on: transaction) else {
                        throw CommandFailure(.badData, "no rules are active; run `dandelion rules import`")
                    }
                    let changed = try await ClockStore().change(
                        request, clock: clock, of: number, by: actor, under: try RuleSet(yaml: stored.yaml),
                        calendar: calendar, in: transaction)
                    return (changed.caseID, changed)
                }
            }
        } catch let error as ClockChangeError {
            throw CommandFailure(.badData, "\(error); grounds are in clock_changes of the rules")
        }
        let change = changed.change
        let report = Report(
            clock: clock.uuidString.lowercased(), change: change.kind.rawValue, ground: change.ground,
            basis: change.basis, dueBefore: change.dueBefore, dueAt: change.dueAfter)
        try self.output.show(report) {
            "\(change.kind.rawValue) (\(change.ground)): due \(BeijingTime.full(change.dueAfter)), before \(BeijingTime.full(change.dueBefore))\n\(change.basis)"
        }
    }

    private func calendar() async throws -> HolidayCalendar {
        var path = self.holidays
        if path == nil {
            path = try await Settings(environment: ProcessInfo.processInfo.environment).string(
                "DANDELION_HOLIDAYS_FILE")
        }
        guard let path else { return .weekendsOnly }
        do throws(DataFileError) {
            return try HolidayCalendar.complete(csv: try Self.text(path))
        } catch {
            throw CommandFailure(.badData, "\(path): \(error)")
        }
    }

    private static func text(_ path: String) throws(DataFileError) -> String {
        do {
            return try TextFile.read(path)
        } catch {
            throw DataFileError(code: .badValue, line: 0, field: "file")
        }
    }
}

struct ClockPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops a clock while a legal ground lasts.",
        discussion: """
            Only on a ground that the rules name for this clock, by a supervisor; it is recorded with its article. \
            Clocks of safety have none.

            Example:

              dandelion clocks pause C-7K2M-0QX9 6f1c…e2 --ground petition_objection --by S-0001
            """)

    @OptionGroup var options: ClockChangeOptions
    @Option(help: "The ground's name in the rules.")
    var ground: String

    func run() async throws { try await self.options.change(.pause(ground: self.ground)) }
}

struct ClockResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets a paused clock run on with what was left of it.",
        discussion: "Example:\n\n  dandelion clocks resume C-7K2M-0QX9 6f1c…e2 --by S-0001")

    @OptionGroup var options: ClockChangeOptions

    func run() async throws { try await self.options.change(.resume) }
}

struct ClockExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend", abstract: "Gives a clock more time on a legal ground, once for each ground.",
        discussion: """
            Example:

              dandelion clocks extend C-7K2M-0QX9 6f1c…e2 --ground petition_complex --by S-0001
            """)

    @OptionGroup var options: ClockChangeOptions
    @Option(help: "The ground's name in the rules.")
    var ground: String

    func run() async throws { try await self.options.change(.extend(ground: self.ground)) }
}
