import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct ClientListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the clients of intake.",
        discussion: "Examples:\n\n  dandelion client list\n  dandelion client list --revoked --json")

    @Flag(help: "Those that were revoked, too.")
    var revoked = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let name: String
        let channels: [IntakeChannel]
        let division: String
        let divisionName: String
        let requestsPerMinute: Int
        let mayReadCases: Bool
        let mayChangeCases: Bool
        let createdAt: Date
        let revokedAt: Date?

        init(_ client: ClientOverview) {
            self.name = client.name
            self.channels = client.channels
            self.division = client.division.rawValue
            self.divisionName = client.divisionName
            self.requestsPerMinute = client.requestsPerMinute
            self.mayReadCases = client.mayReadCases
            self.mayChangeCases = client.mayChangeCases
            self.createdAt = client.createdAt
            self.revokedAt = client.revokedAt
        }
    }

    func run() async throws {
        let clients = try await self.database.withPool { try await OperatorStore().clients(on: $0) }
        let rows = clients.filter { self.revoked || $0.revokedAt == nil }.map(Row.init)
        try self.output.show(rows) {
            var table = TextTable(
                ["name", "channels", "division", "per minute", "reads cases", "changes cases", "since", "revoked"],
                right: ["per minute"])
            for row in rows {
                table.add([
                    row.name,
                    row.channels.count == IntakeChannel.allCases.count
                        ? "all" : row.channels.map(\.rawValue).joined(separator: ","),
                    "\(row.division) \(row.divisionName)", String(row.requestsPerMinute),
                    row.mayReadCases ? "yes" : "no", row.mayChangeCases ? "yes" : "no",
                    BeijingTime.short(row.createdAt),
                    row.revokedAt.map(BeijingTime.full) ?? "",
                ])
            }
            return table.text(empty: "no clients; run `dandelion client add`")
        }
    }
}

struct ClientRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Ends a client: from this moment it opens and reads no case.",
        discussion: """
            A request of it that is under way is finished first. Its key never works again; `dandelion client add` \
            with the same name gives it a new one.

            Example:

              dandelion client revoke online-form
            """)

    @Argument(help: "The client's name.")
    var name: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let name = self.name
        guard try await self.database.withPool({ try await IntakeStore().revoke(name: name, on: $0) }) else {
            throw CommandFailure(.badData, "there is no client \(name.printable); see `dandelion client list`")
        }
        Terminal.line("\(name.printable) is revoked")
    }
}
