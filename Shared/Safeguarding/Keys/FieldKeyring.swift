import Crypto
import FoundationEssentials

/// The keys that seal personal fields and authenticate safe-contact rules. Intake, routing and notification hold it;
/// the gateway, the operators and the agencies do not.
///
/// The file is JSON of mode 0600 or 0400:
/// `{"current":"k1","keys":{"k1":"<base64>"},"contact_rules":{"current":"c1","keys":{"c1":"<base64>"}}}`, each key
/// being 32 bytes. After a rotation the old keys stay in the file, so that what they sealed can still be opened.
public struct FieldKeyring: Sendable, CustomStringConvertible, CustomReflectable {
    let fields: KeySet
    let contactRules: KeySet

    struct Document: Codable {
        var current: String
        var keys: [String: String]
        var contactRules: KeySet.Document

        enum CodingKeys: String, CodingKey {
            case current
            case keys
            case contactRules = "contact_rules"
        }
    }

    /// Reads the key file at the path. It is read once, at start.
    public init(path: String) throws(KeyFileError) {
        let bytes = try KeyFile.read(path)
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
            // The decoder's own error may quote the file, which holds keys.
            throw .malformed(path, "it is not a field key file")
        }
        self.fields = try KeySet(KeySet.Document(current: document.current, keys: document.keys), path: path)
        self.contactRules = try KeySet(document.contactRules, path: path)
    }

    private init(fields: KeySet, contactRules: KeySet) {
        self.fields = fields
        self.contactRules = contactRules
    }

    /// A keyring of fresh keys that exists only in memory. What it seals is lost with it: for tests and new key files.
    public static func generate() -> FieldKeyring {
        FieldKeyring(fields: KeySet(generating: "k1"), contactRules: KeySet(generating: "c1"))
    }

    /// The id of the key that seals from now on.
    public var currentKeyID: String { self.fields.currentID }

    /// The ids of all keys that can open fields.
    public var keyIDs: [String] { self.fields.ids }

    /// The same keyring with a fresh current key for fields and for contact rules; the old keys stay.
    public func rotated() -> FieldKeyring {
        FieldKeyring(fields: self.fields.rotated(), contactRules: self.contactRules.rotated())
    }

    /// The content of the key file.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let fields = self.fields.document
        return try [UInt8](
            encoder.encode(
                Document(current: fields.current, keys: fields.keys, contactRules: self.contactRules.document)))
    }

    /// The ids of the keys, never a key.
    public var description: String {
        "FieldKeyring(current: \(self.currentKeyID), keys: \(self.keyIDs.joined(separator: " ")))"
    }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
