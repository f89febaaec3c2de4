import AgencyDoors
import Casework
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// What an inbox page needs beside what every door can: who acts is named, why a package is read is recorded, and nothing
/// is opened by looking.
@Suite struct DeskTests {
    private struct Counts: Decodable {
        struct Count: Decodable, Equatable {
            let status: String
            let referrals: Int
            let overdue: Int
        }

        let counts: [Count]
    }

    private struct View: Decodable {
        struct Act: Decodable, Equatable {
            let act: String
            let by: String
            let reason: String?
        }

        struct Referral: Decodable {
            let number: String
            let status: String
        }

        let referral: Referral
        let acts: [Act]
    }

    private struct Page: Decodable {
        let referrals: [View.Referral]
        let next: String?
    }

    private func get<Value: Decodable>(
        _ type: Value.Type, _ path: String, _ gateway: GatewayHarness, _ agency: NetworkFixture.Agency
    ) async throws -> Value {
        let answer = try await gateway.send(.GET, path, key: agency.key)
        try #require(answer.status == 200, "\(answer.body)")
        return try AgencyAtDesk.decode(type, answer.body)
    }

    @Test func aPackageIsOpenedBySomebodyForAReason() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("desk-agency")
            let offer = try await gateway.network.offer(to: agency)
            let desk = AgencyAtDesk(gateway: gateway, agency: agency)
            let lease = try #require(try await desk.lease(5).first).lease
            #expect(try await gateway.network.disclosures(of: offer) == 0, "looking discloses nothing")
            let path = "/v1/desk/leases/\(lease)/package"
            for body in [
                "{}", #"{"by":"C-01"}"#, #"{"reason":"handling"}"#, #"{"by":"乌云","reason":"handling"}"#,
                #"{"by":"C-01","reason":"curious"}"#, #"{"by":"C-01","reason":"handling","name":"x"}"#,
            ] {
                let refused = try await gateway.send(.POST, path, key: agency.key, body: body)
                #expect(refused.status == 422, "\(body): \(refused.body)")
            }
            #expect(try await gateway.network.disclosures(of: offer) == 0)
            #expect(try await desk.package(lease) != nil)
            #expect(try await AgencyAtDesk(gateway: gateway, agency: agency, staff: "C-02").package(lease) != nil)
            #expect(try await gateway.network.disclosures(of: offer) == 2)
            let requestedBy = try await gateway.database.pool.execute(Self.requestedBy, offer.referralID).map {
                try $0.decode(String.self)
            }
            #expect(requestedBy.allSatisfy { $0.hasPrefix("desk-agency ") && $0.hasSuffix(" first_reading") })
            #expect(requestedBy.contains { $0.contains(" C-02 ") })
            #expect(try await desk.accept(lease) == .done)
            #expect(try await desk.accept(lease) == .done, "its repetition")
            #expect(try await desk.package(lease) == nil, "the lease has ended")
            #expect(try await desk.progress(offer.number, "in_progress") == .done)
            #expect(try await desk.complete(offer.number, "placed_safely") == .done)
            let view = try await self.get(View.self, "/v1/desk/referrals/\(offer.number)", gateway, agency)
            #expect(view.referral.status == "completed")
            #expect(
                view.acts == [
                    .init(act: "package_read", by: "C-01", reason: "first_reading"),
                    .init(act: "package_read", by: "C-02", reason: "first_reading"),
                    .init(act: "accepted", by: "C-01", reason: nil),
                    .init(act: "in_progress", by: "C-01", reason: nil),
                    .init(act: "completed", by: "C-01", reason: "placed_safely"),
                ])
            for statement in Self.tampering {
                await #expect(throws: PostgresError.self) { try await gateway.database.pool.execute(statement) }
            }
        }
    }

    @Test func theListIsFilteredAndCounted() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("desk-lists")
            let other = try await gateway.network.addAgency("desk-other")
            var offers: [NetworkFixture.Offer] = []
            for _ in 0..<4 { offers.append(try await gateway.network.offer(to: agency)) }
            let others = try await gateway.network.offer(to: other)
            let desk = AgencyAtDesk(gateway: gateway, agency: agency)
            let leases = try await desk.lease(2)
            _ = try await desk.accept(leases[0].lease)
            try await gateway.database.pool.execute(Self.overdue, leases[1].referral)

            let counts = try await self.get(Counts.self, "/v1/desk/counts", gateway, agency).counts
            #expect(
                counts == [
                    .init(status: "accepted", referrals: 1, overdue: 0),
                    .init(status: "received", referrals: 1, overdue: 1),
                    .init(status: "requested", referrals: 2, overdue: 0),
                ])
            let waiting = try await self.get(Page.self, "/v1/referrals?status=requested&limit=1", gateway, agency)
            #expect(waiting.referrals.map(\.status) == ["requested"])
            let next = try #require(waiting.next)
            let second = try await self.get(
                Page.self, "/v1/referrals?status=requested&limit=1&after=\(next)", gateway, agency)
            #expect(second.referrals.count == 1 && second.referrals[0].number != waiting.referrals[0].number)
            let both = try await self.get(
                Page.self, "/v1/referrals?status=received,accepted&purpose=safe_placement", gateway, agency)
            #expect(Set(both.referrals.map(\.number)) == Set(leases.map(\.referral)))
            let none = try await self.get(Page.self, "/v1/referrals?purpose=legal_aid", gateway, agency)
            #expect(none.referrals.isEmpty)
            for query in ["status=lost", "status=", "status=received,lost", "purpose=gossip"] {
                #expect(
                    try await gateway.send(.GET, "/v1/referrals?\(query)", key: agency.key).status == 422, "\(query)")
            }
            // What is another agency's does not exist.
            #expect(
                try await gateway.send(.GET, "/v1/desk/referrals/\(others.number)", key: agency.key).status == 404)
        }
    }

    private static let requestedBy = Statement(
        name: "test_requested_by", "SELECT requested_by FROM safeguarding.disclosure WHERE referral_id = $1")
    private static let overdue = Statement(
        name: "test_overdue",
        """
        UPDATE casework.clock SET due_at = clock_timestamp() - interval '1 minute'
        WHERE referral_id = (SELECT id FROM casework.referral WHERE number = $1)
        """)
    private static let tampering = [
        Statement(name: "test_desk_1", "UPDATE door.desk_act SET staff_id = 'C-99'"),
        Statement(name: "test_desk_2", "DELETE FROM door.desk_act"),
        Statement(name: "test_desk_3", "TRUNCATE door.desk_act"),
    ]
}
