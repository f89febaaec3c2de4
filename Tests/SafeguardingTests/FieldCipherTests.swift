import Foundation
import Safeguarding
import Testing

@Suite struct FieldCipherTests {
    private let cipher = FieldCipher(keyring: .generate())
    private let row = UUID()

    private func open(_ sealed: [UInt8], _ column: SealedColumn = .personName, row: UUID? = nil) throws -> String {
        try self.cipher.open(sealed, column, row: row ?? self.row)
    }

    @Test(arguments: ["", "李女士", String(repeating: "长", count: 10_000), "\u{0}"])
    func whatIsSealedOpensInItsPlace(text: String) throws {
        let sealed = try self.cipher.seal(text, .personName, row: self.row)
        #expect(try self.open(sealed) == text)
        // A byte or two of any text stand in random bytes by chance.
        #expect(text.utf8.count < 8 || !String(decoding: sealed, as: UTF8.self).contains(text))
    }

    @Test func sealingTwiceGivesDifferentBytes() throws {
        #expect(
            try self.cipher.seal("x", .personName, row: self.row) != self.cipher.seal("x", .personName, row: self.row))
    }

    @Test func theFormatNamesItsVersionAndKey() throws {
        let sealed = try self.cipher.seal("abc", .personName, row: self.row)
        #expect(Array(sealed.prefix(4)) == [1, 2, UInt8(ascii: "k"), UInt8(ascii: "1")])
        #expect(sealed.count == 4 + 12 + 3 + 16)
        #expect(FieldCipher.keyID(of: sealed) == "k1")
    }

    @Test func aFieldOpensInNoOtherRowColumnOrTable() throws {
        let sealed = try self.cipher.seal("x", .personName, row: self.row)
        #expect(throws: FieldCipherError.notAuthentic) { try self.open(sealed, row: UUID()) }
        #expect(throws: FieldCipherError.notAuthentic) { try self.open(sealed, .personPhone) }
        let elsewhere = SealedColumn(table: "casework.station", column: "name")
        #expect(throws: FieldCipherError.notAuthentic) { try self.open(sealed, elsewhere) }
        // The boundary between the two names is part of what is bound.
        let shifted = SealedColumn(table: "casework.personn", column: "ame")
        #expect(throws: FieldCipherError.notAuthentic) { try self.open(sealed, shifted) }
    }

    @Test func everyChangedByteIsNoticed() throws {
        let sealed = try self.cipher.seal("李", .personName, row: self.row)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: FieldCipherError.self) { try self.open(changed) }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let sealed = try self.cipher.seal("李", .personName, row: self.row)
        for length in 0..<sealed.count {
            #expect(throws: FieldCipherError.self) { try self.open(Array(sealed[..<length])) }
        }
        #expect(throws: FieldCipherError.self) { try self.open(sealed + [0]) }
    }

    @Test func oldKeysOpenAndAClaimedKeyDoesNot() throws {
        let old = FieldKeyring.generate()
        let new = old.rotated()
        let sealed = try FieldCipher(keyring: old).seal("x", .personPhone, row: self.row)
        #expect(try FieldCipher(keyring: new).open(sealed, .personPhone, row: self.row) == "x")
        var claimed = sealed
        claimed[3] = UInt8(ascii: "2")  // k1 -> k2, which the new keyring holds
        #expect(throws: FieldCipherError.notAuthentic) {
            let text: String = try FieldCipher(keyring: new).open(claimed, .personPhone, row: self.row)
            _ = text
        }
        let newer = try FieldCipher(keyring: new).seal("x", .personPhone, row: self.row)
        #expect(throws: FieldCipherError.unknownKey(id: "k2")) {
            let text: String = try FieldCipher(keyring: old).open(newer, .personPhone, row: self.row)
            _ = text
        }
    }

    @Test func bytesThatAreNoTextAreNotText() throws {
        let sealed = try self.cipher.seal(
            [0xFF, 0xFE], table: SealedColumn.personName.table, column: SealedColumn.personName.column, row: self.row)
        #expect(throws: FieldCipherError.notText) { try self.open(sealed) }
    }

    @Test func aNullStaysNull() throws {
        let nothing: [UInt8]? = nil
        let opened: String? = try self.cipher.open(nothing, .personPhone, row: self.row)
        #expect(opened == nil)
    }
}
