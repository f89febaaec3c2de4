import Crypto
import Foundation
import Testing

@testable import Safeguarding

/// What was sealed stays readable: the format as it is documented, made by hand from a key that is known.
struct FieldFormatTests {
    @Test func aFieldThatWasSealedByTheDocumentOpens() throws {
        let directory = try TemporaryDirectory()
        let key = Data(repeating: 7, count: 32)
        let set = "\"current\":\"k1\",\"keys\":{\"k1\":\"\(key.base64EncodedString())\"}"
        let path = try directory.file("field-keys.json", "{\(set),\"contact_rules\":{\(set)}}")
        let cipher = FieldCipher(keyring: try FieldKeyring(path: path))
        let row = UUID()
        let place = CanonicalBytes("dandelion.field.1").adding("casework.person").adding("name").adding(row).adding(
            "k1")
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key), info: place.bytes, outputByteCount: 32)
        let box = try AES.GCM.seal(Data("李女士".utf8), using: derived, authenticating: place.bytes)
        let sealed = [1, 2] + Array("k1".utf8) + Array(try #require(box.combined))
        let column = SealedColumn(table: "casework.person", column: "name")
        let text: String = try cipher.open(sealed, column, row: row)
        #expect(text == "李女士")
    }
}
