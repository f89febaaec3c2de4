import FoundationEssentials

/// Reads one JSON object field by field, collecting what is wrong under the field's JSON Pointer. `null` counts as
/// absent.
struct FieldReader {
    let path: String
    private let object: [String: JSONValue]

    /// `nil` when the value is no object; the problem is recorded, and so is every field not in `fields`.
    init?(_ value: JSONValue, path: String, fields: Set<String>, _ problems: inout [FieldProblem]) {
        self.path = path
        guard case .object(let object) = value else {
            problems.append(FieldProblem(field: path, code: .wrongType, message: "must be an object"))
            return nil
        }
        self.object = object
        for name in object.keys.sorted() where !fields.contains(name) {
            problems.append(
                FieldProblem(
                    field: "\(path)/\(Self.escaped(name))", code: .unknownField,
                    message: "unknown field; known: \(fields.sorted().joined(separator: ", "))"))
        }
    }

    subscript(_ name: String) -> JSONValue? {
        let value = self.object[name]
        return value == .null ? nil : value
    }

    func pointer(_ name: String) -> String { "\(self.path)/\(name)" }

    func report(_ name: String, _ code: FieldProblem.Code, _ message: String, _ problems: inout [FieldProblem]) {
        problems.append(FieldProblem(field: self.pointer(name), code: code, message: message))
    }

    /// Records that a required field is absent.
    func require(_ name: String, _ problems: inout [FieldProblem]) {
        if self[name] == nil {
            self.report(name, .missing, "is required", &problems)
        }
    }

    /// A text of at most `limit` characters, trimmed of nothing. Control characters other than line breaks are refused,
    /// because no person types them and some sinks stop at them.
    func text(_ name: String, limit: Int, _ problems: inout [FieldProblem]) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else {
            self.report(name, .wrongType, "must be a text", &problems)
            return nil
        }
        guard text.count <= limit else {
            self.report(name, .tooLong, "must have at most \(limit) characters", &problems)
            return nil
        }
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" || $0 == "\r" || $0 == "\t" }
        guard isClean, !text.unicodeScalars.contains("\u{7F}") else {
            self.report(name, .malformed, "must not contain control characters", &problems)
            return nil
        }
        return text
    }

    func flag(_ name: String, _ problems: inout [FieldProblem]) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value else {
            self.report(name, .wrongType, "must be true or false", &problems)
            return nil
        }
        return flag
    }

    /// A whole number.
    func number(_ name: String, _ problems: inout [FieldProblem]) -> Int? {
        guard let value = self[name] else { return nil }
        guard case .number(let number) = value, let whole = Int(exactly: number) else {
            self.report(name, .wrongType, "must be a whole number", &problems)
            return nil
        }
        return whole
    }

    /// The items of a list of at most `limit`.
    func items(_ name: String, limit: Int, _ problems: inout [FieldProblem]) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard case .array(let items) = value else {
            self.report(name, .wrongType, "must be a list", &problems)
            return nil
        }
        guard items.count <= limit else {
            self.report(name, .tooMany, "must have at most \(limit) items", &problems)
            return nil
        }
        return items
    }

    /// A word of a closed vocabulary.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, as type: Word.Type, _ problems: inout [FieldProblem]
    ) -> Word? {
        guard let text = self.text(name, limit: 64, &problems) else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            self.report(name, .unknownValue, "must be one of \(known)", &problems)
            return nil
        }
        return word
    }

    /// A list of different words, each of which must be among `known`.
    func words<Word: RawRepresentable<String> & Equatable>(
        _ name: String, of known: [Word], _ problems: inout [FieldProblem]
    ) -> [Word] {
        var found: [Word] = []
        for (index, item) in (self.items(name, limit: known.count, &problems) ?? []).enumerated() {
            let field = "\(name)/\(index)"
            guard case .string(let text) = item else {
                self.report(field, .wrongType, "must be a text", &problems)
                continue
            }
            guard let word = known.first(where: { $0.rawValue == text }) else {
                let hint = known.map(\.rawValue).joined(separator: ", ")
                self.report(field, .unknownValue, "must be one of: \(hint)", &problems)
                continue
            }
            if found.contains(word) {
                self.report(field, .duplicate, "is listed twice", &problems)
            } else {
                found.append(word)
            }
        }
        return found
    }

    /// A list of different words of an open vocabulary; `known` empty admits any well-formed word.
    func codes<Word: Code>(
        _ name: String, known: [Word], limit: Int, _ problems: inout [FieldProblem]
    ) -> [Word] {
        var found: [Word] = []
        for (index, item) in (self.items(name, limit: limit, &problems) ?? []).enumerated() {
            let field = "\(name)/\(index)"
            guard case .string(let text) = item else {
                self.report(field, .wrongType, "must be a text", &problems)
                continue
            }
            let word = Word(rawValue: text)
            if known.isEmpty ? !word.isWellFormed : !known.contains(word) {
                let hint = known.isEmpty ? "a word of a-z, 0-9 and _" : known.map(\.rawValue).joined(separator: ", ")
                self.report(field, .unknownValue, "must be one of: \(hint)", &problems)
            } else if found.contains(word) {
                self.report(field, .duplicate, "is listed twice", &problems)
            } else {
                found.append(word)
            }
        }
        return found
    }

    private static func escaped(_ name: String) -> String {
        // A field nobody asked for may have any name; only an ordinary one is repeated.
        guard name.utf8.count <= 64, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            return "?"
        }
        return name
    }
}

extension FieldReader {
    /// An instant with its offset.
    func instant(_ name: String, _ problems: inout [FieldProblem]) -> Date? {
        guard let text = self.text(name, limit: 40, &problems) else { return nil }
        guard let instant = InstantText.read(text) else {
            self.report(name, .impossibleTime, "must be a time like 2026-12-31T18:00:00+08:00", &problems)
            return nil
        }
        return instant
    }

    /// An id as it was handed out.
    func id(_ name: String, _ problems: inout [FieldProblem]) -> UUID? {
        guard let text = self.text(name, limit: 36, &problems) else { return nil }
        guard let id = UUID(uuidString: text) else {
            self.report(name, .malformed, "must be an id as it was answered", &problems)
            return nil
        }
        return id
    }
}
