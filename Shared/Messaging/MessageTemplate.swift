import Mustache
public import Safeguarding
import SMS

/// One template, checked when it is loaded: what it may name, how long it is, and for help-seekers that it says nothing.
public struct MessageTemplate: Sendable {
    public let name: TemplateName
    /// The values it takes.
    public let placeholders: Set<String>
    private let subject: MustacheTemplate?
    private let text: MustacheTemplate

    /// What a template for each audience may name.
    static let known: [TemplateAudience: Set<String>] = [
        .helpSeeker: [], .station: ["number", "station"], .agency: ["referral", "agency", "count", "lines"],
        .operators: ["about"],
    ]

    /// Reads a template.
    ///
    /// For channels with a subject the first line is `subject: …`. Placeholders are `{{name}}` with a known name; no
    /// other Mustache tag is allowed, since what a section or a partial would say cannot be checked here.
    /// - Throws: `TemplateError`.
    public init(_ name: TemplateName, source bytes: [UInt8]) throws(TemplateError) {
        func refuse(_ problem: String) -> TemplateError { TemplateError(template: "\(name)", problem: problem) }
        guard bytes.count <= 8192 else { throw refuse("is longer than 8192 bytes; shorten it") }
        guard let source = String(validating: bytes, as: UTF8.self) else { throw refuse("is not UTF-8; convert it") }
        var lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        var subject: String?
        if name.channel != .sms {
            guard let first = lines.first, first.hasPrefix("subject: ") else {
                throw refuse("must begin with a line `subject: …`")
            }
            subject = String(first.dropFirst(9))
            lines.removeFirst()
            guard lines.first == "" else { throw refuse("must have an empty line after the subject") }
            lines.removeFirst()
        }
        var text = lines.joined(separator: "\n")
        while text.last == "\n" { text.removeLast() }
        guard !text.isEmpty, subject != "" else { throw refuse("is empty; write a text") }
        guard subject.map({ $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }) ?? true else {
            throw refuse("has a control character in its subject; take it out")
        }
        let named = try Self.placeholders(in: (subject ?? "") + "\n" + text, refuse)
        guard let allowed = Self.known[name.audience], named.isSubset(of: allowed) else {
            throw refuse(
                "names the unknown value \(named.subtracting(Self.known[name.audience] ?? []).sorted().first ?? "")")
        }
        self.name = name
        self.placeholders = named
        do {
            self.subject = try subject.map { try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + $0) }
            self.text = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + text)
        } catch {
            throw refuse("is not Mustache; correct its tags")
        }
        try self.check(refuse)
    }

    /// The words with these values; names without a value are a mistake of the caller and render as nothing.
    public func render(_ values: [String: String] = [:]) -> MessageText {
        MessageText(subject: self.subject?.render(values) ?? "", text: self.text.render(values))
    }

    /// For help-seekers the deny-list; for short messages their length, the signature's share included.
    private func check(_ refuse: (String) -> TemplateError) throws(TemplateError) {
        let sample = self.render(Dictionary(uniqueKeysWithValues: self.placeholders.map { ($0, "x") }))
        switch self.name.audience {
        case .helpSeeker:
            if let hit = DenyList.helpSeeker.firstHit(in: "\(sample.subject)\n\(sample.text)") {
                throw refuse("holds \(hit); take it out")
            }
        case .station, .agency, .operators:
            break
        }
        if self.name.channel == .sms, SMSText(sample.text, signatureLength: 12).segments > 2 {
            throw refuse("is longer than two short messages; shorten it")
        }
    }

    /// The names between `{{` and `}}`.
    private static func placeholders(
        in source: String, _ refuse: (String) -> TemplateError
    ) throws(TemplateError) -> Set<String> {
        var named: Set<String> = []
        var rest = source[...]
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw refuse("has a tag that is not closed")
            }
            let name = rest[open.upperBound..<close.lowerBound]
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A || $0 == 0x5F }) else {
                throw refuse("has a tag that is not a plain {{name}}; only those are allowed")
            }
            named.insert(String(name))
            rest = rest[close.upperBound...]
        }
        guard rest.firstRange(of: "}}") == nil else { throw refuse("closes a tag that was not opened") }
        return named
    }
}
