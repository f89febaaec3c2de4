import HTTPTypes

/// Thrown by a `Decodable` type of ours (as the underlying error of `DecodingError.dataCorrupted`) to say what is wrong
/// with a value in words that may be shown. Everything else that decoders say may quote the value and is not shown.
public struct FieldFormatError: Error, Sendable {
    /// For programs, such as `invalid_date`.
    public let code: String
    /// For people; constant text.
    public let message: String

    /// What is wrong with a value.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

extension HTTPProblem {
    /// 400 that names the position of a syntax error, or the field that the decoder stumbled over.
    init(rejecting error: DecodingError, body: [UInt8]?) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(field: context.codingPath + [key], code: "required", message: "This field is required.")
        case .valueNotFound(_, let context):
            self.init(field: context.codingPath, code: "required", message: "This field must not be null.")
        case .typeMismatch(let type, let context):
            self.init(
                field: context.codingPath, code: "wrong_type", message: "This must be \(Self.jsonName(of: type)).")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            let format = context.underlyingError as? FieldFormatError
            self.init(
                field: context.codingPath, code: format?.code ?? "invalid_value",
                message: format?.message ?? "This value is not allowed here.")
        case .dataCorrupted:
            self.init(syntaxErrorIn: body)
        @unknown default:
            self.init(.malformedJSON, "Send a JSON document in UTF-8.")
        }
    }

    private init(field path: [any CodingKey], code: String, message: String) {
        self.init(
            .unexpectedShape, "Correct the field named in errors and send the request again.",
            errors: [FieldError(field: JSONPointer.text(of: path), code: code, message: message)])
    }

    private init(syntaxErrorIn body: [UInt8]?) {
        guard let body else {
            self.init(.malformedJSON, "Send a JSON document in UTF-8.")
            return
        }
        if let place = JSONSyntax.firstError(in: body) {
            self.init(.malformedJSON, "Line \(place.line), column \(place.column): \(place.message).")
        } else {
            // Sound JSON that the decoder refuses: a number that does not fit its field.
            self.init(.malformedJSON, "A number is too large, or a fraction where a whole number is expected.")
        }
    }

    private static func jsonName(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "a list"
        case is [String: Any].Type: "an object"
        default: "of another type"
        }
    }
}

/// Coding paths as JSON Pointers, in the names that stand in the document.
enum JSONPointer {
    static func text(of path: [any CodingKey]) -> String {
        path.map { "/" + ($0.intValue.map(String.init) ?? self.escaped(JSONConventions.snakeCase($0.stringValue))) }
            .joined()
    }

    private static func escaped(_ name: String) -> String {
        var result = ""
        for character in name {
            switch character {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.append(character)
            }
        }
        return result
    }
}
