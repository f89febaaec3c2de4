import ArgumentParser
import FoundationEssentials

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The demonstration: the network's own published cases.", subcommands: [Run.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Plays the demonstration cases and shows their timelines as they happen.",
            discussion: """
                Sends each request to intake, follows the cases, and compares where each ends with what its \
                *.expected.json says. Every run opens cases of its own. With --once the exit status is 0 when each \
                case has reached its expected end and 1 when not, with the exact difference; without, the timelines \
                are followed until Ctrl-C. Before a case is closed somebody calls her back: here the member of staff \
                named by --staff, through a client that may change cases.

                Example:

                  dandelion demo run --cases deploy/demo/cases --intake http://127.0.0.1:8081 \\
                    --client-key keys/demonstration.key --once
                """)

        @Option(help: ArgumentHelp("Where the cases are.", valueName: "directory"))
        var cases = "deploy/demo/cases"
        @Option(help: ArgumentHelp("Where intake is.", valueName: "url"))
        var intake = "http://127.0.0.1:8081"
        @Option(help: ArgumentHelp("A file with the key of a client of intake.", valueName: "file"))
        var clientKey: String
        @Option(help: ArgumentHelp("The member of staff who calls back before a case is closed.", valueName: "staff"))
        var staff = "S-0001"
        @Flag(help: "End when every case has ended.")
        var once = false
        @Option(help: "How many seconds the cases may take.")
        var timeout = 120
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Document: Encodable {
            let run: String
            let cases: [DemoPlay.Result]
        }

        func validate() throws {
            guard (1...86_400).contains(self.timeout) else {
                throw ValidationError("--timeout must be from 1 to 86400 seconds.")
            }
        }

        func run() async throws {
            let cases = try DemoCase.load(directory: self.cases)
            let key = try BearerKey(file: self.clientKey, for: .intakeClient)
            let run = String(UUID().uuidString.lowercased().prefix(8))
            let isQuiet = self.output.json
            try await self.database.withPool { pool in
                try await IntakeCaller.withHTTPClient { http in
                    var play = try await DemoPlay(
                        pool: pool, intake: IntakeCaller(http: http, intakeURL: self.intake, key: key.text),
                        staff: self.staff
                    ) { line in
                        if !isQuiet { Terminal.line(line) }
                    }
                    try await play.send(cases, run: run)
                    let results = try await play.watch(timeout: .seconds(self.timeout))
                    try self.output.show(Document(run: run, cases: results)) { "\n" + Self.text(results) }
                    let wrong = results.count { !$0.reachedEnd }
                    if self.once {
                        guard wrong == 0 else {
                            throw CommandFailure(
                                .difference, "\(wrong) of \(results.count) cases did not reach their expected end")
                        }
                    } else {
                        Terminal.line("")
                        try await play.follow()
                    }
                }
            }
        }

        /// The table, then each difference.
        static func text(_ results: [DemoPlay.Result]) -> String {
            var table = TextTable(["案件", "编号", "预期结局", "用时"], right: ["用时"])
            for result in results {
                let seconds = result.reachedEnd ? "\(Int(result.seconds.rounded(.up))) s" : ""
                table.add([result.title, result.number, result.reachedEnd ? "达到" : "未达到", seconds])
            }
            var text = table.text()
            for result in results where !result.reachedEnd {
                text += "\n\n\(result.name) \(result.number)\n"
                text += result.differences.map { "  \($0)" }.joined(separator: "\n")
            }
            return text
        }
    }
}
