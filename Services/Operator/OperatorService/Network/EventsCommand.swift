import ArgumentParser
import CaseworkStore
import FoundationEssentials
import PostgresClient
import ServiceKit

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "What operators changed 操作记录: who, when, what.",
        discussion: """
            Each change of agencies, their keys, clients, stations' addresses, divisions, rules and impact \
            assessments is an event that cannot be changed or removed. It names the login that did it, codes and ids. A public key and a webhook's \
            address are shown by their SHA-256.

            Examples:

              dandelion events --subject 150104-police
              dandelion events --kind agency_key_added --since 2026-11-01
              dandelion events --json
            """)

    @Option(help: "Only those about it: an agency's code, a client's name, a division, a version of the rules.")
    var subject: String?
    @Option(help: "Only those of this kind, such as agency_changed.")
    var kind: String?
    @Option(help: ArgumentHelp("Only from this day (or RFC 3339 instant) on.", valueName: "day"))
    var since: String?
    @Option(help: "At most so many, the newest.")
    var limit = 100
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let id: Int64
        let at: Date
        let by: String
        let kind: String
        let subject: String
        let data: JSONTree
    }

    func validate() throws {
        guard (1...100_000).contains(self.limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
    }

    func run() async throws {
        let since = try self.since.map(Self.instant)
        let events = try await self.database.withPool { pool in
            try await OperatorStore().changes(
                subject: self.subject, kind: self.kind, since: since, limit: self.limit, on: pool)
        }
        let rows = events.map { event in
            Row(
                id: event.id, at: event.occurredAt, by: event.databaseRole, kind: event.kind, subject: event.subject,
                data: JSONTree(text: event.data.text))
        }
        try self.output.show(rows) {
            var table = TextTable(["when", "who", "what", "of", "details"])
            for row in rows.reversed() {
                table.add([BeijingTime.full(row.at), row.by, row.kind, row.subject, Self.details(row.data)])
            }
            return table.text(empty: "no such events")
        }
    }

    /// A day begins at midnight in Beijing.
    static func instant(_ text: String) throws(CommandFailure) -> Date {
        guard let instant = RFC3339.parse(text) ?? RFC3339.parse(text + "T00:00:00+08:00") else {
            throw CommandFailure(.badData, "--since must be a day such as 2026-11-01, or an RFC 3339 instant")
        }
        return instant
    }

    /// `name=value` pairs, by name; what is long is shortened, as the JSON has it whole.
    static func details(_ data: JSONTree) -> String {
        guard case .object(let members) = data else { return "" }
        return members.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.word($0.value))" }.joined(separator: " ")
    }

    private static func word(_ value: JSONTree) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "yes" : "no"
        case .number(let value): String(Int64(exactly: value).map(String.init) ?? String(value))
        case .text(let text): text.count == 64 ? "\(text.prefix(16))…" : text
        case .list(let values): values.map(Self.word).joined(separator: ",")
        case .object: "{…}"
        }
    }
}
