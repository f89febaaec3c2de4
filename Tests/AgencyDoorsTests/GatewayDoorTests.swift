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
