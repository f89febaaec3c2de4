import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient

struct DivisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "divisions", abstract: "The administrative divisions 行政区划, each with its station 维权站.",
        subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Makes or updates divisions and their stations from files.",
            discussion: """
                The files have lines of level,code,name,parent (GB/T 2260 codes) under that header. A parent stands \
                in the same file, an earlier one, or the database. All or nothing is written.

                Example:

                  dandelion divisions import deploy/data/divisions.csv townships.csv
                """)

        @Argument(help: ArgumentHelp("Files of divisions.", valueName: "file"))
        var files: [String]
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Report: Encodable {
            let divisions: Int
            let stations: Int
        }

        func run() async throws {
            let texts = try self.files.map { ($0, try TextFile.read($0)) }
            let imported = try await self.database.withPool { pool in
                let known = try await NetworkQueries.allDivisions(on: pool)
                let divisions = try DivisionFiles(texts).divisions(besides: known)
                return try await pool.withTransaction("import_divisions") { transaction in
                    try await DivisionStore().import(divisions, on: transaction)
                }
            }
            try self.output.show(Report(divisions: imported.divisions, stations: imported.stations)) {
                "\(imported.divisions) divisions and \(imported.stations) stations are loaded"
            }
        }
    }
}

/// Division files that are imported together.
struct DivisionFiles {
    private let texts: [(path: String, text: String)]

    init(_ texts: [(String, String)]) {
        self.texts = texts
    }

    /// The divisions of the files, checked together with those the database has.
    /// - Throws: `CommandFailure` that names the file and the line.
    func divisions(besides known: [Division]) throws(CommandFailure) -> [Division] {
        let codes = Set(self.texts.flatMap { Self.codes($0.text) })
        var earlier = [
            "level,code,name,parent\n" + known.filter { !codes.contains($0.code.rawValue) }.map(Self.line).joined()
        ]
        var tree: DivisionTree?
        for (path, text) in self.texts {
            earlier.append(text)
            do {
                tree = try DivisionTree(csv: earlier)
            } catch {
                throw CommandFailure(.badData, "\(path): \(error)")
            }
        }
        return tree?.divisions.filter { codes.contains($0.code.rawValue) } ?? []
    }

    private static func codes(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            return fields.count > 1 ? String(fields[1].drop(while: \.isWhitespace)) : nil
        }
    }

    private static func line(_ division: Division) -> String {
        "\(division.level.rawValue),\(division.code),\(division.name),\(division.parent?.rawValue ?? "")\n"
    }
}
