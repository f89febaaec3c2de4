import Crypto
import FoundationEssentials

/// Finds equal values of sealed fields without opening any: HMAC-SHA256 of the normalised value, under a key per field.
/// Intake and routing hold these keys; nobody else can tell whether a number is known.
///
/// The file is JSON of mode 0600 or 0400: `{"phone":"<base64>","email":"<base64>","name":"<base64>"}`, 32 bytes each.
/// There is one key per field and no rotation in place: a new key means building the index again.
public struct BlindIndex: Sendable, CustomStringConvertible, CustomReflectable {
    /// A field that can be searched for.
    public enum Field: String, Sendable, CaseIterable {
        case phone
        case email
        case name
    }

    private let phone: SymmetricKey
    private let email: SymmetricKey
    private let name: SymmetricKey

    /// Reads the key file at the path. It is read once, at start.
    public init(path: String) throws(KeyFileError) {
        let bytes = try KeyFile.read(path)
        guard let keys = try? JSONDecoder().decode([String: String].self, from: Data(bytes)) else {
            // The decoder's own error may quote the file, which holds keys.
            throw .malformed(path, "it is not a blind index key file")
        }
        self.phone = try Self.key(.phone, in: keys, path)
        self.email = try Self.key(.email, in: keys, path)
        self.name = try Self.key(.name, in: keys, path)
    }

    private init(phone: SymmetricKey, email: SymmetricKey, name: SymmetricKey) {
        self.phone = phone
        self.email = email
        self.name = name
    }

    /// Fresh keys that exist only in memory: for tests and new key files.
    public static func generate() -> BlindIndex {
        BlindIndex(
            phone: SymmetricKey(size: .bits256), email: SymmetricKey(size: .bits256), name: SymmetricKey(size: .bits256)
        )
    }

    /// The 32 bytes a value is found under, or `nil` when nothing is left of it after normalisation.
    public func index(_ value: String, of field: Field) -> [UInt8]? {
        let normalised =
            switch field {
            case .phone: IndexNormalisation.phone(value)
            case .email: IndexNormalisation.email(value)
            case .name: IndexNormalisation.name(value)
            }
        guard let normalised else { return nil }
        let message = CanonicalBytes("dandelion.index.1").adding(field.rawValue).adding(normalised).bytes
        return [UInt8](HMAC<SHA256>.authenticationCode(for: message, using: self.key(field)))
    }

    /// The content of the key file.
    func encoded() throws -> [UInt8] {
        var keys: [String: String] = [:]
        for field in Field.allCases {
            keys[field.rawValue] = self.key(field).withUnsafeBytes { Data($0).base64EncodedString() }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try [UInt8](encoder.encode(keys))
    }

    private func key(_ field: Field) -> SymmetricKey {
        switch field {
        case .phone: self.phone
        case .email: self.email
        case .name: self.name
        }
    }

    private static func key(_ field: Field, in keys: [String: String], _ path: String) throws(KeyFileError)
        -> SymmetricKey
    {
        guard let text = keys[field.rawValue], let data = Data(base64Encoded: text), data.count == 32 else {
            throw .badKey(path, id: "`\(field.rawValue)`")
        }
        return SymmetricKey(data: data)
    }

    /// Names the type, never a key.
    public var description: String { "BlindIndex" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
