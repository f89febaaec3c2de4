import Foundation

/// What no text to a help-seeker may say, since somebody else may read it: who writes, what about, any name, any number
/// (S5). Every template and every rendered text is held against it.
public struct DenyList: Sendable {
    /// The list for everything a help-seeker receives.
    public static let helpSeeker = DenyList(terms: [
        "12338", "一二三三八", "妇联", "婦聯", "妇女联合会", "婦女聯合會", "维权", "維權", "蒲公英", "dandelion",
        "家暴", "暴力", "施暴", "虐待", "伤害", "侵害", "性骚扰", "跟踪", "受害", "保护令", "告诫书",
        "警察", "公安", "派出所", "报警", "110", "法院", "检察", "司法", "民政", "救助", "庇护", "法律", "律师", "调解",
        "离婚", "离家", "心理", "辅导", "残联", "红十字", "基金会", "人社", "信访", "妇女", "婦女", "儿童",
        "转介", "案件", "案号", "求助", "投诉", "举报", "热线", "被告", "丈夫", "老公", "前夫",
        "violence", "abuse", "victim", "women", "police", "court", "shelter", "lawyer", "hotline", "referral",
        "divorce", "legalaid", "casenumber", "http", "www",
        "хүчирхийл", "эмэгтэйчүүд", "цагдаа", "шүүх", "өмгөөлөгч", "хуульч", "хохирогч", "гэрбүлсал", "салалт",
        "ᠬᠦᠴᠢᠷᠬᠡᠢᠯ", "ᠡᠮᠡᠭᠲᠡᠢ", "ᠴᠠᠭᠳᠠᠭ", "ᠰᠢᠭᠦᠬᠦ",
    ])

    private let terms: [String]
    /// The terms as they are looked for, by their first byte.
    private let byFirstByte: [[(bytes: [UInt8], term: Int)]]

    init(terms: [String]) {
        self.terms = terms
        var byFirstByte = [[(bytes: [UInt8], term: Int)]](repeating: [], count: 256)
        for (index, term) in terms.enumerated() {
            let bytes = Array(term.utf8)
            if let first = bytes.first { byFirstByte[Int(first)].append((bytes, index)) }
        }
        self.byFirstByte = byFirstByte
    }

    /// What was found in a text.
    public enum Hit: Sendable, Hashable, CustomStringConvertible {
        /// A term of the list.
        case term(String)
        /// One of the names given; not said which.
        case name
        /// A run of five digits or more, or something of the form of a case or referral number.
        case number
        /// An address or a link.
        case address

        public var description: String {
            switch self {
            case .term(let term): "the word \(term)"
            case .name: "a name"
            case .number: "a number"
            case .address: "an address"
            }
        }
    }

    /// The first thing in the text that must not be said; `nil` when there is none. Full-width letters, spacing,
    /// punctuation and invisible characters hide nothing.
    public func firstHit(in text: String, names: [String] = []) -> Hit? {
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased()
        if folded.contains("@") || folded.contains("://") {
            return .address
        }
        let squeezed = Self.squeeze(folded)
        if let term = self.firstTerm(in: squeezed) {
            return .term(term)
        }
        let isNamed = names.contains { name in
            let squeezedName = Self.squeeze(name.precomposedStringWithCompatibilityMapping.lowercased())
            return !squeezedName.isEmpty && Self.holds(squeezed, squeezedName)
        }
        if isNamed {
            return .name
        }
        return Self.holdsNumber(folded) || Self.holdsOutsideNumber(folded) ? .number : nil
    }

    /// Letters, digits and ideographs only, as UTF-8: two texts hold the same scalars where they hold the same bytes, and
    /// looking for bytes takes a hundredth of the time that looking for characters does.
    private static func squeeze(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars
        where scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? Unicode.UTF8.EncodedScalar())
        }
        return bytes
    }

    /// The first term of the list that the bytes hold.
    private func firstTerm(in bytes: [UInt8]) -> String? {
        var found: Int?
        for start in bytes.indices {
            for candidate in self.byFirstByte[Int(bytes[start])] where candidate.term < found ?? .max {
                if bytes[start...].starts(with: candidate.bytes) { found = candidate.term }
            }
        }
        return found.map { self.terms[$0] }
    }

    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
    }

    /// Five digits or more, in any spacing; a colon ends a run, so that times of day may be said.
    private static func holdsNumber(_ folded: String) -> Bool {
        var run = 0
        for scalar in folded.unicodeScalars {
            if scalar.properties.numericType == .decimal {
                run += 1
            } else if scalar.properties.isAlphabetic || scalar == ":" {
                run = 0
            }
            if run >= 5 {
                return true
            }
        }
        return false
    }

    /// `C-XXXX-XXXX` and `R-XXXX-XXXX`, as cases and referrals are known outside.
    private static func holdsOutsideNumber(_ folded: String) -> Bool {
        let groups = folded.split(separator: "-", omittingEmptySubsequences: false)
        return groups.indices.dropFirst().dropLast().contains { index in
            let head = groups[index - 1].last
            return (head == "c" || head == "r") && groups[index].count == 4 && groups[index].allSatisfy(\.isASCII)
        }
    }
}
