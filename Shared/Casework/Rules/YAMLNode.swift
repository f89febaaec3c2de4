import Yams

/// A place in a YAML file while it is read strictly: every key must be known, and everything wrong is collected with
/// its line instead of stopping at the first.
struct YAMLMap {
    let line: Int
    /// The rule being read, for messages.
    var rule: String?
    private let values: [String: Node]

    /// `nil` when the node is no mapping with text keys; the problem is recorded.
    init?(_ node: Node, rule: String? = nil, keys: Set<String>?, _ problems: inout [RuleProblem]) {
        self.line = node.mark?.line ?? 0
        self.rule = rule
        guard let mapping = node.mapping else {
            problems.append(RuleProblem(code: .shape, rule: rule, line: self.line, message: "expected keys and values"))
            return nil
        }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                problems.append(
                    RuleProblem(code: .shape, rule: rule, line: key.mark?.line ?? self.line, message: "key is no text"))
                continue
            }
            if let keys, !keys.contains(name) {
                problems.append(
                    RuleProblem(
                        code: .unknownKey, rule: rule, line: key.mark?.line ?? self.line,
                        message: "unknown key \(name); known: \(keys.sorted().joined(separator: ", "))"))
                continue
            }
            values[name] = value
        }
        self.values = values
    }

    subscript(_ key: String) -> Node? { self.values[key] }

    var keys: [String] { self.values.keys.sorted() }

    /// A text; `nil` when the key is missing.
    func text(_ key: String, _ problems: inout [RuleProblem]) -> String? {
        guard let node = self.values[key] else { return nil }
        guard let text = node.scalar?.string else {
            self.report(.shape, key, "expected a text", &problems)
            return nil
        }
        return text
    }

    /// A text that must be there and not empty.
    func requiredText(_ key: String, _ problems: inout [RuleProblem]) -> String {
        guard self.values[key] != nil else {
            problems.append(
                RuleProblem(code: .missingKey, rule: self.rule, line: self.line, message: "\(key) is missing"))
            return ""
        }
        return self.text(key, &problems) ?? ""
    }

    /// The items of a list; a single value counts as a list of one. Empty when the key is missing.
    func items(_ key: String) -> [Node] {
        guard let node = self.values[key] else { return [] }
        return node.sequence.map(Array.init) ?? [node]
    }

    /// A word of a closed vocabulary.
    func word<Word: RawRepresentable<String>>(
        _ key: String, as type: Word.Type, _ problems: inout [RuleProblem]
    ) -> Word? {
        guard let text = self.text(key, &problems) else { return nil }
        guard let word = Word(rawValue: text) else {
            self.report(.unknownWord, key, "unknown word \(text)", &problems)
            return nil
        }
        return word
    }

    /// A list of words of a closed vocabulary.
    func words<Word: RawRepresentable<String>>(
        _ key: String, as type: Word.Type, _ problems: inout [RuleProblem]
    ) -> [Word] {
        self.items(key).compactMap { node in
            guard let text = node.scalar?.string, let word = Word(rawValue: text) else {
                problems.append(
                    RuleProblem(
                        code: .unknownWord, rule: self.rule, line: node.mark?.line ?? self.line,
                        message: "\(key): unknown word \(node.scalar?.string ?? "")"))
                return nil
            }
            return word
        }
    }

    /// A list of texts; a single one counts as a list of one.
    func texts(_ key: String, _ problems: inout [RuleProblem]) -> [String] {
        self.items(key).compactMap { node in
            guard let text = node.scalar?.string, !text.isEmpty else {
                self.report(.shape, key, "expected texts", &problems)
                return nil
            }
            return text
        }
    }

    /// A list of words of an open vocabulary, each of which must be known.
    func codes<Word: Code>(_ key: String, known: [Word], _ problems: inout [RuleProblem]) -> [Word] {
        self.texts(key, &problems).compactMap { text in
            let word = Word(rawValue: text)
            guard known.contains(word) else {
                self.report(.unknownWord, key, "unknown word \(text)", &problems)
                return nil
            }
            return word
        }
    }

    /// A whole number that may not be negative.
    func number(_ key: String, _ problems: inout [RuleProblem]) -> Int? {
        guard let text = self.text(key, &problems) else { return nil }
        guard let number = Int(text), (0...100_000).contains(number) else {
            self.report(.shape, key, "expected a whole number from 0 to 100000", &problems)
            return nil
        }
        return number
    }

    /// A duration like `PT15M`.
    func duration(_ key: String, _ problems: inout [RuleProblem]) -> ClockDuration? {
        guard let text = self.text(key, &problems) else { return nil }
        guard let duration = ClockDuration(text) else {
            self.report(.shape, key, "not a duration like PT15M, PT2H, P7D or 5WD", &problems)
            return nil
        }
        return duration
    }

    /// `true` or `false`; anything else is a problem.
    func flag(_ key: String, _ problems: inout [RuleProblem]) -> Bool? {
        guard let text = self.text(key, &problems) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            self.report(.shape, key, "expected true or false", &problems)
            return nil
        }
    }

    func report(_ code: RuleProblem.Code, _ key: String, _ message: String, _ problems: inout [RuleProblem]) {
        let line = self.values[key]?.mark?.line ?? self.line
        problems.append(RuleProblem(code: code, rule: self.rule, line: line, message: "\(key): \(message)"))
    }

    /// The top mapping of a file. Throws when the text is no YAML.
    static func top(of text: String, keys: Set<String>, _ problems: inout [RuleProblem]) throws(RuleSetError) -> YAMLMap
    {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw RuleSetError(problems: [Self.problem(error)])
        }
        guard let node, let map = YAMLMap(node, keys: keys, &problems) else {
            problems.append(RuleProblem(code: .shape, rule: nil, line: 1, message: "expected keys and values"))
            throw RuleSetError(problems: problems)
        }
        return map
    }

    private static func problem(_ error: any Error) -> RuleProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            RuleProblem(code: .shape, rule: nil, line: mark.line, message: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            RuleProblem(
                code: .shape, rule: nil, line: context.mark.line,
                message: "key repeated: " + duplicates.joined(separator: ", "))
        default:
            RuleProblem(code: .shape, rule: nil, line: 0, message: "not YAML")
        }
    }
}
