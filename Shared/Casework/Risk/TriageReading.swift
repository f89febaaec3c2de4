/// What a text made somebody ask: a suggestion for staff, with the words that caused it. It is never a fact of the case.
public struct TriageSuggestion: Hashable, Sendable {
    /// How the words stand in the text.
    public enum Manner: String, Sendable, Hashable, CaseIterable, Comparable {
        /// As something that is so.
        case stated
        /// As something that may be, or is feared, or that somebody else is in.
        case aside

        public static func < (left: Self, right: Self) -> Bool { left == .aside && right == .stated }
    }

    public let subject: TriageLexicon.Subject
    public let manner: Manner
    /// The words, as they stand in the text, the first ones first. They are the help-seeker's own: they are shown to whoever
    /// may read the narrative, and never logged.
    public let words: [String]
}

/// What a text suggests to ask. It can only add questions: there is no suggestion that anything is harmless, and nothing
/// here changes a case.
public struct TriageReading: Hashable, Sendable, CustomStringConvertible {
    /// What is stated before what is said aside.
    public let suggestions: [TriageSuggestion]

    /// Reads a narrative. Words that a clause negates suggest nothing; words in a conditional clause, and words about
    /// somebody else, suggest with less weight, since they may still be hers.
    public init(of text: String, with lexicon: TriageLexicon) {
        var found: [TriageLexicon.Subject: (manner: TriageSuggestion.Manner, words: [String])] = [:]
        var order: [TriageLexicon.Subject] = []
        for sentence in text.split(whereSeparator: { "。！？!?\n；;".contains($0) }) {
            let clauses = sentence.split { "，,、：:（）()".contains($0) }.map(Array.init)
            // "如果……，……": what follows in the sentence hangs on the condition.
            var isConditional = false
            for clause in clauses {
                isConditional = isConditional || Self.contains(clause, anyOf: lexicon.conditionals)
                let isAboutOthers = Self.contains(clause, anyOf: lexicon.thirdParties)
                for term in lexicon.terms {
                    guard let place = Self.standing(term.words, in: clause, lexicon) else { continue }
                    let manner: TriageSuggestion.Manner = isConditional || isAboutOthers ? .aside : .stated
                    let words = String(clause[place..<(place + term.words.count)])
                    if var known = found[term.subject] {
                        known.manner = max(known.manner, manner)
                        if !known.words.contains(words) { known.words.append(words) }
                        found[term.subject] = known
                    } else {
                        found[term.subject] = (manner, [words])
                        order.append(term.subject)
                    }
                }
            }
        }
        self.suggestions = order.compactMap { subject in
            found[subject].map { TriageSuggestion(subject: subject, manner: $0.manner, words: $0.words) }
        }.enumerated().sorted { ($1.element.manner, $0.offset) < ($0.element.manner, $1.offset) }.map(\.element)
    }

    public var description: String { "TriageReading(\(self.suggestions.count) suggestions)" }

    /// The first place where the words stand and are not negated.
    private static func standing(
        _ words: [Character], in clause: [Character], _ lexicon: TriageLexicon
    ) -> Int? {
        var from = 0
        while let place = self.place(of: words, in: clause, from: from) {
            if !self.isNegated(place, in: clause, lexicon) { return place }
            from = place + 1
        }
        return nil
    }

    /// Whether a negation governs what begins at `place`: one of at most six characters before it, and not two of them.
    private static func isNegated(_ place: Int, in clause: [Character], _ lexicon: TriageLexicon) -> Bool {
        let start = max(0, place - 6)
        var before = Array(clause[start..<place])
        for words in lexicon.falseNegations {
            while let position = self.place(of: words, in: before, from: 0) {
                before.removeSubrange(position..<(position + words.count))
            }
        }
        var count = 0
        var position = 0
        while position < before.count {
            let negation = lexicon.negations.filter { self.stands($0, at: position, in: before) }.max {
                $0.count < $1.count
            }
            count += negation == nil ? 0 : 1
            position += negation?.count ?? 1
        }
        return count % 2 == 1
    }

    private static func contains(_ clause: [Character], anyOf lists: [[Character]]) -> Bool {
        lists.contains { self.place(of: $0, in: clause, from: 0) != nil }
    }

    private static func place(of words: [Character], in clause: [Character], from: Int) -> Int? {
        guard !words.isEmpty, clause.count - words.count >= from else { return nil }
        return (from...(clause.count - words.count)).first { self.stands(words, at: $0, in: clause) }
    }

    private static func stands(_ words: [Character], at place: Int, in clause: [Character]) -> Bool {
        place + words.count <= clause.count && clause[place..<(place + words.count)].elementsEqual(words)
    }
}
