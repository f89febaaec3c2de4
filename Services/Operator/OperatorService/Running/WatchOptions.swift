import ArgumentParser
import FoundationEssentials
import Glibc
import PostgresClient

/// Whether a command goes on looking.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Look again and again, until Ctrl-C; with --json, a line for each look.")
    var watch = false
    @Option(help: ArgumentHelp("With --watch: so long between two looks.", valueName: "seconds"))
    var interval = 2.0

    func validate() throws {
        guard (0.1...3600).contains(self.interval) else {
            throw ValidationError("--interval must be from 0.1 to 3600.")
        }
    }

    /// Shows what `look` finds, once or again and again. A database that is away meanwhile is waited for.
    func show<Document: Encodable>(
        _ output: OutputOptions, look: () async throws -> Document, text: (Document) -> String
    ) async throws {
        guard self.watch else {
            let document = try await look()
            return try output.show(document) { text(document) }
        }
        while true {
            let shown: String
            do {
                let document = try await look()
                shown = output.json ? try JSONText.of(document) : text(document)
            } catch let error as PostgresError where error.isUnavailable {
                shown = output.json ? #"{"unavailable":true}"# : "the database does not answer; trying again"
            }
            Self.present(shown, isDocument: output.json)
            try await Task.sleep(for: .seconds(self.interval))
        }
    }

    /// On a terminal what is shown takes the place of what was shown before.
    private static func present(_ text: String, isDocument: Bool) {
        if isDocument {
            Terminal.line(text)
        } else if isatty(STDOUT_FILENO) == 1 {
            Terminal.line("\u{1B}[H\u{1B}[2J\(BeijingTime.full(Date()))\n\n\(text)")
        } else {
            Terminal.line("\(BeijingTime.full(Date()))\n\(text)\n")
        }
    }
}
