import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient

struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff", abstract: "Who works on cases: opaque ids with roles, places, trainings and room.",
        subcommands: [Import.self, List.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Makes or changes the members of staff of a file.",
            discussion: """
                The file (YAML) lists under staff: id, roles, divisions, capacity, trainings (code: last day), status. \
                It holds no names. Those it does not list stay as they are; one who left is given status: suspended. \
                All or nothing is written.

                Example:

                  dandelion staff import deploy/demo/staff.yaml
                """)

        @Argument(help: "The file of staff.")
        var file: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Report: Encodable {
            let staff: Int
            let written: Int
        }

        func run() async throws {
            let text = try TextFile.read(self.file)
            let file: StaffFile
            do throws(RuleSetError) {
                file = try StaffFile(yaml: text)
            } catch {
                throw CommandFailure(.badData, error.problems.map { "\(self.file): \($0)" }.joined(separator: "\n"))
            }
            let written = try await self.database.withPool { pool in
                try await pool.withTransaction("import_staff") { transaction in
                    var written = 0
                    for entry in file.entries {
                        do {
                            written += try await StaffStore().put(entry, on: transaction) ? 1 : 0
                        } catch let error as CaseworkError where error.code == .unknownDivision {
                            throw CommandFailure(
                                .badData,
                                "\(self.file): \(entry.member.id): no such division; see `dandelion stations list`")
                        }
                    }
                    return written
                }
            }
            try self.output.show(Report(staff: file.entries.count, written: written)) {
                "\(file.entries.count) members of staff, \(written) written"
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the members of staff.",
            discussion: "Example:\n\n  dandelion staff list --json")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let id: String
            let roles: [String]
            let divisions: [String]
            let trainings: [String: String]
            let openCases: Int
            let capacity: Int
            let isActive: Bool
        }

        func run() async throws {
            let rows = try await self.database.withPool { try await StaffStore().overview(on: $0) }.map { found in
                Row(
                    id: found.member.id.rawValue, roles: found.member.roles.map(\.rawValue).sorted(),
                    divisions: found.member.divisions.map(\.rawValue).sorted(),
                    trainings: Dictionary(
                        found.member.trainings.map { ($0.code, $0.validUntil.description) }, uniquingKeysWith: max),
                    openCases: found.openCases, capacity: found.member.capacity, isActive: found.isActive)
            }
            try self.output.show(rows) {
                var table = TextTable(["id", "roles", "divisions", "trainings", "cases", "status"], right: ["cases"])
                for row in rows {
                    table.add([
                        row.id, row.roles.joined(separator: ","), row.divisions.joined(separator: ","),
                        row.trainings.sorted { $0.key < $1.key }.map { "\($0.key) to \($0.value)" }
                            .joined(separator: ", "),
                        "\(row.openCases)/\(row.capacity)", row.isActive ? "active" : "suspended",
                    ])
                }
                return table.text(empty: "no staff; run `dandelion staff import`")
            }
        }
    }
}
