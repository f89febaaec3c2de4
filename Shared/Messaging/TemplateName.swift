/// For whom a text is written.
public enum TemplateAudience: String, Sendable, CaseIterable {
    /// A help-seeker: nothing in it may say who writes, what about, or any name or number.
    case helpSeeker = "help_seeker"
    /// A station's desk: a case number and what it is about, never a person.
    case station
    /// An agency's desk: a referral's number and what it is about, never a person.
    case agency
    /// Those who run the network: the code of what is in trouble.
    case operators
}

/// What a text is shaped for.
public enum TemplateChannel: String, Sendable, CaseIterable {
    /// A subject and a text.
    case email
    /// A text alone, short.
    case sms
    /// A subject and a text; what is sent as a short message is the subject.
    case desk
}

/// A template's file name: `help_seeker.sms.please_call_back.zh-Hans.mustache`.
public struct TemplateName: Sendable, Hashable, CustomStringConvertible {
    public let audience: TemplateAudience
    public let channel: TemplateChannel
    /// What routing asks for.
    public let name: String
    /// A language tag such as `zh-Hans`, `en`, `mn`.
    public let language: String

    public init(audience: TemplateAudience, channel: TemplateChannel, name: String, language: String) {
        self.audience = audience
        self.channel = channel
        self.name = name
        self.language = language
    }

    /// Reads a file name; `nil` when it is not of that form.
    public init?(file: String) {
        let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[4] == "mustache", let audience = TemplateAudience(rawValue: parts[0]),
            let channel = TemplateChannel(rawValue: parts[1]), Self.isWord(parts[2]), Self.isLanguage(parts[3])
        else { return nil }
        self.init(audience: audience, channel: channel, name: parts[2], language: parts[3])
    }

    /// The name without `.mustache`.
    public var description: String {
        "\(self.audience.rawValue).\(self.channel.rawValue).\(self.name).\(self.language)"
    }

    private static func isWord(_ text: String) -> Bool {
        (2...64).contains(text.utf8.count) && text.utf8.first.map { $0 >= 0x61 && $0 <= 0x7A } == true
            && text.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x5F }
    }

    private static func isLanguage(_ text: String) -> Bool {
        let subtags = text.split(separator: "-", omittingEmptySubsequences: false)
        return (1...3).contains(subtags.count)
            && subtags.allSatisfy { tag in
                (2...8).contains(tag.utf8.count)
                    && tag.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x41 && $0 <= 0x5A }
            }
    }
}

/// What is wrong with a template. It names the template and never quotes it.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    public let template: String
    public let problem: String

    /// The template and what to change.
    public var description: String { "the template \(self.template) \(self.problem)" }
}
