/// The templates messages are made from. None gets in that says what must not be said.
public struct MessageTemplates: Sendable {
    private let templates: [String: MessageTemplate]

    /// The network's own templates.
    public static let standard = MessageTemplates(unchecked: [
        .requestReceived, .pleaseCallBack, .newsForYou, .appointment, .followUp,
    ])

    /// Templates of an installation.
    /// - Throws: `MessageTemplateError` for the first one that says what the deny-list forbids.
    public init(_ templates: [MessageTemplate]) throws(MessageTemplateError) {
        for template in templates {
            if let hit = DenyList.helpSeeker.firstHit(in: "\(template.subject)\n\(template.text)") {
                throw MessageTemplateError(template: template.id, hit: hit)
            }
        }
        self.init(unchecked: templates)
    }

    private init(unchecked templates: [MessageTemplate]) {
        self.templates = Dictionary(templates.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The template of this name.
    public func template(_ id: String) -> MessageTemplate? { self.templates[id] }

    /// Every template, by name.
    public var all: [MessageTemplate] { self.templates.values.sorted { $0.id < $1.id } }
}

/// A template says what must not be said.
public struct MessageTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The template's name.
    public let template: String
    /// What it says.
    public let hit: DenyList.Hit

    /// The template and what to take out of it.
    public var description: String { "the message template \(self.template) holds \(self.hit); take it out" }
}
