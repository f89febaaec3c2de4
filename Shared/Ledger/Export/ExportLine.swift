import FoundationEssentials

/// A line of an export: a header, then checkpoints from the smallest log to the largest, then every leaf in order, then what
/// ought to be in the log and is not, then the end. Each is one JSON object.
struct ExportLine: Codable, Equatable {
    /// The header's: which format, log, length, and whose export it is (nil: everything is opened).
    var format: String?
    var origin: String?
    var size: UInt64?
    var agency: String?
    /// A signed note.
    var checkpoint: String?
    /// A leaf's. Bytes are in base64.
    var position: UInt64?
    var commitment: String?
    var state: LedgerEntry.State?
    var nonce: String?
    var text: String?
    var sealed: String?
    /// A row that is not in the log: `event 17`.
    var stray: String?
    /// The last line's: how many lines are before it.
    var end: Int?

    static let formatName = "dandelion-ledger/1"

    init() {}

    init(_ entry: LedgerEntry) {
        self.position = entry.position
        self.commitment = Base64.encode(entry.commitment)
        self.state = entry.state
        self.nonce = entry.nonce.map(Base64.encode)
        self.text = entry.text
        self.sealed = entry.sealed
    }

    /// The leaf of the line, if it is one.
    func entry() throws(LedgerError) -> LedgerEntry? {
        guard let position = self.position else { return nil }
        guard let state = self.state, let commitment = self.commitment.flatMap(Base64.decode) else {
            throw .malformed("the leaf at \(position) is not whole")
        }
        var nonce: [UInt8]?
        if let text = self.nonce {
            guard let bytes = Base64.decode(text) else { throw .malformed("the nonce at \(position) is none") }
            nonce = bytes
        }
        return LedgerEntry(
            position: position, commitment: commitment, state: state, nonce: nonce, text: self.text,
            sealed: self.sealed)
    }

    func encoded() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    init(decoding text: String) throws(LedgerError) {
        do {
            self = try JSONDecoder().decode(ExportLine.self, from: Data(text.utf8))
        } catch {
            throw .malformed("a line is not of an export")
        }
    }
}
