import Casework
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@Suite struct SealedPackageStoreTests {
    private let store = SealedPackageStore()
    private let ledger = DisclosureLedger()
    private let referral = UUID()
    private let agency = UUID()
    private let keys: AgencyKeyPair

    init() throws {
        self.keys = try AgencyKeyPair.generate()
    }

    private func package(_ profile: String = "court") throws -> Package {
        try Package.build(
            profile: profile,
            from: PackageSource(
                referralNumber: "R-7K2M-Q9XA", purpose: "protection_order", legalBasis: "第二十三条", division: "150102",
                risk: "high", needs: ["shelter"]))
    }

    private func put(
        _ package: Package, for agency: UUID? = nil, to key: AgencyPublicKey? = nil, on pool: PostgresPool
    ) async throws {
        let binding = SealedPackage.Binding(
            referralID: self.referral, agencyID: self.agency, profile: package.profile)
        let sealed = try SealedPackage.seal(
            package.encoded(), to: key ?? self.keys.publicKey, binding: binding)
        let new = NewSealedPackage(
            sealed, to: key ?? self.keys.publicKey, of: package, referral: self.referral, agency: agency ?? self.agency)
        do {
            try await pool.withTransaction("put") { try self.store.post([new], in: $0) }
        } catch let error as PostgresError {
            throw DisclosureError(error) ?? error
        }
    }

    /// As a door does it, on what is stored.
    private func record(_ pool: PostgresPool) async throws -> UUID {
        try await pool.withTransaction("record") { transaction in
            try self.store.recordDisclosure(
                of: self.referral, to: self.agency, purpose: "p", legalBasis: "l", requestedBy: "r", in: transaction)
        }
    }

    private func record(_ package: Package, fields: [String]? = nil, on pool: PostgresPool) async throws -> UUID {
        try await self.ledger.record(
            DisclosureRequest(
                referralID: self.referral, agencyID: self.agency, profile: package.profile,
                fields: fields ?? package.fields, purpose: "p", legalBasis: "l", requestedBy: "r"), on: pool)
    }

    private func refusal(_ body: () async throws -> Void) async -> DisclosureError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? DisclosureError
        }
    }

    @Test func whatWasPutIsReadAgainstARecordAndOpened() async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            try await self.put(package, on: db.pool)
            let described = try #require(
                try await self.store.describe(referral: self.referral, agency: self.agency, on: db.pool))
            let summary = described.summary
            #expect(summary.profile == "court" && summary.fields == package.fields)
            #expect(described.keyFingerprint == self.keys.publicKey.fingerprint)
            let id = try await self.record(db.pool)
            let stored = try await self.store.read(
                disclosure: id, referral: self.referral, agency: self.agency, on: db.pool)
            let binding = SealedPackage.Binding(referralID: self.referral, agencyID: self.agency, profile: "court")
            #expect(try stored.package.open(with: self.keys, binding: binding) == package.encoded())
        }
    }

    @Test func withoutARecordNothingIsRead() async throws {
        try await withTestDatabase { db in
            try await self.put(self.package(), on: db.pool)
            let refusal = await self.refusal {
                _ = try await self.store.read(
                    disclosure: UUID(), referral: self.referral, agency: self.agency, on: db.pool)
            }
            #expect(refusal == .notRecorded)
        }
    }

    @Test func aRecordOfFewerFieldsOrAnotherProfileDoesNotCover() async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            try await self.put(package, on: db.pool)
            let fewer = try await self.record(package, fields: ["purpose"], on: db.pool)
            let other = try await self.record(self.package("shelter"), fields: package.fields, on: db.pool)
            for id in [fewer, other] {
                let refusal = await self.refusal {
                    _ = try await self.store.read(
                        disclosure: id, referral: self.referral, agency: self.agency, on: db.pool)
                }
                #expect(refusal == .recordDoesNotCover)
            }
        }
    }

    @Test func anotherAgencyHasNoPackage() async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            try await self.put(package, on: db.pool)
            #expect(try await self.store.describe(referral: self.referral, agency: UUID(), on: db.pool) == nil)
            let other = UUID()
            let id = try await self.ledger.record(
                DisclosureRequest(
                    referralID: self.referral, agencyID: other, profile: "court", fields: package.fields, purpose: "p",
                    legalBasis: "l", requestedBy: "r"), on: db.pool)
            let read = await self.refusal {
                _ = try await self.store.read(disclosure: id, referral: self.referral, agency: other, on: db.pool)
            }
            #expect(read == .noPackage)
            let put = await self.refusal { try await self.put(package, for: other, on: db.pool) }
            #expect(put == .noPackage, "a referral's package never changes its agency")
        }
    }

    @Test func sealingAgainReplacesAndOldRecordsNoLongerCover() async throws {
        try await withTestDatabase { db in
            let small = try self.package("minimal")
            try await self.put(small, on: db.pool)
            let id = try await self.record(small, on: db.pool)
            try await self.put(self.package("court"), on: db.pool)
            let refusal = await self.refusal {
                _ = try await self.store.read(
                    disclosure: id, referral: self.referral, agency: self.agency, on: db.pool)
            }
            #expect(refusal == .recordDoesNotCover)
        }
    }

    /// The ledger says which key could open what was disclosed; a record for one key opens nothing under another.
    @Test func aRecordIsForOneKey() async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            try await self.put(package, on: db.pool)
            let id = try await self.record(db.pool)
            let recorded = try #require(await db.pool.execute(Self.recordedKey, id).first).decode([UInt8].self)
            #expect(recorded == self.keys.publicKey.fingerprint)
            try await self.put(package, to: AgencyKeyPair.generate().publicKey, on: db.pool)
            let refusal = await self.refusal {
                _ = try await self.store.read(
                    disclosure: id, referral: self.referral, agency: self.agency, on: db.pool)
            }
            #expect(refusal == .recordDoesNotCover)
        }
    }

    private static let recordedKey = Statement(
        name: "test_recorded_key", "SELECT key_fingerprint FROM safeguarding.disclosure WHERE id = $1")

    @Test func whatWasDiscardedIsGone() async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            try await self.put(package, on: db.pool)
            let id = try await self.record(package, on: db.pool)
            #expect(try await self.store.discard(referral: self.referral, on: db.pool))
            #expect(try await !self.store.discard(referral: self.referral, on: db.pool))
            let refusal = await self.refusal {
                _ = try await self.store.read(
                    disclosure: id, referral: self.referral, agency: self.agency, on: db.pool)
            }
            #expect(refusal == .noPackage)
        }
    }

    // MARK: - Rights

    /// What each service may call, and nothing else: 42501 is "permission denied".
    @Test(arguments: [
        ("dandelion_gateway", []),
        ("dandelion_routing", ["put", "describe", "discard", "of"]),
        ("dandelion_operator", ["of", "after"]),
        ("dandelion_intake", []),
        ("dandelion_notification", []),
    ])
    func eachServiceMayCallOnlyItsOwn(role: String, allowed: [String]) async throws {
        try await withTestDatabase { db in
            let package = try self.package()
            let (ledger, store, referral, agency) = (self.ledger, self.store, self.referral, self.agency)
            let calls: [(String, (PostgresPool) async throws -> Void)] = [
                ("record", { _ = try await self.record(package, on: $0) }),
                ("require", { try await ledger.require(UUID(), referral: referral, agency: agency, on: $0) }),
                ("describe", { _ = try await store.describe(referral: referral, agency: agency, on: $0) }),
                ("read", { _ = try await store.read(disclosure: UUID(), referral: referral, agency: agency, on: $0) }),
                ("put", { try await self.put(package, on: $0) }),
                ("discard", { _ = try await store.discard(referral: referral, on: $0) }),
                ("of", { _ = try await ledger.disclosures(of: referral, on: $0) }),
                ("after", { _ = try await ledger.disclosures(after: 0, on: $0) }),
            ]
            try await db.withPool(user: role) { pool in
                for (name, call) in calls {
                    var isDenied = false
                    do {
                        try await call(pool)
                    } catch let error as PostgresError {
                        isDenied = error.sqlState == "42501"
                    } catch is DisclosureError {}
                    #expect(isDenied == !allowed.contains(name), "\(role) \(name)")
                }
                let peek = Statement(name: "test_peek", "SELECT count(*) FROM safeguarding.disclosure")
                let error = await #expect(throws: PostgresError.self) { try await pool.execute(peek) }
                #expect(error?.sqlState == "42501")
            }
        }
    }
}
