public import FoundationEssentials

/// How JSON looks at our doors: names in `snake_case`, instants as RFC 3339 with an offset (China Standard Time going
/// out, any coming in). One coder each for the process: they are only ever read.
public enum JSONConventions {
    /// Decodes bodies. Swift's `helpSeeker` is `help_seeker` in the document; initialisms are written like words.
    public static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = RFC3339.parse(try container.decode(String.self)) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: container.codingPath, debugDescription: "not an instant",
                        underlyingError: FieldFormatError(
                            code: "invalid_time",
                            message: "This must be a date and time with an offset, like 2026-03-01T09:30:00+08:00.")))
            }
            return date
        }
        return decoder
    }()

    /// Encodes answers, with sorted names so that equal answers are equal bytes.
    public static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(RFC3339.format(date, offsetMinutes: 8 * 60))
        }
        return encoder
    }()

    /// The name in the document for a coding key. A key that is already in snake case stays as it is.
    static func snakeCase(_ key: String) -> String {
        var result = ""
        for character in key {
            if character.isUppercase, !result.isEmpty, result.last != "_" { result.append("_") }
            result += character.lowercased()
        }
        return result
    }
}
