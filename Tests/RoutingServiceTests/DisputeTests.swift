import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// Agencies that each say it is another's: the case is never ownerless, and the common superior's word binds.
@Suite struct DisputeTests {
    /// 法律援助 objected to by the county's centre and then by whoever it went to next.
    private func disputed(_ network: NetworkFixture) async throws -> (
        caseID: UUID, first: ReferralRecord, second: ReferralRecord
    ) {
        let caseID = try await network.open("05-legal-aid-sonid")
        try await network.route()
        let first = try #require(await network.referrals(of: caseID).first { $0.purpose == .legalAid })
        try await network.object(first)
        try await network.route()
        let second = try #require(await network.referrals(of: caseID).first { $0.predecessorID == first.id })
        try await network.object(second)
        try await network.route()
        return (caseID, first, second)
    }

    @Test func theSecondObjectionGoesToTheCommonSuperior() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let (caseID, first, second) = try await self.disputed(network)
            let referrals = try await network.referrals(of: caseID)
            #expect(referrals.first { $0.id == first.id }?.status == .cancelled, "the first objection sent it on")
            #expect(referrals.first { $0.id == second.id }?.status == .objected, "the second waits for the superior")
            let running = try await network.clocks(of: caseID).filter(\.isRunning)
            #expect(running.contains { $0.kind == .superiorDecision })
            #expect(try await network.notices(of: caseID).contains("objected"))
            let dispute = try #require(
                await database.pool.withTransaction("t") { try await DisputeStore().open(of: caseID, in: $0) }.first)
            #expect(first.division.isWithin(dispute.division) && second.division.isWithin(dispute.division))
            #expect(dispute.division != first.division)
            // Delivered once more, nothing more is asked.
            try await network.act(on: caseID) { _, _ in }
            try await network.route()
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "superior_asked" }.count == 1)
        }
    }

    @Test func whatTheSuperiorDecidesBinds() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let (caseID, first, _) = try await self.disputed(network)
            let code = try #require(
                try await AgencyStore().byID([first.agencyID], on: database.pool).first
            ).agency.code
            let body = DecisionBody(by: NetworkFixture.supervisor.staff, purpose: .legalAid, agencyCode: code)
            try await network.act(on: caseID) { number, transaction in
                _ = try await DisputeStore().decide(
                    body, on: number, by: NetworkFixture.supervisor, in: transaction)
            }
            try await network.route()
            let offered = try #require(
                await network.referrals(of: caseID).first { $0.status == .requested && $0.purpose == .legalAid })
            #expect(offered.agencyID == first.agencyID)
            #expect(try await network.clocks(of: caseID).allSatisfy { $0.kind != .superiorDecision || !$0.isRunning })
            // It may accept or reject with a reason, but not say again that it is another's.
            let objected = await #expect(throws: PostgresError.self) {
                try await database.pool.withTransaction("object") { transaction in
                    try GatewayStore().postDecline(
                        agency: offered.agencyID, referral: offered.id, lease: UUID(), as: .objected,
                        reason: .notOurDuty, suggestedKind: nil, in: transaction)
                }
            }
            #expect(objected.flatMap(CaseworkError.init)?.code == .referralState)
            try await network.accept(offered)
            let again = await #expect(throws: CaseworkError.self) {
                try await network.act(on: caseID) { number, transaction in
                    _ = try await DisputeStore().decide(
                        body, on: number, by: NetworkFixture.supervisor, in: transaction)
                }
            }
            #expect(again?.code == .notPossible, "nothing is disputed any more")
        }
    }

    @Test func aDecisionThatIsNotMadeMovesUp() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let (caseID, _, _) = try await self.disputed(network)
            let before = try await database.pool.withTransaction("t") {
                try await DisputeStore().open(of: caseID, in: $0)
            }
            try await network.letRunOut(.superiorDecision, of: caseID)
            try await network.route()
            let after = try await database.pool.withTransaction("t") {
                try await DisputeStore().open(of: caseID, in: $0)
            }
            let (first, second) = (try #require(before.first), try #require(after.first))
            #expect(second.division.level < first.division.level || first.division.level == .region)
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .superiorDecision && $0.isRunning })
            #expect(try await network.eventKinds(of: caseID).contains("case_escalated"))
        }
    }

    /// The relation that is stored comes before the one the codes suggest.
    @Test func theStoredSuperiorIsAsked() async throws {
        try await withTestDatabase { database in
            _ = try await NetworkFixture(database)
            let league = try #require(DivisionCode("150100"))
            let superior = AgencyEntry(code: "150100-top", kind: .governanceCentre, name: "市综治中心", division: league)
            var first = AgencyEntry(code: "150102-a", kind: .governanceCentre, name: "甲", division: league)
            var second = AgencyEntry(code: "150104-b", kind: .governanceCentre, name: "乙", division: league)
            first.superior = superior.code
            second.superior = superior.code
            var ids: [UUID] = []
            for entry in [superior, first, second] {
                ids.append(
                    try await AgencyStore().put(
                        NewAgency(code: entry.code, kind: entry.kind, name: entry.name, division: entry.division),
                        on: database.pool))
            }
            for entry in [first, second] { try await AgencyStore().putDetails(of: entry, on: database.pool) }
            let asked = Array(ids.dropFirst())
            let found = try await database.pool.withTransaction("t") {
                try await DisputeStore().commonSuperior(of: asked, in: $0)
            }
            #expect(found == league)
            let nobody = try await database.pool.withTransaction("t") {
                try await DisputeStore().commonSuperior(of: [ids[0], ids[1]], in: $0)
            }
            #expect(nobody == nil, "nobody said who is above the first")
        }
    }
}
