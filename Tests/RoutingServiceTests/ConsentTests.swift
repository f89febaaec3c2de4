import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import RoutingService

/// S16, S17: what she takes back is taken back everywhere, and stops no service.
@Suite struct ConsentTests {
    @Test func withdrawalTakesBackHandOversPackagesAndClocks() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("02-left-home-yuquan")
            try await network.route()
            let resting = try await network.referrals(of: caseID).filter { $0.consentBasis == .consent }
            #expect(resting.count > 1)
            // One of them is being leased at this moment.
            let first = try #require(resting.first)
            let leased = try await network.jobs.claim(
                queue: Queues.agency(first.agencyID), limit: 1, leaseFor: .seconds(60), holder: "agency",
                on: database.pool)
            #expect(leased.count == 1)
            try await network.withdraw(on: caseID)
            try await network.route()

            for referral in try await network.referrals(of: caseID) where referral.consentBasis == .consent {
                #expect(referral.status == .revoked)
                #expect(try await !network.handOvers(of: referral.agencyID).contains(referral.id))
                #expect(try await database.pool.execute(Self.package, referral.id).isEmpty, "the bytes are gone")
            }
            let revoked = Set(resting.map(\.id))
            let clocks = try await network.clocks(of: caseID)
            #expect(clocks.allSatisfy { $0.referralID.map(revoked.contains) != true || $0.status != .running })
            // The lease that ran can neither accept nor be extended into anything.
            let late = await #expect(throws: PostgresError.self) {
                try await database.pool.withTransaction("late") { transaction in
                    try GatewayStore().postAccept(
                        agency: first.agencyID, referral: first.id, lease: leased[0].leaseAlias, in: transaction)
                }
            }
            #expect(late.flatMap(CaseworkError.init)?.code == .referralState)
            // Refusing stops no service: the case is open, owned, and on a clock of somebody's.
            #expect(try await !network.isClosed(caseID))
            #expect(clocks.contains { $0.isRunning && $0.kind.carriesCase })
        }
    }

    @Test func whatRestsOnAnotherBasisStays() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("06-minor-hailar")
            try await network.route()
            let before = try await network.referrals(of: caseID).filter { $0.consentBasis != .consent }
            #expect(!before.isEmpty)
            try? await network.withdraw(on: caseID)  // A child's case may hold no consent at all.
            try await network.route()
            let after = try await network.referrals(of: caseID).filter { $0.consentBasis != .consent }
            #expect(after.map(\.status) == before.map(\.status))
        }
    }

    @Test func aConsentThatEndsIsTakenBackByItsClock() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first { $0.consentBasis == .consent })
            // She says until when it holds.
            try await network.act(on: caseID) { number, transaction in
                let consent = Consent(
                    agencyKinds: [referral.agencyKind], purpose: referral.purpose, status: .granted,
                    expiresAt: Date().addingTimeInterval(3600))
                _ = try await ConsentStore().record(
                    consent, on: number, by: NetworkFixture.worker, in: transaction)
            }
            try await network.route()
            #expect(try await network.referrals(of: caseID).first { $0.id == referral.id }?.status == .requested)
            let clock = try #require(await network.clocks(of: caseID).first { $0.kind == .consentExpiry })
            #expect(clock.status == .running)
            try await database.pool.execute(Self.endConsents)
            try await network.letRunOut(.consentExpiry, of: caseID)
            try await network.route()
            #expect(try await network.referrals(of: caseID).first { $0.id == referral.id }?.status == .revoked)
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "consent_expired" }.count == 1 && !events.contains("clock_breached"))
        }
    }

    @Test func whatSheAgreesToAnewIsReferredAnew() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first { $0.consentBasis == .consent })
            try await network.withdraw(.init(purpose: referral.purpose), on: caseID)
            try await network.route()
            try await network.act(on: caseID) { number, transaction in
                let consent = Consent(
                    agencyKinds: [referral.agencyKind], purpose: referral.purpose, status: .granted)
                _ = try await ConsentStore().record(consent, on: number, by: NetworkFixture.worker, in: transaction)
            }
            try await network.route()
            let again = try await network.referrals(of: caseID).filter {
                $0.purpose == referral.purpose && $0.status == .requested
            }
            #expect(again.count == 1)
            // The job that is delivered once more opens nothing.
            try await network.act(on: caseID) { _, _ in }
            try await network.route()
            #expect(try await network.referrals(of: caseID).count { $0.status == .requested } >= again.count)
            #expect(
                try await network.referrals(of: caseID).count {
                    $0.purpose == referral.purpose && $0.status == .requested
                } == 1)
        }
    }

    /// A suspected guardian is neither asked nor heard: what he takes back or refuses changes nothing.
    @Test func aSuspectedGuardianIsNotHeard() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("06-minor-hailar")
            try await network.route()
            let before = try await network.referrals(of: caseID).map(\.status)
            try await network.act(on: caseID) { number, transaction in
                for purpose in [Purpose.guardianship, .counselling, .mandatoryReport] {
                    var refusal = Consent(
                        agencyKinds: AgencyKind.known, purpose: purpose, status: .refused)
                    refusal.givenBy = .guardian
                    _ = try await ConsentStore().record(
                        refusal, on: number, by: NetworkFixture.worker, in: transaction)
                }
            }
            try await network.route()
            #expect(try await network.referrals(of: caseID).prefix(before.count).map(\.status) == before)
        }
    }

    /// S18: only with a second person, a basis and an article; then it is a fact, and what follows says what it rests on.
    @Test func anOverrideIsAnsweredForByTwo() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first { $0.consentBasis == .consent })
            try await network.withdraw(.init(purpose: referral.purpose), on: caseID)
            try await network.route()
            func override(_ supervisor: CaseActor, _ basis: ConsentBasis, _ article: String) async throws {
                let body = OverrideBody(
                    by: NetworkFixture.worker.staff, supervisor: supervisor.staff,
                    exception: ConsentException(
                        agencyKind: referral.agencyKind, purpose: referral.purpose, basis: basis, article: article))
                try await network.act(on: caseID) { number, transaction in
                    _ = try await ConsentStore().override(
                        body, on: number, by: NetworkFixture.worker, in: transaction)
                }
            }
            let article = "《未成年人保护法》第十一条"
            for (supervisor, basis, article) in [
                (NetworkFixture.worker, ConsentBasis.statutoryDuty, article),
                (NetworkFixture.supervisor, .consent, article), (NetworkFixture.supervisor, .statutoryDuty, "上级要求"),
            ] {
                await #expect(throws: CaseworkError.self) { try await override(supervisor, basis, article) }
            }
            try await override(NetworkFixture.supervisor, .statutoryDuty, article)
            try await network.route()
            let again = try #require(
                await network.referrals(of: caseID).first { $0.purpose == referral.purpose && $0.status == .requested })
            #expect(again.consentBasis == .statutoryDuty && again.legalBasis.contains(article))
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "disclosure_overridden" }.count == 1)
            #expect(try await network.notices(of: caseID).contains("disclosure_overridden"))
        }
    }

    private static let package = Statement(
        name: "t_package", "SELECT 1 FROM safeguarding.sealed_package WHERE referral_id = $1")
    private static let endConsents = Statement(
        name: "t_end",
        "UPDATE casework.consent SET expires_at = clock_timestamp() - interval '1 second' WHERE expires_at IS NOT NULL")
}
