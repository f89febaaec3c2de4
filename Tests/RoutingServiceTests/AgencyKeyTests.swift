import Casework
import CaseworkStore
import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import RoutingService

/// Routing believes the onboarding key, never the database: whoever writes there puts no key of his own in an agency's place.
@Suite struct AgencyKeyTests {
    private struct Handler: LogHandler {
        let lines: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.lines.withLockedValue { $0.append("\(event.message) \(event.metadata?["key.fault"] ?? "")") }
        }
    }

    private struct Stored {
        let package: SealedPackage
        let binding: SealedPackage.Binding
        let fingerprint: [UInt8]
    }

    private func package(of referral: ReferralRecord, _ network: NetworkFixture) async throws -> Stored? {
        guard let row = try await network.database.pool.execute(Self.selectPackage, referral.id).first else {
            return nil
        }
        let (profile, fingerprint, bytes) = try row.decode((String, [UInt8], [UInt8]).self)
        return Stored(
            package: try SealedPackage(bytes: bytes),
            binding: .init(referralID: referral.id, agencyID: referral.agencyID, profile: profile),
            fingerprint: fingerprint)
    }

    /// The entry of the referral's agency, to be registered anew.
    private func entry(of referral: ReferralRecord, _ network: NetworkFixture) async throws -> AgencyEntry {
        let agency = try #require(await AgencyStore().byID([referral.agencyID], on: network.database.pool).first).agency
        return AgencyEntry(code: agency.code, kind: agency.kind, name: agency.name, division: agency.division)
    }

    /// Who writes in the database tries what he can: a key of his own without a signature, with the old one, with the
    /// signature of an agency that is his own under that agency's code, with a signature of his own.
    @Test(arguments: ["unsigned", "old_signature", "other_agency", "own_signature"])
    func aKeyPutInPlaceOfAnAgencysIsSealedToByNobody(how: String) async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let attacker = try AgencyKeyPair.generate().publicKey
            let division = try #require(DivisionCode("152523"))
            func signed(_ kind: AgencyKind, by onboarding: OnboardingKey) throws -> NewAgency {
                try NetworkFixture.agency(
                    AgencyEntry(code: "evil", kind: kind, name: "x", division: division), key: attacker,
                    signedBy: onboarding)
            }
            let forged: NewAgency? =
                switch how {
                case "other_agency": try signed(AgencyKind(rawValue: "school"), by: network.onboarding)
                case "own_signature": try signed(.legalAidCentre, by: .generate())
                default: nil
                }
            try await database.pool.execute(
                Self.swapKeys, attacker.bytes, how == "unsigned", forged?.keySignature?.bytes,
                forged?.keySignature?.validFrom)
            if forged != nil { try await database.pool.execute(Self.takeCode) }

            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referrals = try await network.referrals(of: caseID)
            #expect(!referrals.isEmpty)
            for referral in referrals {
                #expect(try await self.package(of: referral, network) == nil, "nothing is sealed to it")
                #expect(try await network.handOvers(of: referral.agencyID).contains(referral.id), "nobody's case waits")
                let clocks = try await network.clocks(of: caseID)
                #expect(clocks.contains { $0.referralID == referral.id && $0.status == .running })
            }
            #expect(try await network.notices(of: caseID).contains("call_agency"), "somebody calls")
        }
    }

    /// An emergency is called in as one, package or not.
    @Test func anEmergencyWaitsForNoKey() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            try await database.pool.execute(
                Self.swapKeys, try AgencyKeyPair.generate().publicKey.bytes, true, [UInt8]?.none, Date?.none)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            #expect(try await network.notices(of: caseID).contains("call_agency_emergency"))
        }
    }

    /// One line for an agency however many cases come, and no value in it.
    @Test func whatIsNotTrustedIsSaidOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let division = try #require(DivisionCode("150104"))
            let found = try await AgencyStore().at(divisions: [division], on: database.pool)
            let agency = try #require(found.first)
            let lines = NIOLockedValueBox<[String]>([])
            let logger = Logger(label: "test") { _ in Handler(lines: lines) }
            let keys = AgencyKeys(OnboardingKey.generate().trusted, logger: logger)
            for _ in 1...3 { #expect(keys.key(of: agency, at: Date()) == nil) }
            #expect(lines.withLockedValue { $0 } == ["Agency's key not trusted, nothing is sealed to it not_signed"])
            let revoked = AgencyKeys(
                network.onboarding.trusted.revoking(network.agencyKeys.publicKey), logger: logger)
            #expect(revoked.key(of: agency, at: Date()) == nil)
            #expect(lines.withLockedValue { $0.last?.hasSuffix("revoked") } == true)
            let good = AgencyKeys(network.onboarding.trusted, logger: logger)
            #expect(good.key(of: agency, at: Date()) == network.agencyKeys.publicKey)
        }
    }

    /// A lost key: what waits is sealed to the next one, and that it was is an event. The old key opens nothing any more.
    @Test func aLostKeyMeansSealingAgainWithARecord() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first)
            let old = try #require(try await self.package(of: referral, network))
            #expect(old.fingerprint == network.agencyKeys.publicKey.fingerprint)

            let fresh = try AgencyKeyPair.generate()
            let entry = try await self.entry(of: referral, network)
            _ = try await AgencyStore().put(
                try NetworkFixture.agency(entry, key: fresh.publicKey, signedBy: network.onboarding), on: database.pool)
            try await network.route()
            let new = try #require(try await self.package(of: referral, network))
            #expect(new.fingerprint == fresh.publicKey.fingerprint)
            #expect(throws: SealedPackageError.self) {
                try new.package.open(with: network.agencyKeys, binding: new.binding)
            }
            let text = String(decoding: try new.package.open(with: fresh, binding: new.binding), as: UTF8.self)
            #expect(text.contains(referral.number.rawValue))
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "package_resealed" }.count == 1)
            // Asked again, there is nothing to do.
            try await database.pool.execute(Self.askToSeal, referral.id)
            try await network.route()
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "package_resealed" }.count == 1)
            #expect(try await self.package(of: referral, network)?.package == new.package)
            // The lost one is not put back by a signature of an earlier day.
            let earlier = try NetworkFixture.agency(
                entry, key: network.agencyKeys.publicKey, signedBy: network.onboarding,
                validFrom: Date(timeIntervalSince1970: 1_700_000_000))
            let refusal = await #expect(throws: CaseworkError.self) {
                try await AgencyStore().put(earlier, on: database.pool)
            }
            #expect(refusal?.code == .notPossible)
        }
    }

    /// Without a next key what waits cannot be read by whoever has the old one, and staff call.
    @Test func aKeyThatWasRemovedOpensNothingAndStaffCall() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first)
            let entry = try await self.entry(of: referral, network)
            #expect(try await !network.notices(of: caseID).contains("call_agency"))
            #expect(try await AgencyStore().removeKey(code: entry.code, on: database.pool))
            #expect(try await !AgencyStore().removeKey(code: "nobody-here", on: database.pool))
            try await network.route()
            #expect(try await self.package(of: referral, network) == nil)
            #expect(try await network.notices(of: caseID).contains("call_agency"))
            #expect(try await network.eventKinds(of: caseID).contains("package_discarded"))
            let fresh = try AgencyKeyPair.generate()
            _ = try await AgencyStore().put(
                try NetworkFixture.agency(entry, key: fresh.publicKey, signedBy: network.onboarding), on: database.pool)
            try await network.route()
            let new = try #require(try await self.package(of: referral, network))
            #expect(try !new.package.open(with: fresh, binding: new.binding).isEmpty)
        }
    }

    private static let selectPackage = Statement(
        name: "test_key_package",
        "SELECT profile, key_fingerprint, sealed FROM safeguarding.sealed_package WHERE referral_id = $1")
    private static let swapKeys = Statement(
        name: "test_swap_keys",
        """
        UPDATE casework.agency SET public_key = $1,
            key_signature = CASE WHEN $2 THEN NULL ELSE coalesce($3, key_signature) END,
            key_valid_from = CASE WHEN $2 THEN NULL ELSE coalesce($4, key_valid_from) END
        """)
    /// One agency has the code that the signature is for. The others keep theirs, for which it is not good either.
    private static let takeCode = Statement(
        name: "test_take_code",
        """
        UPDATE casework.agency SET code = 'evil'
        WHERE id = (SELECT id FROM casework.agency WHERE kind = 'legal_aid_centre' AND division_code = '152523')
        """)
    private static let askToSeal = Statement(name: "test_ask_to_seal", "SELECT casework.ask_to_seal($1)")
}
