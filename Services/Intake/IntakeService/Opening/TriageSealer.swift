import Casework
import CaseworkStore
import FoundationEssentials
import Safeguarding

/// Reads a narrative for words that speak of danger, and seals the words that do. What comes of it is asked by staff; it
/// never changes the case (S27).
struct TriageSealer: Sendable {
    /// What was found in one narrative.
    struct Found: Sendable {
        let suggestions: [NewTriage]
        /// Whether a danger is stated that no answer of the request says yes to.
        let isUrgent: Bool

        static let nothing = Found(suggestions: [], isUrgent: false)
    }

    let lexicon: TriageLexicon
    let cipher: FieldCipher

    func read(_ narrative: String?, knowing items: Set<RiskItem>, _ flags: Set<CaseFlag>) throws -> Found {
        guard let narrative else { return .nothing }
        var suggestions: [NewTriage] = []
        var isUrgent = false
        for suggestion in TriageReading(of: narrative, with: self.lexicon).suggestions {
            switch suggestion.subject {
            case .item(let item) where items.contains(item): continue
            case .flag(let flag) where flags.contains(flag): continue
            case .item: isUrgent = isUrgent || suggestion.manner == .stated
            case .flag, .category: break
            }
            let id = UUID()
            suggestions.append(
                NewTriage(
                    id: id, subject: suggestion.subject.description, manner: suggestion.manner,
                    sealedWords: try self.cipher.seal(
                        suggestion.words.joined(separator: "\n"), .triageWords, row: id)))
        }
        return Found(suggestions: suggestions, isUrgent: isUrgent)
    }
}
