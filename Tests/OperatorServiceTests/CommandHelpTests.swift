import Foundation
import Testing

@testable import OperatorService

struct CommandHelpTests {
    private let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/cli-help.md").path()

    @Test func theDocumentIsWhatTheCommandsPrint() throws {
        let help = CommandHelp.markdown
        if ProcessInfo.processInfo.environment["DANDELION_UPDATE_HELP"] == "1" {
            try help.write(toFile: self.path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: self.path, encoding: .utf8)
        #expect(
            written == help,
            "deploy/cli-help.md is out of date: DANDELION_UPDATE_HELP=1 ./deploy/local/test --filter CommandHelpTests")
    }

    @Test(arguments: [
        "migrate", "agency add", "rules import", "case show", "demo run", "doctor", "bench path", "bench notify",
        "notify preview", "notify send-test", "notify drill", "notify status", "notify tasks", "notify done",
        "notify inbox", "notify mute", "notify duty", "notify desk", "notify desks", "notify stop",
    ])
    func helpShowsAnExample(_ command: String) {
        let sections = CommandHelp.markdown.split(separator: "## dandelion ")
        let section = sections.first { $0.hasPrefix(command + "\n") }
        #expect(section?.contains("Example") == true)
    }
}
