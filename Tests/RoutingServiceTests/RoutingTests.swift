import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@Suite struct RoutingTests {
    @Test func aViolenceCaseGoesToPoliceAndCourtAndNeverToMediation() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            let kinds = Set(try await network.referrals(of: caseID).map(\.agencyKind.rawValue))
            #expect(kinds.isSuperset(of: ["police", "court"]))
            #expect(!kinds.contains("mediation_committee"))
            #expect(try await network.eventKinds(of: caseID).contains("referral_withheld"))
        }
    }

    /// Invariant 3 on the way: a delivery that is repeated routes the case once.
    @Test func aRepeatedJobRoutesOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("01-burn-injury")
            try await network.route()
            let referrals = try await network.referrals(of: caseID).map(\.id)
            #expect(!referrals.isEmpty)
            try await database.pool.withTransaction("again") { transaction in
                try await network.jobs.enqueue(
                    JobRequest(CaseOpened(caseID: caseID), queue: Queues.routing), in: transaction)
            }
            try await network.route()
            #expect(try await network.referrals(of: caseID).map(\.id) == referrals)
        }
    }

    @Test func aCaseIsClosedWhenEveryAgencyIsDoneAndSheWasCalled() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("01-burn-injury")
            try await network.route()
            for referral in try await network.referrals(of: caseID) {
                try await network.accept(referral)
                try await network.route()
                try await network.report(referral, .completed, .aidDelivered)
                try await network.route()
            }
            #expect(try await !network.isClosed(caseID), "nobody has called her")
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .callBack && $0.status == .running })
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            let events = try await network.eventKinds(of: caseID)
            #expect(events.contains("case_closed") && events.contains("follow_up_scheduled"))
            let open = try await network.clocks(of: caseID).filter { $0.status == .running }
            #expect(open.allSatisfy { $0.kind == .followUp } && !open.isEmpty)
        }
    }

    @Test func aRejectedReferralGoesToAnotherAgencyAtOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("07-rejected-dongsheng")
            try await network.route()
            let first = try #require(await network.referrals(of: caseID).first)
            try await network.reject(first)
            try await network.route()
            let referrals = try await network.referrals(of: caseID)
            let successor = try #require(referrals.first { $0.predecessorID == first.id })
            #expect(successor.agencyID != first.agencyID)
            #expect(try await network.eventKinds(of: caseID).contains("referral_rerouted"))
            // The job delivered once more finds the successor there.
            try await database.pool.withTransaction("again") { transaction in
                try await network.jobs.enqueue(
                    JobRequest(ReferralAnswered(referralID: first.id), queue: Queues.routing), in: transaction)
            }
            try await network.route()
            #expect(try await network.referrals(of: caseID).count == referrals.count)
        }
    }

    @Test func safetyOpensWhatWaitedForIt() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            #expect(try await network.referrals(of: caseID).allSatisfy { $0.purpose != .employment })
            for referral in try await network.referrals(of: caseID) {
                try await network.accept(referral)
                try await network.report(
                    referral, .completed,
                    referral.purpose == .protectionOrder ? .protectionOrderIssued : .dangerAverted)
            }
            try await network.route()
            #expect(try await network.referrals(of: caseID).contains { $0.purpose == .employment })
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "safety_confirmed" }.count == 1)
            #expect(!events.contains("case_closed"), "the new referral is open")
        }
    }

    /// Invariant 5: the package in the database opens with the agency's key only, and holds no more than the profile.
    @Test func theStoredPackageIsSealedToTheAgency() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first)
            let row = try #require(await database.pool.execute(Self.sealedPackage, referral.id).first)
            let (agency, profile, bytes) = try row.decode((UUID, String, [UInt8]).self)
            let package = try SealedPackage(bytes: bytes)
            let binding = SealedPackage.Binding(referralID: referral.id, agencyID: agency, profile: profile)
            let opened = String(decoding: try package.open(with: network.agencyKeys, binding: binding), as: UTF8.self)
            #expect(opened.contains(referral.number.rawValue))
            #expect(throws: SealedPackageError.self) {
                try package.open(with: AgencyKeyPair.generate(), binding: binding)
            }
            #expect(throws: SealedPackageError.self) {
                let other = SealedPackage.Binding(referralID: UUID(), agencyID: agency, profile: profile)
                return try package.open(with: network.agencyKeys, binding: other)
            }
        }
    }

    private static let sealedPackage = Statement(
        name: "test_sealed_package",
        "SELECT agency_id, profile, sealed FROM safeguarding.sealed_package WHERE referral_id = $1")
}
