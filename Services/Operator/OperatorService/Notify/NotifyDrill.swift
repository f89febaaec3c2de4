import ArgumentParser
import Casework
import FoundationEssentials
import Messaging
import Safeguarding

extension NotifyCommand {
    struct Drill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drill", abstract: "Plays a week of messages to invented people; nothing leaves.",
            discussion: """
                Asks the policy about each at a moment of the week, with the texts of the installation, and writes what it \
                permits to a file instead of sending it. Shows how many went, how many would have waited for her hours, and \
                how many a person would have had to see to, and why. Without a database.

                Example:

                  dandelion notify drill --messages 10000 --sink drill.log
                """)

        @Option(help: "How many messages.")
        var messages = 10_000
        @Option(help: ArgumentHelp("Where to write what would have gone.", valueName: "file"))
        var sink = "/dev/null"
        @OptionGroup var files: Files
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000_000).contains(self.messages) else {
                throw ValidationError("--messages must be from 1 to 10000000.")
            }
        }

        func run() async throws {
            let catalog = try self.files.catalog()
            var drill = NotifyDrillRun(catalog: catalog, sink: self.sink)
            let started = ContinuousClock.now
            for number in 0..<self.messages { try await drill.play(number) }
            let report = drill.report(seconds: (ContinuousClock.now - started) / .seconds(1))
            try self.output.show(report) { report.text }
        }
    }
}

/// People, rules and moments that are invented, in the shares an installation has.
struct NotifyDrillRun {
    struct Report: Encodable {
        let messages: Int
        let sent: Int
        let waits: Int
        let denied: [String: Int]
        let perSecond: Double

        var text: String {
            var table = TextTable(["what", "messages"], right: ["messages"])
            table.add(["would have gone", String(self.sent)])
            table.add(["wait for her hours", String(self.waits)])
            for (reason, count) in self.denied.sorted(by: { $0.key < $1.key }) {
                table.add(["for a person: \(EventWords.suppression(reason))", String(count)])
            }
            return table.text() + "\n\n\(Int(self.perSecond)) messages per second through policy, rendering and sink"
        }
    }

    private let catalog: TemplateCatalog
    private let provider: FileProvider
    private let authenticator = SafeContactAuthenticator(keyring: .generate())
    private let policy = SafeContactPolicy.standard
    private let monday = Date(timeIntervalSince1970: 1_772_380_800)  // 2026-03-02, 00:00 in Beijing
    private var sent = 0
    private var waits = 0
    private var denied: [String: Int] = [:]

    init(catalog: TemplateCatalog, sink: String) {
        self.catalog = catalog
        self.provider = FileProvider(
            name: "drill", channel: .sms, sender: SenderIdentity(parts: ["signature": "平安生活"]), path: sink)
    }

    mutating func play(_ number: Int) async throws {
        let person = UUID()
        let now = self.monday + Double.random(in: 0..<7 * 86_400)
        let confirmed = now - Double.random(in: 0..<100) * 86_400
        let start = Int.random(in: 0..<24) * 60
        let rule = Safeguarding.SafeContact(
            id: UUID(), personID: person, channel: Int.random(in: 0..<20) == 0 ? .none : .sms,
            days: (1...7).filter { _ in Int.random(in: 0..<7) > 0 }, fromMinute: start,
            toMinute: (start + Int.random(in: 2..<16) * 60) % 1440, confirmedAt: confirmed,
            expiresAt: confirmed + 90 * 86_400)
        let number = "138\(String(10_000_000 + number % 90_000_000).prefix(8))"
        let isShared = Int.random(in: 0..<50) == 0
        let facts = ContactFacts(
            recipient: MessageRecipient(personID: person, role: .helpSeeker, phone: number, email: nil),
            rules: [StoredSafeContact(rule: rule, tag: self.authenticator.tag(for: rule))],
            authenticator: self.authenticator, texts: self.catalog.texts(forHelpSeeker: "please_call_back"),
            senders: [.sms: self.provider.sender],
            respondents: AvoidedContacts(phones: [isShared ? number : "13900139000"], emails: []), now: now)
        switch self.policy.decide(facts, message: UUID(), attempt: 1) {
        case .permit(let permit):
            guard case .accepted = try await self.provider.send(permit, template: "please_call_back") else {
                throw CommandFailure(.unavailable, "the sink cannot be written; correct --sink")
            }
            self.sent += 1
        case .later: self.waits += 1
        case .denied(let reason): self.denied[reason.rawValue, default: 0] += 1
        }
    }

    func report(seconds: Double) -> Report {
        let total = self.sent + self.waits + self.denied.values.reduce(0, +)
        return Report(
            messages: total, sent: self.sent, waits: self.waits, denied: self.denied,
            perSecond: Double(total) / max(seconds, 0.001))
    }
}
