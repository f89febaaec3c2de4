import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials

extension NotifyCommand {
    struct Inbox: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inbox", abstract: "Shows what stands unread in a station's inbox.",
            discussion: """
                Every notice stands there from the moment it is made, whether or not a mail arrives. Reading one ends \
                telling the desk of it.

                Examples:

                  dandelion notify inbox 150104
                  dandelion notify inbox 150104 --read 0b0f0f5e-0000-4000-8000-000000000000 --by duty-150104
                """)

        @Argument(help: "The station's division.")
        var division: String
        @Option(help: ArgumentHelp("Mark this notice as read.", valueName: "notice"))
        var read: String?
        @Option(help: "Who read it: a code, not a name.")
        var by: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (self.read == nil) == (self.by == nil) else { throw ValidationError("--read and --by go together.") }
        }

        func run() async throws {
            let division = try DivisionArgument.parse(self.division)
            let entries = try await self.database.withPool { pool in
                if let read, let by {
                    guard let id = UUID(uuidString: read), try await MessageStore().readNotice(id, actor: by, on: pool)
                    else { throw CommandFailure(.badData, "there is no such notice that is unread") }
                }
                return try await MessageStore().inbox(of: division, limit: 1000, on: pool)
            }
            try self.output.show(entries.map(Entry.init)) {
                var table = TextTable(["notice", "case", "about", "state", "since"])
                for entry in entries {
                    table.add([
                        entry.id.uuidString.lowercased(), entry.caseNumber, EventWords.notice(entry.template),
                        entry.state.chinese, BeijingTime.short(entry.createdAt),
                    ])
                }
                return table.text(empty: "nothing is unread")
            }
        }

        private struct Entry: Encodable {
            let notice: UUID
            let caseNumber: String
            let kind: String
            let lane: Int
            let state: String
            let createdAt: Date

            init(_ entry: InboxEntry) {
                self.notice = entry.id
                self.caseNumber = entry.caseNumber
                self.kind = entry.template
                self.lane = entry.lane
                self.state = entry.state.rawValue
                self.createdAt = entry.createdAt
            }
        }
    }

    struct Mute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mute", abstract: "Sets which kinds of notices a station does not want by message.",
            discussion: """
                They stand in its inbox all the same, and what is urgent is sent whatever is set here. What a law or \
                somebody's safety hangs on cannot be muted: only \(StationDesk.mutable.joined(separator: ", ")) can. \
                Without kinds, everything is sent again.

                Example:

                  dandelion notify mute 150104 case_closed follow_up_due
                """)

        @Argument(help: "The station's division.")
        var division: String
        @Argument(help: "The kinds.")
        var kinds: [String] = []
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            let division = try DivisionArgument.parse(self.division)
            if let kind = self.kinds.first(where: { !StationDesk.mutable.contains($0) }) {
                throw CommandFailure(
                    .badData,
                    "'\(kind.printable)' cannot be muted; these can: \(StationDesk.mutable.joined(separator: ", "))")
            }
            let isSet = try await self.database.withPool { pool in
                try await MessageStore().setMutes(self.kinds, division: division, on: pool)
            }
            guard isSet else {
                throw CommandFailure(.badData, "there is no such station; see `dandelion stations list`")
            }
            Terminal.line(
                self.kinds.isEmpty ? "nothing is muted" : "muted: \(self.kinds.joined(separator: ", ").printable)")
        }
    }
}
