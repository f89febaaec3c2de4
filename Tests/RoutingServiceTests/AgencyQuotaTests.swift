import Casework
import CaseworkStore
import FoundationEssentials
import Logging
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import RoutingService

/// An agency that answers nothing has no more sealed for it than its quota; nobody's case is refused or waits for that.
@Suite struct AgencyQuotaTests {
    private func hasPackage(_ referral: ReferralRecord, _ pool: PostgresPool) async throws -> Bool {
        try await !pool.execute(Self.package, referral.id).isEmpty
    }

    private func setQuota(_ network: NetworkFixture, waiting: Int?, bytes: Int? = nil) async throws {
        try await network.database.pool.execute(Self.quota, waiting.map { Int32($0) }, bytes.map { Int64($0) })
    }

    /// One quota for what waits, one for what is sealed for it.
    @Test(arguments: [(1, nil), (nil, 1)] as [(Int?, Int?)])
    func overTheQuotaTheReferralIsThereTheOwnerIsToldAndNothingIsSealed(waiting: Int?, bytes: Int?) async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            try await self.setQuota(network, waiting: waiting, bytes: bytes)
            let first = try await network.open("05-legal-aid-sonid")
            let second = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let early = try #require(await network.referrals(of: first).first)
            let late = try #require(await network.referrals(of: second).first)
            #expect(early.agencyID == late.agencyID)
            let (before, after) = (
                try await self.hasPackage(early, database.pool), try await self.hasPackage(late, database.pool)
            )
            #expect(before != after, "one is sealed, and the one that came second is not")
            let (full, without) = before ? (second, late) : (first, early)
            #expect(try await network.handOvers(of: without.agencyID).contains(without.id))
            #expect(
                try await network.clocks(of: full).contains { $0.referralID == without.id && $0.status == .running })
            #expect(try await network.notices(of: full).contains("call_agency"))
            let backlog = try await AgencyStore().backlog(of: without.agencyID, on: database.pool)
            #expect(backlog.isFull && backlog.share >= 1)

            // What the agency takes in hand all the same is sealed for it then.
            try await database.pool.execute(Self.askToSeal, without.id)
            try await network.route()
            #expect(try await self.hasPackage(without, database.pool))
        }
    }

    /// An emergency asks for no room.
    @Test func anEmergencyIsSealedWhateverWaits() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            try await self.setQuota(network, waiting: 1)
            var emergencies: [ReferralRecord] = []
            for _ in 0..<2 {
                let caseID = try await network.open("03-violence-baotou")
                try await network.route()
                emergencies += try await network.referrals(of: caseID).filter { $0.consentBasis == .emergency }
            }
            #expect(emergencies.count >= 2)
            for referral in emergencies { #expect(try await self.hasPackage(referral, database.pool)) }
        }
    }

    /// Answers make room. What was counted is asked again once it cannot be believed any more.
    @Test func answersMakeRoom() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            try await self.setQuota(network, waiting: 2)
            let caseID = try await network.open("05-legal-aid-sonid")
            let other = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let agency = try #require(await network.referrals(of: caseID).first).agencyID
            let quotas = AgencyQuotas(near: .zero, logger: NetworkFixture.logger)
            func hasRoom() async throws -> Bool {
                try await database.pool.withTransaction("look") { try await quotas.hasRoom(agency, in: $0) }
            }
            #expect(try await !hasRoom())
            for each in [caseID, other] {
                for referral in try await network.referrals(of: each) { try await network.accept(referral) }
            }
            #expect(try await hasRoom())
        }
    }

    private static let quota = Statement(
        name: "test_quota",
        """
        UPDATE casework.agency SET max_waiting = coalesce($1, max_waiting),
            max_waiting_bytes = coalesce($2, max_waiting_bytes)
        """)
    private static let package = Statement(
        name: "test_quota_package", "SELECT 1 FROM safeguarding.sealed_package WHERE referral_id = $1")
    private static let askToSeal = Statement(name: "test_quota_ask", "SELECT casework.ask_to_seal($1)")
}
