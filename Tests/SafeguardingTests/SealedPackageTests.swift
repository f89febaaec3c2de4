import Crypto
import Foundation
import Safeguarding
import Testing

@Suite struct SealedPackageTests {
    private let keys: AgencyKeyPair
    private let binding = SealedPackage.Binding(referralID: UUID(), agencyID: UUID(), profile: "court")
    private let json = Array("{\"version\":1}".utf8)

    init() throws {
        self.keys = try AgencyKeyPair.generate()
    }

    private func seal() throws -> SealedPackage {
        try SealedPackage.seal(self.json, to: self.keys.publicKey, binding: self.binding)
    }

    @Test func theAgencyOpensWhatWasSealedToIt() throws {
        #expect(try self.seal().open(with: self.keys, binding: self.binding) == self.json)
        #expect(try self.seal().bytes.count == 1 + 32 + self.json.count + 16)
    }

    @Test func nobodyElseOpensIt() throws {
        let sealed = try self.seal()
        #expect(throws: SealedPackageError.notAuthentic) {
            try sealed.open(with: AgencyKeyPair.generate(), binding: self.binding)
        }
    }

    @Test func itOpensForNoOtherReferralAgencyOrProfile() throws {
        let sealed = try self.seal()
        let others = [
            SealedPackage.Binding(referralID: UUID(), agencyID: self.binding.agencyID, profile: "court"),
            SealedPackage.Binding(referralID: self.binding.referralID, agencyID: UUID(), profile: "court"),
            SealedPackage.Binding(
                referralID: self.binding.referralID, agencyID: self.binding.agencyID, profile: "shelter"),
            SealedPackage.Binding(
                referralID: self.binding.agencyID, agencyID: self.binding.referralID, profile: "court"),
        ]
        for other in others {
            #expect(throws: SealedPackageError.notAuthentic) { try sealed.open(with: self.keys, binding: other) }
        }
    }

    @Test func everyChangedByteIsNoticed() throws {
        let bytes = try self.seal().bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x40
            #expect(throws: SealedPackageError.self) {
                try SealedPackage(bytes: changed).open(with: self.keys, binding: self.binding)
            }
        }
        for length in 0..<49 {
            #expect(throws: SealedPackageError.malformed) { try SealedPackage(bytes: Array(bytes[..<length])) }
        }
    }

    /// The documented format, written again with nothing but an HPKE library, as a partner does it.
    @Test func aPartnerOpensItFromTheDescriptionAlone() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/agency.json"
        try self.keys.create(path: path)
        let file = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: String])
        #expect(file["algorithm"] == "x25519")
        let privateKey = try Curve25519.KeyAgreement.PrivateKey(
            rawRepresentation: #require(Data(base64Encoded: file["private_key"] ?? "")))
        let bytes = try self.seal().bytes
        #expect(bytes[0] == 0x01)
        let info = """
            dandelion.package.1
            \(self.binding.referralID.uuidString.lowercased())
            \(self.binding.agencyID.uuidString.lowercased())
            court
            """
        var recipient = try HPKE.Recipient(
            privateKey: privateKey, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(info.utf8),
            encapsulatedKey: Data(bytes[1..<33]))
        #expect(try Array(recipient.open(bytes[33...], authenticating: [0x01])) == self.json)
    }

    @Test func aKeyNobodyHasThePrivateHalfOfIsRefused() throws {
        // Of small order: 0, 1, p - 1, p.
        let last = [UInt8](repeating: 0xFF, count: 30) + [0x7F]
        for bytes in [
            [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31), [0xEC] + last, [0xED] + last,
        ] {
            #expect(throws: SealedPackageError.badKey) { try AgencyPublicKey(bytes: bytes) }
        }
        #expect(throws: SealedPackageError.badKey) { try AgencyPublicKey(bytes: [1, 2, 3]) }
        #expect(throws: SealedPackageError.badKey) { try AgencyPublicKey(base64: "no") }
        #expect(try AgencyPublicKey(base64: self.keys.publicKey.description) == self.keys.publicKey)
    }

    @Test func aKeyFileIsPrivateAndNeverOverwritten() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/agency.json"
        try self.keys.create(path: path)
        #expect(try directory.mode(path) == 0o600)
        let loaded = try AgencyKeyPair(path: path)
        #expect(try self.seal().open(with: loaded, binding: self.binding) == self.json)
        let error = #expect(throws: KeyFileError.self) { try AgencyKeyPair.generate().create(path: path) }
        #expect(error?.code == .exists)
        #expect(try AgencyKeyPair(path: path).publicKey == self.keys.publicKey)
    }

    @Test func aKeyFileWhoseKeysAreNoPairIsRefused() throws {
        let directory = try TemporaryDirectory()
        let one = "\(directory.path)/one.json"
        try self.keys.create(path: one)
        let text = try String(contentsOfFile: one, encoding: .utf8)
        let other = try AgencyKeyPair.generate().publicKey.description
        let path = try directory.file(
            "two.json", text.replacingOccurrences(of: self.keys.publicKey.description, with: other))
        let error = #expect(throws: KeyFileError.self) { try AgencyKeyPair(path: path) }
        #expect(error?.code == .malformed)
    }

    @Test func nothingPrintsThePrivateKey() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/agency.json"
        try self.keys.create(path: path)
        let file = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: String])
        var printed = "\(self.keys)"
        dump(self.keys, to: &printed)
        let secret = try #require(file["private_key"])
        #expect(!printed.contains(secret))
    }
}
