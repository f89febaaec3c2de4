import ArgumentParser
import FoundationEssentials
import PostgresClient
import Safeguarding

struct NetworkKeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the network's keys, newest first, and how much is sealed to each.",
        discussion: "Example:\n\n  dandelion network key list")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static func chinese(_ state: String) -> String {
        switch NetworkKeyStore.State(rawValue: state) {
        case .current: "现用"
        case .before: "上一把"
        case .later: "未生效"
        case .over: "停用"
        case .retired: "已撤下"
        case nil: state
        }
    }

    private struct Row: Encodable {
        let keyId: String
        let state: String
        let validFrom: Date
        let addedAt: Date
        let texts: Int64
    }

    func run() async throws {
        let rows = try await self.database.withPool { try await NetworkKeyStore().list(on: $0) }.map {
            Row(
                keyId: $0.id, state: $0.state.rawValue, validFrom: $0.validFrom, addedAt: $0.addedAt,
                texts: $0.texts)
        }
        try self.output.show(rows) {
            var table = TextTable(["密钥", "状态", "生效", "登记", "密文"])
            for row in rows {
                table.add([
                    row.keyId, Self.chinese(row.state), BeijingTime.full(row.validFrom),
                    BeijingTime.full(row.addedAt), String(row.texts),
                ])
            }
            return table.text(empty: "没有密钥：部门不能发来文字")
        }
    }
}

struct NetworkKeyRetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Takes no more texts that are sealed to a key: it is lost, or somebody else has it.",
        discussion: """
            Add the next key first. What was sealed to it stays, and opens for as long as its private half is kept. A stolen key belongs \
            into agencies' file of onboarding keys, too, as `revoked ID`.

            Example:

              dandelion network key retire 0d7f8c5b...
            """)

    @Argument(help: "The key's id, as `dandelion network key list` shows it.")
    var id: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let id = self.id
        guard try await self.database.withPool({ try await NetworkKeyStore().retire(id, on: $0) }) else {
            throw CommandFailure(
                .badData, "there is no such key in use: \(id.printable); see `dandelion network key list`")
        }
        Terminal.line("nothing that is sealed to \(id) is taken any more")
    }
}
