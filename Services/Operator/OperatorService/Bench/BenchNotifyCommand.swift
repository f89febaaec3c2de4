import ArgumentParser
import Casework
import FoundationEssentials
import PostgresClient
import Safeguarding

extension BenchCommand {
    struct Notify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "notify", abstract: "Measures how fast messages get from commit to provider.",
            discussion: """
                For a test installation, as the owner of its database. Opens cases with people of its own, puts messages \
                for them into the queue, and measures single messages in danger to life while the others wait, then how \
                fast those go. A notification service whose providers write to a file (kind: file) is measured by what \
                stands in it, up to the provider; any other by the messages' trails, up to the provider's answer.

                deploy/bench/notify sets such an installation up and runs this.

                Examples:

                  dandelion bench notify --messages 20000 --urgent 200 --keys keys/field-keys.json --sink sink.log
                  dandelion bench notify --messages 2000 --urgent 0 --keys keys/field-keys.json --channel email
                """)

        @Option(help: "Ordinary messages.")
        var messages = 10_000
        @Option(help: "Messages in danger to life, one after the other, while the ordinary ones wait.")
        var urgent = 200
        @Option(help: "Help-seekers, each with a case of her own and a respondent on it; 0 writes to a desk instead.")
        var people = 500
        @Option(help: "How the help-seekers may be reached: sms or email.")
        var channel = "sms"
        @Option(help: ArgumentHelp("The service's field keys.", valueName: "file"))
        var keys: String
        @Option(help: ArgumentHelp("The file that the providers write to.", valueName: "file"))
        var sink: String?
        @Option(help: "Give up after so many seconds.")
        var timeout = 600
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1_000_000).contains(self.messages), (0...10_000).contains(self.urgent) else {
                throw ValidationError("--messages must be from 1 to 1000000, --urgent from 0 to 10000.")
            }
            guard (0...100_000).contains(self.people), (1...86_400).contains(self.timeout) else {
                throw ValidationError("--people must be from 0 to 100000, --timeout from 1 to 86400.")
            }
            guard ["sms", "email"].contains(self.channel) else {
                throw ValidationError("--channel must be sms or email.")
            }
        }

        func run() async throws {
            let keyring: FieldKeyring
            do throws(KeyFileError) {
                keyring = try FieldKeyring(path: self.keys)
            } catch {
                throw CommandFailure(.badData, "--keys: \(error)")
            }
            let report = try await self.database.withPool { pool in
                let people = try await BenchNotifyPeople.open(
                    self.people, channel: self.channel == "sms" ? .sms : .email, keyring: keyring, on: pool)
                return try await BenchNotifyRun(
                    messages: self.messages, urgent: self.urgent, people: people,
                    arrivals: NotifyArrivals(sink: self.sink, pool: pool), timeout: .seconds(self.timeout), pool: pool
                ).run()
            }
            try self.output.show(report) { report.text }
        }
    }
}
