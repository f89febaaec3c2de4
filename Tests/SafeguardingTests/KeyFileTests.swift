import Foundation
import Safeguarding
import Testing

@Suite struct KeyFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private static let key = Data(repeating: 7, count: 32).base64EncodedString()
    private static let contactRules = "\"contact_rules\":{\"current\":\"c1\",\"keys\":{\"c1\":\"\(key)\"}}"
    private static let good = "{\"current\":\"k1\",\"keys\":{\"k1\":\"\(key)\"},\(contactRules)}"

    private func refusal(_ path: String) -> KeyFileError? {
        #expect(throws: KeyFileError.self) { try FieldKeyring(path: path) }
    }

    @Test func createMakesFilesForTheirOwnerThatCanBeLoaded() throws {
        let directory = "\(self.directory.path)/new"
        let files = try KeyFiles.create(directory: directory)
        #expect(files.map(\.isNew) == [true, true])
        #expect(try self.directory.mode(directory) == 0o700)
        for file in files {
            #expect(try self.directory.mode(file.path) == 0o600)
        }
        #expect(try FieldKeyring(path: "\(directory)/field-keys.json").currentKeyID == "k1")
        #expect(try BlindIndex(path: "\(directory)/index-keys.json").index("13800000000", of: .phone)?.count == 32)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).count == 2, "no half-written file is left")
    }

    @Test func createNeverOverwrites() throws {
        let first = try KeyFiles.create(directory: self.directory.path)
        let before = try first.map { try Data(contentsOf: URL(fileURLWithPath: $0.path)) }
        let second = try KeyFiles.create(directory: self.directory.path)
        #expect(second.map(\.isNew) == [false, false])
        #expect(try first.map { try Data(contentsOf: URL(fileURLWithPath: $0.path)) } == before)
    }

    @Test func createMakesWhatIsMissing() throws {
        _ = try KeyFiles.create(directory: self.directory.path)
        try FileManager.default.removeItem(atPath: "\(self.directory.path)/index-keys.json")
        #expect(try KeyFiles.create(directory: self.directory.path).map(\.isNew) == [false, true])
    }

    @Test func keysDiffer() throws {
        let other = try TemporaryDirectory()
        _ = try KeyFiles.create(directory: self.directory.path)
        _ = try KeyFiles.create(directory: other.path)
        let files = [self.directory.path, other.path].map { "\($0)/field-keys.json" }
        let cipher = try FieldCipher(keyring: FieldKeyring(path: files[0]))
        let sealed = try cipher.seal("x", .personName, row: UUID())
        #expect(throws: FieldCipherError.notAuthentic) {
            let opened: String = try FieldCipher(keyring: FieldKeyring(path: files[1])).open(
                sealed, .personName, row: UUID())
            _ = opened
        }
    }

    @Test func aMissingFileSaysHowToMakeOne() throws {
        let path = "\(self.directory.path)/none.json"
        let error = try #require(self.refusal(path))
        #expect(error.code == .missing)
        #expect(error.description.contains(path) && error.description.contains("dandelion keys create"))
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o604, 0o700, 0o666])
    func aFileThatOthersMayUseIsRefused(mode: Int) throws {
        let path = try self.directory.file("f.json", Self.good, mode: mode)
        let error = try #require(self.refusal(path))
        #expect(error.code == .tooOpen)
        #expect(error.description.contains("chmod 600 \(path)"))
    }

    @Test(arguments: [0o600, 0o400])
    func aFileOfItsOwnerIsTaken(mode: Int) throws {
        let path = try self.directory.file("f.json", Self.good, mode: mode)
        #expect(try FieldKeyring(path: path).keyIDs == ["k1"])
    }

    @Test func aDirectoryIsNoKeyFile() throws {
        #expect(self.refusal(self.directory.path)?.code == .notAFile)
    }

    @Test(arguments: [
        ("", KeyFileError.Code.malformed),
        ("not json", .malformed),
        ("{\"current\":\"k1\",\"keys\":{\"k1\":\"\(key)\"}}", .malformed),
        ("{\"current\":\"k2\",\"keys\":{\"k1\":\"\(key)\"},\(contactRules)}", .unknownCurrent),
        ("{\"current\":\"k1\",\"keys\":{\"k1\":\"c2hvcnQ=\"},\(contactRules)}", .badKey),
        ("{\"current\":\"k1\",\"keys\":{\"k1\":\"***\"},\(contactRules)}", .badKey),
        ("{\"current\":\"K 1\",\"keys\":{\"K 1\":\"\(key)\"},\(contactRules)}", .badKey),
        ("{\"current\":\"k1\",\"keys\":{},\(contactRules)}", .unknownCurrent),
        (String(repeating: " ", count: 100_000), .malformed),
    ])
    func aDamagedFileIsRefusedWithoutShowingIt(text: String, code: KeyFileError.Code) throws {
        let path = try self.directory.file("f.json", text)
        let error = try #require(self.refusal(path))
        #expect(error.code == code)
        #expect(error.description.contains(path))
        #expect(!error.description.contains(Self.key) && !error.description.contains("\n"))
    }

    @Test func anIndexKeyFileLacksNoField() throws {
        let path = try self.directory.file("i.json", "{\"phone\":\"\(Self.key)\",\"email\":\"\(Self.key)\"}")
        let error = #expect(throws: KeyFileError.self) { try BlindIndex(path: path) }
        #expect(error?.code == .badKey)
        #expect(error?.description.contains("name") == true)
    }

    @Test func rotationKeepsTheOldKeysAndTheMode() throws {
        _ = try KeyFiles.create(directory: self.directory.path)
        let path = "\(self.directory.path)/\(KeyFiles.fieldKeys)"
        let row = UUID()
        let sealed = try FieldCipher(keyring: FieldKeyring(path: path)).seal("旧", .personName, row: row)
        #expect(try KeyFiles.rotateFieldKeys(path: path).keyIDs == ["k1", "k2"])
        let cipher = try FieldCipher(keyring: FieldKeyring(path: path))
        #expect(try cipher.open(sealed, .personName, row: row) == "旧")
        #expect(cipher.needsResealing(sealed))
        #expect(try !cipher.needsResealing(cipher.seal("新", .personName, row: row)))
        #expect(try self.directory.mode(path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.directory.path).count == 2)
    }

    @Test func nothingPrintsAKey() throws {
        let path = try self.directory.file("f.json", Self.good)
        let keyring = try FieldKeyring(path: path)
        var printed = "\(keyring) \(String(reflecting: keyring)) \(BlindIndex.generate())"
        dump(keyring, to: &printed)
        #expect(!printed.contains(Self.key))
        #expect(!printed.contains("7, 7"))
    }
}
