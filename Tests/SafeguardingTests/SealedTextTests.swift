import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// What agencies write: bound to what it was written for, and to a key that says whose it is.
@Suite struct SealedTextTests {
    private let agency = UUID()

    private func binding(
        _ referral: String = "R-7K2M-0QX9", agency: UUID? = nil, status: String = "in_progress",
        attachment: SealedText.Attachment? = nil
    ) -> SealedText.Binding {
        .init(referral: referral, agencyID: agency ?? self.agency, status: status, attachment: attachment)
    }

    @Test func itOpensForWhatItWasSealedForAndForNothingElse() throws {
        let keys = try AgencyKeyPair.generate()
        let text = try SealedText.seal("她已搬走  \n", to: keys.publicKey, binding: self.binding())
        #expect(try text.open(with: keys, binding: self.binding()) == "她已搬走")
        let file = SealedText.Attachment(
            sha256: String(repeating: "a", count: 64), mediaType: "application/pdf", bytes: 10)
        let others = [
            self.binding("R-0000-0000"), self.binding(agency: UUID()), self.binding(status: "completed"),
            self.binding(attachment: file),
        ]
        for other in others {
            #expect(throws: SealedPackageError.notAuthentic) { _ = try text.open(with: keys, binding: other) }
        }
        let stranger = try AgencyKeyPair.generate()
        #expect(throws: SealedPackageError.notAuthentic) { _ = try text.open(with: stranger, binding: self.binding()) }
    }

    /// Digest, kind and length of an attachment are in clear, and cannot be exchanged.
    @Test func anAttachmentsPlaceBelongsToItsFile() throws {
        let keys = try AgencyKeyPair.generate()
        func file(_ digit: Character = "a", _ type: String = "image/png", _ bytes: Int64 = 7) -> SealedText.Attachment {
            .init(sha256: String(repeating: digit, count: 64), mediaType: type, bytes: bytes)
        }
        let place = try SealedText.seal("柜 3", to: keys.publicKey, binding: self.binding(attachment: file()))
        #expect(try place.open(with: keys, binding: self.binding(attachment: file())) == "柜 3")
        for other in [file("b"), file("a", "image/jpeg"), file("a", "image/png", 8)] {
            #expect(throws: SealedPackageError.notAuthentic) {
                _ = try place.open(with: keys, binding: self.binding(attachment: other))
            }
        }
    }

    /// What comes from an agency is bytes of any kind.
    @Test func bytesThatAreNoTextAreAnError() throws {
        let keys = try AgencyKeyPair.generate()
        for bytes in [[], [1], [UInt8](repeating: 1, count: 49), [UInt8](repeating: 255, count: 500)] {
            #expect(throws: SealedPackageError.self) {
                _ = try SealedText(bytes: bytes).open(with: keys, binding: self.binding())
            }
        }
    }

    @Test func theOnboardingKeySaysWhoseAKeyIs() throws {
        let onboarding = OnboardingKey.generate()
        let key = try AgencyKeyPair.generate().publicKey
        let from = Date(timeIntervalSince1970: 1_764_115_200)
        let statement = NetworkKeyStatement(key: key, validFrom: from)
        #expect(
            statement.text == "dandelion.network-key.1\n\(key.fingerprintText)\n\(key)\n2025-11-26T00:00:00Z")
        let signed = try SignedNetworkKey(statement, signedBy: onboarding)
        let read = try SignedNetworkKey(json: Array(signed.json().utf8))
        #expect(read == signed)
        try onboarding.trusted.verify(read.statement, read.signature, at: from)
        #expect(throws: OnboardingError.notYetValid) {
            try onboarding.trusted.verify(read.statement, read.signature, at: from.addingTimeInterval(-1))
        }
        #expect(throws: OnboardingError.notSigned) {
            try OnboardingKey.generate().trusted.verify(read.statement, read.signature, at: from)
        }
        #expect(throws: OnboardingError.revoked) {
            try onboarding.trusted.revoking(key).verify(read.statement, read.signature, at: from)
        }
        // An agency's key is not the network's, whoever signed it for the agency.
        let agencys = try SignedAgencyKey(
            AgencyKeyStatement(agency: "a", kind: "police", division: "150000", key: key, validFrom: from),
            signedBy: onboarding)
        #expect(throws: OnboardingError.notSigned) {
            try onboarding.trusted.verify(statement, agencys.signature, at: from)
        }
        #expect(throws: OnboardingError.malformed) { _ = try SignedNetworkKey(json: Array("{}".utf8)) }
    }

    @Test func keysAreListedWithWhereTheyStand() async throws {
        try await withTestDatabase { database in
            let onboarding = OnboardingKey.generate()
            let store = NetworkKeyStore()
            func signed(_ day: Double) throws -> SignedNetworkKey {
                try SignedNetworkKey(
                    NetworkKeyStatement(
                        key: AgencyKeyPair.generate().publicKey,
                        validFrom: Date(timeIntervalSinceNow: (day - 10) * 86_400)), signedBy: onboarding)
            }
            let keys = [try signed(0), try signed(1), try signed(2), try signed(20)]
            try await database.withPool(user: "dandelion_operator") { pool async throws in
                for key in keys { #expect(try await store.add(key, on: pool) == .done) }
                #expect(try await store.add(keys[1], on: pool) == .known)
                #expect(try await store.add(signed(0.5), on: pool) == .older)
                #expect(try await store.list(on: pool).map(\.state) == [.later, .current, .before, .over])
                #expect(try await store.list(on: pool).compactMap(\.signed) == keys.reversed())
                let id = keys[2].statement.key.fingerprintText
                #expect(try await store.retire(id, on: pool))
                #expect(try await !store.retire(id, on: pool))
                #expect(try await store.list(on: pool).map(\.state) == [.later, .retired, .current, .before])
            }
        }
    }
}
