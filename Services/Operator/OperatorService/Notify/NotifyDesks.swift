import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import SMS

extension NotifyCommand {
    struct Duty: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "duty",
            abstract: "Sets the phones of a station's duty 值班, which are told in danger and haste.",
            discussion: """
                In danger to life the first phone gets a short message with the desk's mail; when one cannot be reached, the \
                next, then the station above. In haste they are told when the desk could not be. Phones of the duty, not of \
                a person; mobile numbers. Without numbers the duty has none.

                Example:

                  dandelion notify duty 150104 13800138000 13900139000
                """)

        @Argument(help: "The station's division.")
        var division: String
        @Argument(help: "The numbers, in the order in which they are told.")
        var phones: [String] = []
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            let division = try DivisionArgument.parse(self.division)
            guard self.phones.count <= 9, Set(self.phones).count == self.phones.count else {
                throw CommandFailure(.badData, "give at most nine numbers, each once")
            }
            for (index, phone) in self.phones.enumerated() {
                // The number is not repeated: the terminal may be logged.
                guard (try? SMSNumber(phone)) != nil else {
                    throw CommandFailure(
                        .badData, "number \(index + 1) is no mobile number such as 13800138000; correct it")
                }
            }
            let isSet = try await self.database.withPool { pool in
                try await MessageStore().setDutyPhones(self.phones, division: division, on: pool)
            }
            guard isSet else {
                throw CommandFailure(.badData, "there is no such station; see `dandelion stations list`")
            }
            Terminal.line(self.phones.isEmpty ? "the duty has no phone" : "\(self.phones.count) phones are set")
        }
    }

    struct Desk: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "desk", abstract: "Sets how an agency's desk is told of its referrals.",
            discussion: """
                What is not in haste is gathered and sent as one mail; --digest-minutes 0 sends each by itself. A mail holds \
                numbers of referrals and never a person. Only reminders (referral_due) can be muted: a hand-over, its \
                withdrawal and an escalation are told whatever is set here. `--email none` takes the desk away.

                Examples:

                  dandelion notify desk yuquan-police --email desk@police.example.org --digest-minutes 30
                  dandelion notify desk yuquan-police --mute referral_due
                """)

        @Argument(help: "The agency's code.")
        var agency: String
        @Option(help: "The duty desk's address, never a person's; none takes it away.")
        var email: String?
        @Option(help: "For how long messages are gathered, 0 to 1440.")
        var digestMinutes: Int?
        @Option(help: "A kind of message it does not want.")
        var mute: [String] = []
        @Flag(help: "Everything is sent again.")
        var unmute = false
        @OptionGroup var database: DatabaseOptions

        func validate() throws {
            guard (0...1440).contains(self.digestMinutes ?? 0) else {
                throw ValidationError("--digest-minutes must be from 0 to 1440.")
            }
            guard self.mute.isEmpty || !self.unmute else { throw ValidationError("Give --mute or --unmute.") }
            guard self.email != nil || self.digestMinutes != nil || !self.mute.isEmpty || self.unmute else {
                throw ValidationError("Give --email, --digest-minutes, --mute or --unmute.")
            }
        }

        func run() async throws {
            if let kind = self.mute.first(where: { !AgencyDesk.mutable.contains($0) }) {
                throw CommandFailure(
                    .badData,
                    "'\(kind.printable)' cannot be muted; these can: \(AgencyDesk.mutable.joined(separator: ", "))")
            }
            if let email, email != "none", !MailboxArgument.isMailbox(email) {
                throw CommandFailure(.badData, "--email is no mail address such as desk@example.org")
            }
            let muted = self.unmute ? [] : self.mute.isEmpty ? nil : self.mute
            let isSet = try await self.database.withPool { pool in
                try await MessageStore().setAgencyDesk(
                    self.agency, email: self.email == "none" ? "" : self.email, digestMinutes: self.digestMinutes,
                    muted: muted, on: pool)
            }
            guard isSet else { throw CommandFailure(.badData, "there is no such agency; see `dandelion agency list`") }
            Terminal.line("the desk is set")
        }
    }

    struct Desks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "desks", abstract: "Shows which desks and duties can be told, and what they do not want.",
            discussion: """
                Addresses and numbers are not shown. Those that nobody can write to are marked.

                Examples:

                  dandelion notify desks
                  dandelion notify desks --agencies --json
                """)

        @Flag(help: "Agencies instead of stations.")
        var agencies = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            let of: String
            let name: String
            let hasAddress: Bool
            var dutyPhones: Int?
            var digestMinutes: Int?
            let muted: [String]
        }

        func run() async throws {
            let lines = try await self.database.withPool { pool in
                if self.agencies {
                    return try await MessageStore().agencyDesks(on: pool).map { desk in
                        Line(
                            of: desk.code, name: desk.name, hasAddress: desk.hasAddress,
                            digestMinutes: desk.digestMinutes, muted: desk.muted)
                    }
                }
                return try await MessageStore().stationDesks(on: pool).map { desk in
                    Line(
                        of: desk.division, name: desk.name, hasAddress: desk.hasAddress, dutyPhones: desk.dutyPhones,
                        muted: desk.muted)
                }
            }
            try self.output.show(lines) {
                var table = TextTable(["of", "name", "mail", self.agencies ? "digest" : "duty phones", "muted"])
                for line in lines {
                    table.add([
                        line.of, line.name, line.hasAddress ? "yes" : "NO",
                        line.digestMinutes.map { $0 == 0 ? "none" : "\($0) min" } ?? "\(line.dutyPhones ?? 0)",
                        line.muted.joined(separator: " "),
                    ])
                }
                return table.text(empty: "there are none")
            }
        }
    }
}
