import Logging

/// The content of one log line, before it has a form.
struct LogLine {
    let time: String
    let level: Logger.Level
    let label: String
    let message: String
    var metadata: Logger.Metadata = [:]

    init(time: String, level: Logger.Level, label: String, message: String) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
    }

    /// The line with its line end. Control characters in the data are escaped, so it is one line whatever is logged.
    func rendered(as format: LogFormat) -> [UInt8] {
        var text =
            switch format {
            case .json: self.json
            case .text: self.text
            }
        text.append("\n")
        return Array(text.utf8)
    }

    private var json: String {
        var text = "{\"time\":\(JSONText.quoted(self.time)),\"level\":\"\(self.level.rawValue)\""
        text += ",\"label\":\(JSONText.quoted(self.label)),\"message\":\(JSONText.quoted(self.message))"
        if !self.metadata.isEmpty {
            text += ",\"metadata\":\(JSONText.object(self.metadata))"
        }
        return text + "}"
    }

    private var text: String {
        var text = "\(self.time) \(self.level.rawValue) \(self.label): \(Self.escaped(self.message))"
        for (key, value) in self.metadata.sorted(by: { $0.key < $1.key }) {
            text += " \(Self.escaped(key))=\(Self.textValue(value))"
        }
        return text
    }

    private static func textValue(_ value: Logger.MetadataValue) -> String {
        let plain =
            switch value {
            case .string(let string): string
            case .stringConvertible(let convertible): "\(convertible)"
            case .array, .dictionary: JSONText.value(value)
            }
        let needsQuotes = plain.isEmpty || plain.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return needsQuotes ? JSONText.quoted(plain) : self.escaped(plain)
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.contains(where: JSONText.mustEscape)
            ? String(JSONText.quoted(text).dropFirst().dropLast()) : text
    }
}

/// JSON text of log metadata. Small and without Foundation, because every line goes through it.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where self.mustEscape(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    static func object(_ metadata: Logger.Metadata) -> String {
        let members = metadata.sorted { $0.key < $1.key }.map { "\(self.quoted($0.key)):\(self.value($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    static func value(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let string): self.quoted(string)
        case .stringConvertible(let convertible): self.quoted("\(convertible)")
        case .array(let values): "[\(values.map(self.value).joined(separator: ","))]"
        case .dictionary(let metadata): self.object(metadata)
        }
    }

    /// Control characters, and the line and paragraph separators that some readers take for line ends.
    static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
