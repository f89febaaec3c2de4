/// A text with signatures under it (C2SP signed-note): lines, a blank line, and for each signature a line with the key's name
/// and its id and signature in base64.
public struct SignedNote: Sendable, Hashable {
    /// What is signed: whole lines, the last line end included.
    public let text: String
    /// Text, blank line and signatures, as they are passed on.
    public let encoded: String

    private static let dash = "\u{2014} "
    /// No note of ours comes near this; a longer one is an attempt to keep somebody busy.
    static let maximumBytes = 16 * 1024

    /// Signs a text.
    /// - Throws: `LedgerError.malformed` when it is not whole lines without control characters.
    public init(signing text: String, by signer: NoteSigner) throws(LedgerError) {
        guard Self.isText(text) else { throw .malformed("a note is whole lines of text") }
        let signature = try signer.sign(text)
        self.text = text
        self.encoded =
            "\(text)\n\(Self.dash)\(signer.verifier.name) \(Base64.encode(signer.verifier.keyID + signature))\n"
    }

    /// Reads a note and believes it only if this key signed it. Signatures of other keys are passed over.
    /// - Throws: `LedgerError.malformed`, or `.signature` when the key's is missing or wrong.
    public init(_ encoded: String, verifiedBy verifier: NoteVerifier) throws(LedgerError) {
        guard encoded.utf8.count <= Self.maximumBytes else { throw .malformed("the note is too long") }
        // By bytes: what Swift takes for one character or for the same text the format does not.
        let bytes = Array(encoded.utf8)
        guard let gap = Self.lastBlankLine(in: bytes) else { throw .malformed("the note has no signatures") }
        let text = String(decoding: bytes[...gap], as: UTF8.self)
        let lines = String(decoding: bytes[(gap + 2)...], as: UTF8.self)
        guard Self.isText(text), lines.hasSuffix("\n") else {
            throw .malformed("the note is not lines, a blank line and signatures")
        }
        var isSigned = false
        for line in lines.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard line.hasPrefix(Self.dash), parts.count == 3, NoteSigner.isName(parts[1]),
                let blob = Base64.decode(parts[2]), blob.count >= 5
            else { throw .malformed("a signature line of the note is none") }
            guard parts[1] == verifier.name, Array(blob.prefix(4)) == verifier.keyID else { continue }
            guard verifier.isSignature(Array(blob.dropFirst(4)), of: text) else {
                throw .signature("the signature of \(verifier.name) is wrong: the note was changed or forged")
            }
            isSigned = true
        }
        guard isSigned else {
            throw .signature("the note is not signed by \(verifier.name): it is of another log, or another key")
        }
        self.text = text
        self.encoded = encoded
    }

    /// The place of the line end before the last blank line.
    private static func lastBlankLine(in bytes: [UInt8]) -> Int? {
        let end = UInt8(ascii: "\n")
        return bytes.indices.dropLast(2).last { bytes[$0] == end && bytes[$0 + 1] == end }
    }

    private static func isText(_ text: String) -> Bool {
        text.utf8.last == UInt8(ascii: "\n") && text.utf8.first != UInt8(ascii: "\n")
            && text.unicodeScalars.allSatisfy { ($0.value >= 0x20 && $0.value != 0x7F) || $0 == "\n" }
    }
}
