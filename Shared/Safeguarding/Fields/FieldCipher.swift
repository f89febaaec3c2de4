import Crypto
public import FoundationEssentials

/// Seals personal fields before they reach SQL, and opens them again.
///
/// AES-256-GCM. A sealed field is: version byte 1, one byte with the length of the key id, the key id, a nonce of 12
/// bytes, the ciphertext, a tag of 16 bytes. The associated data is the table, the column, the row's id and the key id,
/// each after its length, so no sealed field can be moved to another place, nor be claimed for another key. The key
/// that encrypts is derived from the keyring's key and that same data (HKDF-SHA256): every row has its own, and the
/// number of random nonces under one key stays far below what GCM allows however long an installation runs.
public struct FieldCipher: Sendable {
    private static let version: UInt8 = 1
    private static let nonceBytes = 12
    private static let tagBytes = 16

    private let keys: KeySet
    /// By key: the first of HKDF's two steps, which is the same for every field.
    private let extracts: [String: SymmetricKey]

    /// Seals under the keyring's current key; opens under any of its keys.
    public init(keyring: FieldKeyring) {
        let keys = keyring.fields
        self.keys = keys
        self.extracts = Dictionary(
            uniqueKeysWithValues: keys.ids.compactMap { id in
                keys.key(id).map {
                    (id, SymmetricKey(data: HKDF<SHA256>.extract(inputKeyMaterial: $0, salt: [UInt8]())))
                }
            })
    }

    // MARK: - Seal

    /// Seals bytes for one column of one row.
    public func seal(_ plaintext: [UInt8], table: String, column: String, row: UUID) throws -> [UInt8] {
        let keyID = self.keys.currentID
        guard let extract = self.extracts[keyID] else { throw FieldCipherError.unknownKey(id: keyID) }
        let place = Self.associatedData(table: table, column: column, row: row, keyID: keyID)
        let box = try AES.GCM.seal(plaintext, using: Self.derive(extract, place), authenticating: place)
        var sealed: [UInt8] = [Self.version, UInt8(keyID.utf8.count)]
        sealed.reserveCapacity(2 + keyID.utf8.count + Self.nonceBytes + plaintext.count + Self.tagBytes)
        sealed += keyID.utf8
        sealed += box.nonce
        sealed += box.ciphertext
        sealed += box.tag
        return sealed
    }

    /// Seals text for a column of a row.
    public func seal(_ text: String, _ column: SealedColumn, row: UUID) throws -> [UInt8] {
        try self.seal([UInt8](text.utf8), table: column.table, column: column.column, row: row)
    }

    // MARK: - Open

    /// Opens what was sealed for this column of this row.
    public func open(_ sealed: [UInt8], table: String, column: String, row: UUID) throws(FieldCipherError) -> [UInt8] {
        guard let keyID = Self.keyID(of: sealed) else { throw .malformed }
        let body = sealed.dropFirst(2 + keyID.utf8.count)
        guard body.count >= Self.nonceBytes + Self.tagBytes else { throw .malformed }
        guard let extract = self.extracts[keyID] else { throw .unknownKey(id: keyID) }
        let place = Self.associatedData(table: table, column: column, row: row, keyID: keyID)
        do {
            let box = try AES.GCM.SealedBox(combined: body)
            return try [UInt8](AES.GCM.open(box, using: Self.derive(extract, place), authenticating: place))
        } catch {
            throw .notAuthentic
        }
    }

    /// Opens text of a column of a row.
    public func open(_ sealed: [UInt8], _ column: SealedColumn, row: UUID) throws(FieldCipherError) -> String {
        let bytes = try self.open(sealed, table: column.table, column: column.column, row: row)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return text
    }

    /// Opens text of a column that may be NULL.
    public func open(_ sealed: [UInt8]?, _ column: SealedColumn, row: UUID) throws(FieldCipherError) -> String? {
        guard let sealed else { return nil }
        let text: String = try self.open(sealed, column, row: row)
        return text
    }

    // MARK: - Rotation

    /// Whether the field is sealed under another key than the current one and should be sealed again.
    public func needsResealing(_ sealed: [UInt8]) -> Bool {
        Self.keyID(of: sealed) != self.keys.currentID
    }

    /// The id of the key a field names, if it has a known form.
    public static func keyID(of sealed: [UInt8]) -> String? {
        guard sealed.count > 2, sealed[0] == Self.version else { return nil }
        let end = 2 + Int(sealed[1])
        guard end <= sealed.count, let id = String(validating: sealed[2..<end], as: UTF8.self), KeySet.isWellFormed(id)
        else { return nil }
        return id
    }

    // MARK: -

    private static func associatedData(table: String, column: String, row: UUID, keyID: String) -> [UInt8] {
        CanonicalBytes("dandelion.field.1").adding(table).adding(column).adding(row).adding(keyID).bytes
    }

    private static func derive(_ extract: SymmetricKey, _ place: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.expand(pseudoRandomKey: extract, info: place, outputByteCount: 32)
    }
}
