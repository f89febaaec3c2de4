import Crypto
import FoundationEssentials

/// What a verifier reads in an entry's text.
struct EntryText: Decodable, Equatable {
    let kind: String
    let agency: String?
    /// The hash of the sealed part, in hexadecimal.
    let sealed: String?
    /// Of an erasure: whose nonces were destroyed.
    let positions: [UInt64]?

    init?(_ text: String) {
        guard let read = try? JSONDecoder().decode(EntryText.self, from: Data(text.utf8)) else { return nil }
        self = read
    }
}

extension LedgerEntry {
    /// What is wrong with an entry that claims to open, or nil.
    func fault(_ text: EntryText?) -> String? {
        guard self.state == .open else { return nil }
        guard let nonce = self.nonce, nonce.count == 32, let entry = self.text else { return "has no nonce or text" }
        guard Array(SHA256.hash(data: nonce + Array(entry.utf8))) == self.commitment else {
            return "does not say what was committed to: the row or the nonce was changed"
        }
        guard let text else { return "is not an entry's text" }
        guard let sealed = self.sealed else { return nil }
        guard Hex.encode(Array(SHA256.hash(data: nonce + Array(sealed.utf8)))) == text.sealed else {
            return "has another sealed part than was committed to: the row was changed"
        }
        return nil
    }
}
