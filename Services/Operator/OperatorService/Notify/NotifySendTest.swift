import ArgumentParser
import Casework
import FoundationEssentials
import Messaging
import Safeguarding

extension NotifyCommand {
    struct SendTest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "send-test", abstract: "Sends one neutral message of ours to an address of yours.",
            discussion: """
                Through one provider of the file, without a database: to see that it takes messages, what they look like, \
                and that the sender says nothing. Never use it for a help-seeker's address: it asks no rules of hers.

                Example:

                  dandelion notify send-test carrier 13800138000 --providers providers.yaml --template please_call_back
                """)

        @Argument(help: "The provider's name in the file.")
        var provider: String
        @Argument(help: "The mailbox or number.")
        var address: String
        @Option(help: ArgumentHelp("The file of providers.", valueName: "file"))
        var providers: String
        @Option(help: "What to send: a help-seeker's message.")
        var template = "please_call_back"
        @OptionGroup var files: Files

        func run() async throws {
            let catalog = try self.files.catalog()
            let yaml = try TextFile.read(self.providers)
            let file: ProvidersFile
            do throws(ProvidersFile.Problem) {
                file = try ProvidersFile(yaml: yaml) { path in try TextFile.secret(path) }
            } catch {
                throw CommandFailure(.badData, error.description)
            }
            guard let provider = file.set.all.first(where: { $0.name == self.provider }) else {
                let names = file.set.all.map(\.name).joined(separator: ", ")
                throw CommandFailure(.badData, "there is no provider '\(self.provider.printable)'; there are: \(names)")
            }
            guard let text = catalog.texts(forHelpSeeker: self.template)[provider.channel] else {
                throw CommandFailure(.badData, "there is no template '\(self.template.printable)' for that channel")
            }
            let facts = StaffFacts(lane: 0, address: self.address, channel: provider.channel, text: text, now: Date())
            guard case .permit(let permit) = StaffPolicy.standard.decide(facts, message: UUID(), attempt: 1) else {
                throw CommandFailure(.internalError, "the policy for staff refused")
            }
            switch try await provider.send(permit, template: self.template) {
            case .accepted(let reference, let segments):
                let parts = segments > 0 ? ", \(segments) short messages" : ""
                Terminal.line("taken\(reference.map { " as \($0.printable)" } ?? "")\(parts)")
            case .refused(let reason): throw CommandFailure(.difference, "refused for good: \(reason)")
            case .later(let reason): throw CommandFailure(.unavailable, "not taken now: \(reason)")
            case .unknown(let reason):
                throw CommandFailure(.unavailable, "perhaps taken: \(reason); look at the address")
            case .expired: throw CommandFailure(.internalError, "the permit ran out")
            }
        }
    }
}
