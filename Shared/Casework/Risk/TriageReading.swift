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
        let characters = Array(text)
        let glyphs = lexicon.alphabet.read(characters)
        for sentence in glyphs.indices.split(whereSeparator: { lexicon.alphabet.endsSentence(glyphs[$0]) }) {
            // "如果……，……": what follows in the sentence hangs on the condition.
            var isConditional = false
            for range in sentence.split(whereSeparator: { lexicon.alphabet.endsClause(glyphs[$0]) }) {
                let clause = TriageClause(glyphs[range], alphabet: lexicon.alphabet)
                isConditional = isConditional || clause.contains(anyOf: lexicon.conditionals)
                let isAboutOthers = clause.contains(anyOf: lexicon.thirdParties)
                for term in lexicon.terms {
                    guard let place = clause.standing(term.words, lexicon) else { continue }
                    let manner: TriageSuggestion.Manner = isConditional || isAboutOthers ? .aside : .stated
                    let start = range.lowerBound + place
                    let words = String(characters[start..<(start + term.words.count)])
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
}
