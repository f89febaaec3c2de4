import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient

/// The rooms of stations: "1+N".
struct StationUnitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-units", abstract: "Sets the rooms of stations (\"1+N\") from a file.",
        discussion: """
            The file has lines of kind,division,name under that header; kinds are \
            \(StationUnit.Kind.allCases.map(\.rawValue).joined(separator: ", ")). Each station in it has exactly one core. \
            The rooms of a station in the file become what the file says; other stations stay as they are.

            Example:

              dandelion stations import-units deploy/demo/station-units.csv
            """)

    @Argument(help: "The file of rooms.")
    var file: String
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let units: Int
        let stations: Int
    }

    func run() async throws {
        let text = try TextFile.read(self.file)
        let file = self.file
        let report = try await self.database.withPool { pool in
            let tree = try await NetworkQueries.tree(on: pool)
            let units: [StationUnit]
            do throws(DataFileError) {
                units = try StationUnits(csv: text, divisions: tree).all
            } catch {
                throw CommandFailure(.badData, "\(file): \(error)")
            }
            try await AgencyStore().put(units, on: pool)
            return Report(units: units.count, stations: Set(units.map(\.division)).count)
        }
        try self.output.show(report) { "\(report.units) rooms of \(report.stations) stations are set" }
    }
}

/// Lists the rooms of stations.
struct StationUnitsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units", abstract: "Lists the rooms of stations.",
        discussion: "Example:\n\n  dandelion stations units --division 150102")

    @Option(help: "Only those of this division.")
    var division: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let division: String
        let kind: String
        let name: String
    }

    func run() async throws {
        let units = try await self.database.withPool { try await AgencyStore().stationUnits(on: $0) }
        let rows = units.filter { $0.division.rawValue == self.division ?? $0.division.rawValue }.map {
            Row(division: $0.division.rawValue, kind: $0.kind.rawValue, name: $0.name)
        }
        try self.output.show(rows) {
            var table = TextTable(["division", "kind", "name"])
            for row in rows { table.add([row.division, row.kind, row.name]) }
            return table.text(empty: "no rooms; run `dandelion stations import-units`")
        }
    }
}
