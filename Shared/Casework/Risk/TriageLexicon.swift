import Yams

/// The words by which a text in Chinese may speak of danger: data (`deploy/rules/triage.yaml`), so that staff can add how
/// people of their place speak.
public struct TriageLexicon: Sendable {
    /// What is asked when a text speaks of it.
    public enum Subject: Hashable, Sendable, CustomStringConvertible {
        case item(RiskItem)
        case flag(CaseFlag)
        case category(Category)

        public var description: String {
            switch self {
            case .item(let item): "risk_item:\(item.rawValue)"
            case .flag(let flag): "flag:\(flag.rawValue)"
            case .category(let category): "category:\(category)"
            }
        }
    }

    struct Term: Sendable {
        let subject: Subject
        let words: [Int]
    }

    /// In whose numbers the words are written.
    let alphabet: TriageAlphabet
    let terms: [Term]
    let negations: [[Int]]
    /// Words that look like a negation and are none, such as 没完没了 or 不得不.
    let falseNegations: [[Int]]
    let conditionals: [[Int]]
    let thirdParties: [[Int]]

    /// Reads the lexicon. Throws with every problem, each with its line.
    public init(yaml text: String) throws(RuleSetError) {
        var problems: [RuleProblem] = []
        let keys: Set = [
            "risk_items", "flags", "categories", "negations", "false_negations", "conditionals", "third_parties",
        ]
        let top = try YAMLMap.top(of: text, keys: keys, &problems)
        var alphabet = TriageAlphabet()
        var terms: [Term] = []
        func read(_ key: String, _ subject: (String) -> Subject?) {
            guard let node = top[key], let map = YAMLMap(node, keys: nil, &problems) else { return }
            for name in map.keys {
                guard let subject = subject(name) else {
                    map.report(.unknownWord, name, "unknown word", &problems)
                    continue
                }
                terms += map.texts(name, &problems).map { Term(subject: subject, words: alphabet.add($0)) }
            }
        }
        read("risk_items") { RiskItem(rawValue: $0).map(Subject.item) }
        read("flags") { CaseFlag(rawValue: $0).map(Subject.flag) }
        read("categories") { name in Category.known.first { $0.rawValue == name }.map(Subject.category) }
        self.terms = terms
        self.negations = top.texts("negations", &problems).map { alphabet.add($0) }
        self.falseNegations = top.texts("false_negations", &problems).map { alphabet.add($0) }
        self.conditionals = top.texts("conditionals", &problems).map { alphabet.add($0) }
        self.thirdParties = top.texts("third_parties", &problems).map { alphabet.add($0) }
        self.alphabet = alphabet
        if terms.isEmpty {
            problems.append(RuleProblem(code: .missingKey, rule: nil, line: top.line, message: "no words at all"))
        }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
    }
}
