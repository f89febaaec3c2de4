import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient

struct StationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stations", abstract: "The Women's Federation stations 维权站 that own the cases.",
        subcommands: [List.self, SetEmail.self, StationUnitsListCommand.self, StationUnitsCommand.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the stations with the address of their duty desk.")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let division: String
            let level: String
            let name: String
            let email: String?
        }

        func run() async throws {
            let rows = try await self.database.withPool { pool in
                try await pool.execute(NetworkQueries.stations).map { row in
                    let (division, level, name, email) = try row.decode((String, String, String, String?).self)
                    return Row(division: division, level: level, name: name, email: email)
                }
            }
            try self.output.show(rows) {
                var table = TextTable(["division", "level", "station", "email"])
                for row in rows { table.add([row.division, row.level, row.name, row.email ?? ""]) }
                return table.text(empty: "no stations; run `dandelion divisions import`")
            }
        }
    }

    struct SetEmail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-email", abstract: "Sets where a station's duty desk is told.",
            discussion: """
                Without an address a station is told nothing, and the timeline of its cases says so.

                Examples:

                  dandelion stations set-email 150104 station-150104@wf.example.org
                  dandelion stations set-email --every 'station-{division}@wf.example.org'
                """)

        @Argument(help: "The station's division.")
        var division: String?
        @Argument(help: "The duty desk's address.")
        var email: String?
        @Option(help: ArgumentHelp("Give every station an address of this form.", valueName: "form"))
        var every: String?
        @OptionGroup var database: DatabaseOptions

        func validate() throws {
            guard (self.every != nil) != (self.division != nil && self.email != nil) else {
                throw ValidationError("Give a division and an address, or --every with {division} in it.")
            }
            if let every, !every.contains("{division}") {
                throw ValidationError("--every needs {division} in it.")
            }
        }

        func run() async throws {
            let count = try await self.database.withPool { pool in
                let addresses = try await self.addresses(on: pool)
                return try await pool.withTransaction("set_station_email") { transaction in
                    for (division, email) in addresses {
                        guard try await DivisionStore().setStationEmail(email, division: division, on: transaction)
                        else {
                            throw CommandFailure(
                                .badData, "division \(division) has no station; see `dandelion stations list`")
                        }
                    }
                    return addresses.count
                }
            }
            Terminal.line(count == 1 ? "the station's address is set" : "\(count) stations have an address")
        }

        private func addresses(on pool: PostgresPool) async throws -> [(DivisionCode, String)] {
            if let every {
                return try await NetworkQueries.allDivisions(on: pool).map {
                    ($0.code, every.replacing("{division}", with: $0.code.rawValue))
                }
            }
            return [(try DivisionArgument.parse(self.division ?? ""), self.email ?? "")]
        }
    }
}

/// A division given on the command line.
enum DivisionArgument {
    static func parse(_ text: String) throws(CommandFailure) -> DivisionCode {
        guard let code = DivisionCode(text) else {
            throw CommandFailure(
                .badData, "'\(text.printable)' is no division code of 6, 9 or 12 digits, such as 150104")
        }
        return code
    }
}
