/// A small comma-separated file of the project's own: a header line that must be exactly the one expected, `#` comment
/// lines, no quoting. What it holds are codes and names, which need none.
struct DataFile: Sendable {
    struct Row: Sendable {
        /// Counted from 1, as editors do.
        let line: Int
        let fields: [String]
    }

    let rows: [Row]

    init(csv text: String, header: [String]) throws(DataFileError) {
        var rows: [Row] = []
        var sawHeader = false
        // Line endings of Windows are one Character in Swift, so the split is on any newline.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed($0) }
            if !sawHeader {
                guard Self.withoutByteOrderMark(fields) == header else {
                    throw DataFileError(code: .badHeader, line: index + 1, field: header.joined(separator: ","))
                }
                sawHeader = true
                continue
            }
            guard fields.count == header.count else {
                throw DataFileError(code: .fieldCount, line: index + 1, field: header.joined(separator: ","))
            }
            rows.append(Row(line: index + 1, fields: fields))
        }
        guard sawHeader else {
            throw DataFileError(code: .badHeader, line: 1, field: header.joined(separator: ","))
        }
        self.rows = rows
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static func withoutByteOrderMark(_ fields: [String]) -> [String] {
        guard let first = fields.first, first.unicodeScalars.first == "\u{FEFF}" else { return fields }
        return [String(String.UnicodeScalarView(first.unicodeScalars.dropFirst()))] + fields.dropFirst()
    }
}

/// What is wrong with a data file, and where. Nothing of such a file is used.
public struct DataFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// The first line is not the expected header.
        case badHeader = "bad_header"
        /// A line has more or fewer fields than the header.
        case fieldCount = "field_count"
        /// A field does not hold what it should.
        case badValue = "bad_value"
        /// The same key stands on an earlier line.
        case duplicate
        /// The line names something that is not in the file.
        case orphan
        /// The file is not YAML of the expected shape.
        case badShape = "bad_shape"
        /// Something that must be in the file is missing between the rest.
        case gap
    }

    public let code: Code
    /// Counted from 1; 0 when the place is named by ``field`` alone.
    public let line: Int
    /// The field, or the expected header.
    public let field: String

    public init(code: Code, line: Int, field: String) {
        self.code = code
        self.line = line
        self.field = field
    }

    public var description: String {
        let place = self.line > 0 ? "line \(self.line), " : ""
        switch self.code {
        case .badHeader: return "\(place)the header must be \(self.field)"
        case .fieldCount: return "\(place)not as many fields as the header \(self.field)"
        case .badValue: return "\(place)\(self.field) has a value that is not allowed"
        case .duplicate: return "\(place)\(self.field) repeats an earlier one"
        case .orphan: return "\(place)\(self.field) names something that does not exist"
        case .gap: return "\(place)missing: \(self.field)"
        case .badShape: return "\(place)\(self.field)"
        }
    }
}
