import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Who may send requests for help to intake.",
        subcommands: [Add.self, ClientListCommand.self, ClientRevokeCommand.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Makes or updates a client of intake.",
            discussion: """
                A client may send requests of its channels for its division and everything inside. The key is \
                written to --key-to with mode 0600, or printed, once. When the file is there its key is kept. \
                Channels: hotline, walk_in, online, grid_worker, screening, partner, import, or all.

                Examples:

                  dandelion client add hotline-desk --channels hotline,walk_in --division 150000 --may-read \\
                    --may-change --key-to keys/hotline-desk.key
                  dandelion client add online-form --channels online --division 150000 --per-minute 60
                """)

        @Argument(help: "The client's name.")
        var name: String
        @Option(help: ArgumentHelp("Channels, separated by commas, or all.", valueName: "channels"))
        var channels: String
        @Option(help: "The division it may send requests for.")
        var division: String
        @Option(help: "How many requests a minute.")
        var perMinute = 600
        @Flag(help: "It may read the cases of its division.")
        var mayRead = false
        @Flag(help: "It may record what staff do on the cases of its division.")
        var mayChange = false
        @Option(help: ArgumentHelp("Where to write its key.", valueName: "file"))
        var keyTo: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Report: Encodable {
            let name: String
            let key: String?
            let keyFile: String?
        }

        func run() async throws {
            guard (1...10_000_000).contains(self.perMinute) else {
                throw CommandFailure(.badData, "--per-minute must be from 1 to 10000000")
            }
            let channels = try Self.channels(self.channels)
            let division = try DivisionArgument.parse(self.division)
            let key = try self.key()
            let client = NewIntakeClient(
                name: self.name, keyHash: key.hash, channels: channels, divisionScope: division,
                requestsPerMinute: self.perMinute, mayReadCases: self.mayRead, mayChangeCases: self.mayChange)
            _ = try await self.database.withPool { try await IntakeStore().put(client, on: $0) }
            let report = Report(name: self.name, key: self.keyTo == nil ? key.text : nil, keyFile: self.keyTo)
            try self.output.show(report) {
                let place = report.keyFile.map { "key: \($0)" } ?? "key, shown this once: \(key.text)"
                return "\(report.name) may send requests\n\(place)"
            }
        }

        private func key() throws -> BearerKey {
            guard let keyTo else { return BearerKey(for: .intakeClient) }
            if TextFile.exists(keyTo) { return try BearerKey(file: keyTo, for: .intakeClient) }
            let directory = URL(filePath: keyTo).deletingLastPathComponent().path()
            try PrivateFile.makeDirectory(directory)
            let key = BearerKey(for: .intakeClient)
            try PrivateFile.create(keyTo, key.text + "\n")
            return key
        }

        private static func channels(_ text: String) throws(CommandFailure) -> [IntakeChannel] {
            if text == "all" { return IntakeChannel.allCases }
            var channels: [IntakeChannel] = []
            for word in text.split(separator: ",") {
                guard let channel = IntakeChannel(rawValue: String(word)) else {
                    let known = IntakeChannel.allCases.map(\.rawValue).joined(separator: ", ")
                    throw CommandFailure(.badData, "'\(String(word).printable)' is no channel; known are \(known)")
                }
                channels.append(channel)
            }
            guard !channels.isEmpty else { throw CommandFailure(.badData, "name at least one channel, or all") }
            return channels
        }
    }
}
