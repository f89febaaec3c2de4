public import Casework
public import Safeguarding

/// The templates of an installation: those that are shipped, with files of its own in place of or beside them.
public struct TemplateCatalog: Sendable {
    /// The language every text has to have.
    public static let firstLanguage = "zh-Hans"

    private let templates: [TemplateName: MessageTemplate]

    /// What is shipped.
    public static let shipped: TemplateCatalog = {
        do {
            return try TemplateCatalog(files: [])
        } catch {
            // The shipped files are constants of this build; a test loads them.
            preconditionFailure("\(error)")
        }
    }()

    /// - Parameter files: an installation's own, by file name. One of the same name replaces what is shipped; another
    ///   language is added beside it.
    /// - Throws: `TemplateErrors` with everything that is wrong.
    public init(files: [(name: String, bytes: [UInt8])]) throws(TemplateErrors) {
        var templates: [TemplateName: MessageTemplate] = [:]
        var problems: [TemplateError] = []
        for file in TemplateList.shipped + files {
            guard let name = TemplateName(file: file.name) else {
                problems.append(
                    TemplateError(
                        template: file.name,
                        problem: "is not named audience.channel.name.language.mustache; rename it"))
                continue
            }
            do {
                templates[name] = try MessageTemplate(name, source: file.bytes)
            } catch {
                problems.append(error)
            }
        }
        for name in templates.keys {
            let first = TemplateName(
                audience: name.audience, channel: name.channel, name: name.name, language: Self.firstLanguage)
            if templates[first] == nil {
                problems.append(TemplateError(template: "\(name)", problem: "has no text in \(Self.firstLanguage)"))
            }
        }
        guard problems.isEmpty else { throw TemplateErrors(problems: problems.sorted { $0.template < $1.template }) }
        self.templates = templates
    }

    /// Every template, by name.
    public var all: [MessageTemplate] {
        self.templates.values.sorted { $0.name.description < $1.name.description }
    }

    /// A template in the first of these languages that has it, or in the one every text has.
    public func template(
        _ name: String, for audience: TemplateAudience, channel: TemplateChannel, languages: [String] = []
    ) -> MessageTemplate? {
        for language in languages + [Self.firstLanguage] {
            let key = TemplateName(audience: audience, channel: channel, name: name, language: language)
            if let template = self.templates[key] { return template }
        }
        return nil
    }

    /// What a help-seeker would be told, by channel.
    public func texts(forHelpSeeker name: String, languages: [String] = []) -> [ContactChannel: MessageText] {
        var texts: [ContactChannel: MessageText] = [:]
        for (channel, shape) in [(ContactChannel.email, TemplateChannel.email), (.sms, .sms)] {
            texts[channel] = self.template(name, for: .helpSeeker, channel: shape, languages: languages)?.render()
        }
        return texts
    }

    /// What a desk is told; a kind this version does not know is still worth a look. As a short message the subject goes.
    public func text(
        for audience: TemplateAudience, _ kind: String, channel: ContactChannel, values: [String: String],
        languages: [String] = []
    ) -> MessageText {
        let template =
            self.template(kind, for: audience, channel: .desk, languages: languages)
            ?? self.template("notice", for: audience, channel: .desk, languages: languages)
        let text = template?.render(values) ?? MessageText(text: "")
        return channel == .sms ? MessageText(text: text.subject) : text
    }
}

/// Everything that is wrong with the templates of an installation.
public struct TemplateErrors: Error, Sendable, CustomStringConvertible {
    public let problems: [TemplateError]

    /// One line for each.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}
