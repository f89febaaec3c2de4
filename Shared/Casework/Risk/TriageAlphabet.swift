/// The characters that words of a lexicon are made of, as small numbers: a narrative is turned into them once, and comparing two is
/// then no matter of Unicode any more. Characters that are canonically the same are one.
struct TriageAlphabet: Sendable {
    /// What no word of the lexicon has.
    static let other = 0

    /// Where a sentence ends, and where a clause does.
    private static let sentenceEnds = Array("。！？!?\n；;")
    private static let clauseEnds = Array("，,、：:（）()")

    private var glyphs: [Character: Int] = [:]

    init() {
        for character in Self.sentenceEnds + Self.clauseEnds { _ = self.add(character) }
    }

    /// How many there are, `other` included.
    var count: Int { self.glyphs.count + 1 }

    mutating func add(_ word: String) -> [Int] { word.map { self.add($0) } }

    private mutating func add(_ character: Character) -> Int {
        if let known = self.glyphs[character] { return known }
        self.glyphs[character] = self.count
        return self.count - 1
    }

    func read(_ text: [Character]) -> [Int] { text.map { self.glyphs[$0] ?? Self.other } }

    func endsSentence(_ glyph: Int) -> Bool { (1...Self.sentenceEnds.count).contains(glyph) }

    func endsClause(_ glyph: Int) -> Bool {
        glyph > Self.sentenceEnds.count && glyph <= Self.sentenceEnds.count + Self.clauseEnds.count
    }
}
