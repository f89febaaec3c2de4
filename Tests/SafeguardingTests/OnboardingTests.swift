import Foundation
import Safeguarding
import Testing

/// Whose key a sealing key is, said by a key that is kept offline.
@Suite struct OnboardingTests {
    private let onboarding = OnboardingKey.generate()
    private let key: AgencyPublicKey
    private let now = Date(timeIntervalSince1970: 1_790_000_000)

    init() throws {
        self.key = try AgencyKeyPair.generate().publicKey
    }

    private func statement(
        _ agency: String = "150104-police", _ kind: String = "police", _ division: String = "150104",
        _ key: AgencyPublicKey? = nil, from: Double = 1_780_000_000
    ) throws -> AgencyKeyStatement {
        try AgencyKeyStatement(
            agency: agency, kind: kind, division: division, key: key ?? self.key,
            validFrom: Date(timeIntervalSince1970: from))
    }

    private func refusal(
        _ statement: AgencyKeyStatement, _ signature: [UInt8], by trusted: OnboardingKeys? = nil
    ) -> OnboardingError? {
        do {
            try (trusted ?? self.onboarding.trusted).verify(statement, signature, at: self.now)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatWasSignedIsBelieved() throws {
        let statement = try self.statement()
        #expect(self.refusal(statement, try self.onboarding.sign(statement)) == nil)
    }

    /// No part of what was signed can be exchanged for another.
    @Test func anythingElseIsNot() throws {
        let signature = try self.onboarding.sign(try self.statement())
        let others = [
            try self.statement("150105-police"), try self.statement("150104-police", "school"),
            try self.statement("150104-police", "police", "150105"), try self.statement(from: 1_780_000_001),
            try self.statement("150104-police", "police", "150104", AgencyKeyPair.generate().publicKey),
        ]
        for other in others { #expect(self.refusal(other, signature) == .notSigned) }
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(self.refusal(try self.statement(), changed) == .notSigned)
        }
        for short in [[], Array(signature.dropLast()), signature + [0]] as [[UInt8]] {
            #expect(self.refusal(try self.statement(), short) == .notSigned)
        }
        let stranger = OnboardingKey.generate()
        #expect(self.refusal(try self.statement(), try stranger.sign(self.statement())) == .notSigned)
    }

    @Test func aKeyIsUsedFromItsDayOnAndNotAfterItWasRevoked() throws {
        let later = try self.statement(from: 1_790_000_001)
        #expect(self.refusal(later, try self.onboarding.sign(later)) == .notYetValid)
        let statement = try self.statement()
        let signature = try self.onboarding.sign(statement)
        #expect(self.refusal(statement, signature, by: self.onboarding.trusted.revoking(self.key)) == .revoked)
    }

    /// Two are believed while one replaces the other.
    @Test func theFileNamesWhomToBelieve() throws {
        let next = OnboardingKey.generate()
        let text = """
            # of this year
            \(self.onboarding.trusted)
            \(next.trusted)  # of the next

            revoked \(String(repeating: "ab", count: 32))
            """
        let both = try #require(OnboardingKeys(text: text))
        for signer in [self.onboarding, next] {
            let statement = try self.statement()
            #expect(self.refusal(statement, try signer.sign(statement), by: both) == nil)
        }
        let key = "\(self.onboarding.trusted)"
        for wrong in [
            "", "# nobody", "\(key) x", "ed25519 AAAA", "rsa \(key.dropFirst(8))", "\(key)\nrevoked 00",
            "\(key)\n\(key)\n\(key)", "\(key)\nrevoked \(String(repeating: "AB", count: 32))",
        ] {
            #expect(OnboardingKeys(text: wrong) == nil, "\(wrong)")
        }
    }

    @Test func aSignedKeyIsReadAsItWasWritten() throws {
        let signed = try SignedAgencyKey(self.statement(), signedBy: self.onboarding)
        let json = try signed.json()
        #expect(try SignedAgencyKey(json: Array(json.utf8)) == signed)
        #expect(json.contains(#""valid_from" : "2026-05-28T20:26:40Z""#), "\(json)")
        for wrong in ["", "{}", json.replacingOccurrences(of: "2026-05-28T", with: "2026-15-28T")] {
            #expect(throws: OnboardingError.malformed) { try SignedAgencyKey(json: Array(wrong.utf8)) }
        }
        let smuggled = json.replacingOccurrences(of: "150104-police", with: #"150104-police\nschool"#)
        #expect(throws: OnboardingError.badStatement) { try SignedAgencyKey(json: Array(smuggled.utf8)) }
    }

    /// What is written in decision 0013, for those who sign with something else.
    @Test func theSignedTextIsWhatIsDocumented() throws {
        let key = try AgencyPublicKey(bytes: [UInt8](repeating: 9, count: 32))
        let statement = try self.statement("150104-police", "police", "150104", key)
        #expect(
            statement.text == """
                dandelion.agency-key.1
                150104-police
                police
                150104
                8c0cc17a04942cc4f8e0fe0b302606d3108860c126428ba2ceeb5f9ed41c2b05
                CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=
                2026-05-28T20:26:40Z
                """)
    }

    @Test func theKeyIsItsOwnersAloneAndNeverWrittenOver() throws {
        let place = try TemporaryDirectory()
        #expect(try OnboardingKey.create(directory: place.path).map(\.isNew) == [true, true])
        let secret = "\(place.path)/\(OnboardingKey.secretName)"
        #expect(try place.mode(secret) == 0o600)
        let kept = try Data(contentsOf: URL(filePath: secret))
        #expect(try OnboardingKey.create(directory: place.path).map(\.isNew) == [false, false])
        #expect(try Data(contentsOf: URL(filePath: secret)) == kept)
        let text = try String(contentsOfFile: "\(place.path)/\(OnboardingKey.publicName)", encoding: .utf8)
        let trusted = try #require(OnboardingKeys(text: text))
        let statement = try self.statement()
        let key = try OnboardingKey(path: secret)
        #expect(self.refusal(statement, try key.sign(statement), by: trusted) == nil)
        #expect("\(key)" == "OnboardingKey" && Mirror(reflecting: key).children.isEmpty)
        let open = try place.file("open", String(decoding: kept, as: UTF8.self), mode: 0o644)
        #expect(throws: KeyFileError.self) { try OnboardingKey(path: open) }
        let other = try place.file("other", "{}")
        #expect(throws: KeyFileError.self) { try OnboardingKey(path: other) }
    }
}
