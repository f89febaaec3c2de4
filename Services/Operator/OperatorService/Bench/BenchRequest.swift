import Casework
import FoundationEssentials

/// What the bench sends: one case over and over, each time somebody else's. A thousand cases of one phone would measure how people are
/// found again, and nothing that happens.
struct BenchRequest: Sendable {
    /// The document, cut where a number goes in.
    private let pieces: [[UInt8]]

    private static let mark = "@@number@@"

    /// - Parameter template: a request; its division, its phones and its addresses are replaced.
    /// - Throws: `CommandFailure` when the template is no JSON object.
    init(_ template: [UInt8], division: DivisionCode) throws {
        guard case .object(var fields) = JSONTree(text: String(decoding: template, as: UTF8.self)) else {
            throw CommandFailure(.badData, "the case to be sent is no JSON object")
        }
        fields["division"] = .text(division.rawValue)
        if case .list(let people) = fields["people"] {
            fields["people"] = .list(people.map(Self.marked))
        }
        let text = String(decoding: try JSONEncoder().encode(JSONTree.object(fields)), as: UTF8.self)
        self.pieces = text.split(separator: Self.mark, omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    /// The request for the case of this number, 0 to 9,999,999,999: no phone and no address is another case's.
    func body(_ number: Int) -> [UInt8] {
        let digits = String(number)
        let padded = Array((String(repeating: "0", count: max(0, 10 - digits.count)) + digits).utf8)
        return Array(self.pieces.joined(separator: padded))
    }

    private static func marked(_ person: JSONTree) -> JSONTree {
        guard case .object(var fields) = person else { return person }
        if fields["phone"] != nil { fields["phone"] = .text("0" + Self.mark) }
        if fields["email"] != nil { fields["email"] = .text("p" + Self.mark + "@example.org") }
        return .object(fields)
    }
}
