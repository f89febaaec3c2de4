import ArgumentParser
import Messaging
import SMS
import Safeguarding

extension NotifyCommand {
    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "preview", abstract: "Shows every text as it would be sent, and checks it.",
            discussion: """
                Without a database. Exit status 65 when a template may not be used, with everything that is wrong.

                To add a language, put files named like the shipped ones with its tag, such as \
                help_seeker.sms.please_call_back.mn.mustache, into a directory, look at them with --templates, and name \
                the directory in DANDELION_TEMPLATES_DIRECTORY and the language in DANDELION_LANGUAGES.

                Examples:

                  dandelion notify preview
                  dandelion notify preview please_call_back --language en
                  dandelion notify preview --templates texts --signature 平安生活
                """)

        @Argument(help: "Only the message of this name.")
        var name: String?
        @Option(help: "Only this language.")
        var language: String?
        @Option(help: "The signature that counts in short messages.")
        var signature: String?
        @OptionGroup var files: Files
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalog = try self.files.catalog()
            let signature: SMSSignature?
            do throws(SMSError) {
                signature = try self.signature.map { name throws(SMSError) in try SMSSignature(name) }
            } catch {
                throw CommandFailure(.badData, "--signature: \(error)")
            }
            let lines = catalog.all.filter { template in
                (self.name ?? template.name.name) == template.name.name
                    && (self.language ?? template.name.language) == template.name.language
            }.map { PreviewLine($0, signature: signature) }
            guard !lines.isEmpty else { throw CommandFailure(.badData, "there is no such template") }
            try self.output.show(lines) { lines.map(\.text).joined(separator: "\n\n") }
        }
    }
}

/// One text, filled with samples.
struct PreviewLine: Encodable {
    let template: String
    let subject: String
    let body: String
    let encoding: String?
    let segments: Int?

    init(_ template: MessageTemplate, signature: SMSSignature?) {
        let samples = [
            "number": "C-7K2M-0QX9", "station": "玉泉区妇联", "referral": "R-7K2M-0QX9", "agency": "玉泉区公安分局",
            "about": "relay", "count": "2", "lines": "R-7K2M-0QX9\nR-4H8N-1ZC3",
        ]
        let text = template.render(samples.filter { template.placeholders.contains($0.key) })
        self.template = "\(template.name)"
        self.subject = text.subject
        self.body = text.text
        switch template.name.channel {
        case .email:
            self.encoding = nil
            self.segments = nil
        case .sms, .desk:
            let short = template.name.channel == .sms ? text.text : text.subject
            let sms = SMSText(short, signatureLength: signature?.length ?? 0)
            self.encoding = sms.encoding.rawValue
            self.segments = sms.segments
        }
    }

    var text: String {
        let count = self.segments.map { "  (\($0) short message\($0 == 1 ? "" : "s"), \(self.encoding ?? ""))" } ?? ""
        return ["\(self.template)\(count)", self.subject.isEmpty ? nil : "  \(self.subject)"].compactMap(\.self)
            .joined(separator: "\n") + "\n"
            + self.body.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "  \($0)" }.joined(separator: "\n")
    }
}
