import ArgumentParser

/// The help of every command as one document, `deploy/cli-help.md`.
enum CommandHelp {
    /// In the order of the commands. The terminal's width does not matter.
    static var markdown: String {
        let intro = """
            # The `dandelion` command line

            What `dandelion --help` and the help of each command print. Written by a test: run
            `DANDELION_UPDATE_HELP=1 ./deploy/local/test --filter CommandHelpTests`.


            """
        return intro + self.sections(DandelionCommand.self, path: []).joined(separator: "\n")
    }

    private static func sections(_ command: any ParsableCommand.Type, path: [String]) -> [String] {
        let path = path + [command._commandName]
        let help = DandelionCommand.helpMessage(for: command, columns: 100)
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        let text = lines.joined(separator: "\n").trimmed
        return ["## \(path.joined(separator: " "))\n\n```text\n\(text)\n```\n"]
            + command.configuration.subcommands.filter { $0.configuration.shouldDisplay }.flatMap {
                self.sections($0, path: path)
            }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        while text.first?.isNewline == true { text.removeFirst() }
        return String(text)
    }
}
