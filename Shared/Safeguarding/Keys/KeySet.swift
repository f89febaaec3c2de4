import Crypto
import FoundationEssentials

/// Keys of 32 bytes by id, one of them current: what is new is made under the current one, what is old is read under
/// the one it names.
struct KeySet: Sendable {
    let currentID: String
    let current: SymmetricKey
    private let keys: [String: SymmetricKey]

    /// How a set stands in a file: `{"current":"k1","keys":{"k1":"<32 bytes in base64>"}}`.
    struct Document: Codable {
        var current: String
        var keys: [String: String]
    }

    /// Takes the keys of a file.
    init(_ document: Document, path: String) throws(KeyFileError) {
        var keys: [String: SymmetricKey] = [:]
        for (id, text) in document.keys {
            guard Self.isWellFormed(id), let data = Data(base64Encoded: text), data.count == 32 else {
                throw .badKey(path, id: Self.isWellFormed(id) ? "`\(id)`" : "with a malformed id")
            }
            keys[id] = SymmetricKey(data: data)
        }
        guard let current = keys[document.current] else {
            throw KeyFileError(
                .unknownCurrent, path: path, fault: "the key it names as current is not in it",
                remedy: "set `current` to the id of one of its keys")
        }
        self.currentID = document.current
        self.current = current
        self.keys = keys
    }

    /// A set of one fresh random key.
    init(generating id: String) {
        let key = SymmetricKey(size: .bits256)
        self.currentID = id
        self.current = key
        self.keys = [id: key]
    }

    var ids: [String] { self.keys.keys.sorted() }

    func key(_ id: String) -> SymmetricKey? { self.keys[id] }

    /// The set as a file holds it.
    var document: Document {
        Document(
            current: self.currentID,
            keys: self.keys.mapValues { key in key.withUnsafeBytes { Data($0).base64EncodedString() } })
    }

    /// The same set with one more, fresh key, which is the current one.
    func rotated() -> KeySet {
        let prefix = String(self.currentID.prefix { !$0.isASCII || !$0.isNumber })
        var number = self.keys.count + 1
        while self.keys["\(prefix)\(number)"] != nil {
            number += 1
        }
        return KeySet(adding: "\(prefix)\(number)", to: self)
    }

    private init(adding id: String, to other: KeySet) {
        let key = SymmetricKey(size: .bits256)
        self.currentID = id
        self.current = key
        self.keys = other.keys.merging([id: key]) { old, _ in old }
    }

    /// 1 to 32 characters of a-z, 0-9, `-` and `_`.
    static func isWellFormed(_ id: String) -> Bool {
        (1...32).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }
}
