import AgencyDoors
import Casework
import Foundation
import PostgresClient
import TestSupport
import Testing

/// The gateway's family of the doors, with the rights of its role: the same implementation, the agency an argument.
@Suite struct GatewayDoorTests {
    private let store = GatewayDoorStore()

    @Test func aHandOverIsLeasedWithItsRecordExtendedAndAccepted() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court", hasLogin: false)
            let other = try await network.agency("other", hasLogin: false)
            let offer = try await network.offer(to: agency)
            try await database.withPool(user: "dandelion_gateway") { pool async throws in
                let none = try await self.store.lease(
                    limit: 5, for: .seconds(60), of: other.id, requestedBy: other.code, on: pool)
                #expect(none.isEmpty)
                let leased = try await self.store.lease(
                    limit: 5, for: .seconds(60), of: agency.id, requestedBy: agency.code, on: pool)
                let handOver = try #require(leased.first)
                let referral = try #require(handOver.referral)
                #expect(leased.count == 1 && referral.id == offer.id && handOver.refused == nil)
                let recorded = try await network.count(DoorFixture.disclosuresOf, offer)
                #expect(recorded == 1, "the lease entered the disclosure")
                let extended = try await self.store.extend(
                    referral.number, lease: handOver.lease, of: agency.id, by: .seconds(600), on: pool)
                #expect(extended.result == .done && extended.expiresAt ?? .distantPast > handOver.expiresAt)
                let foreign = try await self.store.answer(
                    referral.number, lease: handOver.lease, of: other.id, as: .accepted, on: pool)
                #expect(foreign.result == .notYours && foreign.status == nil)
                for _ in 0..<2 {
                    let answered = try await self.store.answer(
                        referral.number, lease: handOver.lease, of: agency.id, as: .accepted, on: pool)
                    #expect(answered.result == .done && answered.status == .accepted)
                }
                let reported = try await self.store.report(
                    referral.number, of: agency.id, as: .completed, outcome: .placedSafely, on: pool)
                #expect(reported.result == .done && reported.status == .completed)
            }
        }
    }

    /// Agencies that wait look often, and mostly there is nothing: a look that finds nothing writes nothing, not even a number. It has
    /// said all the same that its claims move no marks.
    @Test func aLookAtEmptyQueuesTakesNoTransactionNumber() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court", hasLogin: false)
            let other = try await network.agency("other", hasLogin: false)
            let look: @Sendable (PostgresTransaction) async throws -> (leased: Int, hasNumber: Bool?) = { transaction in
                let leased = try await self.store.lease(
                    each: [agency, other].map {
                        .init(of: $0.id, limit: 5, for: .seconds(60), requestedBy: $0.code)
                    }, on: transaction)
                #expect(leased.count == 2, "nobody is to ask alone")
                let row = try await transaction.execute(Self.traces).first
                #expect(try row?.decode(String.self, column: "keeps_marks") == "on")
                return (leased.values.reduce(0) { $0 + $1.count }, try row?.decode(Bool.self, column: "has_number"))
            }
            try await database.withPool(user: "dandelion_gateway") { pool async throws in
                let idle = try await pool.withTransaction("t_look", look)
                #expect(idle.leased == 0 && idle.hasNumber == false)
                _ = try await network.offer(to: agency)
                let busy = try await pool.withTransaction("t_look", look)
                #expect(busy.leased == 1 && busy.hasNumber == true)
            }
        }
    }

    private static let traces = Statement(
        name: "t_traces",
        """
        SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS has_number,
            coalesce(current_setting('queue.keeps_marks', true), '') AS keeps_marks
        """)

    @Test func aHandOverGivenBackComesAgainAndAnObjectionHasItsTime() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court", hasLogin: false)
            let offer = try await network.offer(to: agency)
            try await database.withPool(user: "dandelion_gateway") { pool async throws in
                let lease: () async throws -> LeasedHandOver = {
                    try #require(
                        await self.store.lease(
                            limit: 1, for: .seconds(60), of: agency.id, requestedBy: agency.code, on: pool
                        ).first)
                }
                let first = try await lease()
                let number = try #require(first.referral?.number)
                let back = try await self.store.handBack(
                    number, lease: first.lease, of: agency.id, delay: .zero, on: pool)
                #expect(back == .done)
                let second = try await lease()
                let stale = try await self.store.answer(
                    number, lease: first.lease, of: agency.id, as: .accepted, on: pool)
                #expect(stale.result == .leaseLost)
                let late = try await self.store.answer(
                    number, lease: second.lease, of: agency.id, as: .objected, reason: .notOurDuty,
                    notAfter: .distantPast, on: pool)
                #expect(late.result == .objectionTooLate)
                let objected = try await self.store.answer(
                    number, lease: second.lease, of: agency.id, as: .objected, reason: .notOurDuty, on: pool)
                #expect(objected.result == .done && objected.status == .objected)
            }
            let status = try await network.status(of: offer)
            #expect(status == "objected")
        }
    }
}
