/// Blacks out of free text what the agency may not see: names, numbers and addresses of people who are not disclosed.
///
/// It finds what is written as it was recorded, numbers in any spacing. It cannot find a description ("her teacher"):
/// that is why few profiles hold the narrative at all.
struct NarrativeBlackout {
    static let mark = "〔略〕"
    /// Shorter runs of digits are dates, ages and house numbers, not somebody's number without its area code.
    private static let shortestNumber = 7

    private var words: [String] = []
    private var phones: Set<String> = []

    mutating func add(words: String) {
        if words.contains(where: { !$0.isWhitespace }) {
            self.words.append(words)
        }
    }

    mutating func add(phone: String) {
        if let normalised = IndexNormalisation.phone(phone) {
            self.phones.insert(normalised)
        }
    }

    func apply(to text: String) -> String {
        // The longest first: a name that contains another goes whole.
        let words = self.words.sorted { $0.count > $1.count }
        return words.reduce(self.withoutPhones(text)) { Self.replace($1, in: $0) }
    }

    private func withoutPhones(_ text: String) -> String {
        guard !self.phones.isEmpty else { return text }
        var result = ""
        var run = ""
        for character in text {
            let isFirst = run.isEmpty
            if Self.isDigit(character) || isFirst && character == "+" || !isFirst && "+-() .－（）—".contains(character) {
                run.append(character)
            } else {
                result += self.settled(run)
                run = ""
                result.append(character)
            }
        }
        return result + self.settled(run)
    }

    /// The run of digits as it is, or the mark when a number that is held back is in it, with or without its area code.
    private func settled(_ run: String) -> String {
        let digits = run.compactMap { Self.isDigit($0) ? $0.wholeNumberValue.map(String.init) : nil }.joined()
        guard digits.utf8.count >= Self.shortestNumber else { return run }
        let isHeldBack = self.phones.contains { phone in
            let national = phone.hasPrefix("0") ? String(phone.dropFirst()) : phone
            return digits.contains(national) || national.hasSuffix(digits)
        }
        guard isHeldBack else { return run }
        return Self.mark + (run.hasSuffix(" ") ? " " : "")
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character) || ("０"..."９").contains(character)
    }

    private static func replace(_ words: String, in text: String) -> String {
        let needle = Self.folded(words)
        let original = Array(text)
        let folded = Self.folded(text)
        guard needle.count <= folded.count else { return text }
        var result = ""
        var index = 0
        while index < original.count {
            if index + needle.count <= folded.count, folded[index..<(index + needle.count)].elementsEqual(needle) {
                result += Self.mark
                index += needle.count
            } else {
                result.append(original[index])
                index += 1
            }
        }
        return result
    }

    /// Character by character, so that positions stay those of the original.
    private static func folded(_ text: String) -> [Character] {
        text.map { $0.lowercased().first ?? $0 }
    }
}
