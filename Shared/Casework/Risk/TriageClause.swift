/// A clause of a narrative, in the numbers of a lexicon's alphabet.
struct TriageClause {
    private let glyphs: [Int]
    /// By glyph: whether the clause has it.
    private let has: [Bool]

    init(_ glyphs: ArraySlice<Int>, alphabet: TriageAlphabet) {
        self.glyphs = Array(glyphs)
        var has = [Bool](repeating: false, count: alphabet.count)
        for glyph in glyphs { has[glyph] = true }
        self.has = has
    }

    /// The first place where the words stand and are not negated.
    func standing(_ words: [Int], _ lexicon: TriageLexicon) -> Int? {
        guard self.mayContain(words) else { return nil }
        var from = 0
        while let place = Self.place(of: words, in: self.glyphs, from: from) {
            if !self.isNegated(place, lexicon) { return place }
            from = place + 1
        }
        return nil
    }

    /// Whether a negation governs what begins at `place`: one of at most six characters before it, and not two of them.
    private func isNegated(_ place: Int, _ lexicon: TriageLexicon) -> Bool {
        let start = max(0, place - 6)
        var before = Array(self.glyphs[start..<place])
        for words in lexicon.falseNegations {
            while let position = Self.place(of: words, in: before, from: 0) {
                before.removeSubrange(position..<(position + words.count))
            }
        }
        var count = 0
        var position = 0
        while position < before.count {
            let negation = lexicon.negations.filter { Self.stands($0, at: position, in: before) }.max {
                $0.count < $1.count
            }
            count += negation == nil ? 0 : 1
            position += negation?.count ?? 1
        }
        return count % 2 == 1
    }

    func contains(anyOf lists: [[Int]]) -> Bool {
        lists.contains { self.mayContain($0) && Self.place(of: $0, in: self.glyphs, from: 0) != nil }
    }

    /// Most words of a lexicon have a character that a clause does not.
    private func mayContain(_ words: [Int]) -> Bool { words.allSatisfy { self.has[$0] } }

    private static func place(of words: [Int], in clause: [Int], from: Int) -> Int? {
        guard !words.isEmpty, clause.count - words.count >= from else { return nil }
        return (from...(clause.count - words.count)).first { self.stands(words, at: $0, in: clause) }
    }

    private static func stands(_ words: [Int], at place: Int, in clause: [Int]) -> Bool {
        place + words.count <= clause.count && clause[place..<(place + words.count)].elementsEqual(words)
    }
}
