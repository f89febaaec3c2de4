import AgencyDoors
import Foundation
import PostgresClient
import TestSupport
import Testing

/// Invariant 11 at the SQL door: whatever an agency does in a transaction that it keeps open, nobody else waits for it.
@Suite struct HeldTransactionTests {
    private static let impatient = Statement(name: "held_impatient", "SELECT set_config('lock_timeout', '3s', false)")
    private static let claimRouting = Statement(
        name: "held_claim", "SELECT id FROM queue.claim('routing', 10, NULL, '1 min', 'test')")

    @Test func nobodyWaitsForAnAgencysTransaction() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let hostile = try await network.agency("hostile")
            let other = try await network.agency("other")
            let first = try await network.offer(to: hostile)
            _ = try await network.offer(to: hostile)
            // Of the same case: what the two have in common.
            let shared = try await network.offer(to: other, sameCaseAs: first)
            try await network.asAgency(hostile) { pool async throws in
                try await pool.withTransaction("held") { transaction async throws in
                    let leases = try await transaction.lease(10).map(\.lease)
                    #expect(leases.count == 2)
                    for (verb, more) in PartnerCalls.leaseVerbs where verb.name == "partner_extend" {
                        try await transaction.execute(verb, parameters: [leases[0]] + more)
                    }
                    let asked = try await transaction.request(leases[0])
                    #expect(asked.result == "done")
                    #expect(try await transaction.word(PartnerCalls.accept, leases[0]) == "done")
                    let none = Optional<String>.none
                    #expect(try await transaction.word(PartnerCalls.reject, leases[1], "no_capacity", none) == "done")
                    try await self.everythingElseGoesOn(database, network, other, shared)
                }
            }
            #expect(try await network.status(of: shared) == "accepted")
        }
    }

    private func everythingElseGoesOn(
        _ database: TestDatabase, _ network: DoorFixture, _ other: DoorFixture.Agency, _ shared: DoorFixture.Offer
    ) async throws {
        try await database.withPool(user: other.login, maximumConnections: 1) { pool async throws in
            try await pool.execute(Self.impatient)
            let lease = try #require(await pool.lease().first)
            #expect(lease.referral == shared.number)
            let disclosure = try #require(await pool.request(lease.lease).disclosure)
            #expect(try await pool.execute(PartnerCalls.read, disclosure).count == 1)
            #expect(try await pool.word(PartnerCalls.accept, lease.lease) == "done")
        }
        try await database.withPool(user: "dandelion_routing", maximumConnections: 1) { pool async throws in
            try await pool.execute(Self.impatient)
            // The other's answer; the hostile agency's are not committed.
            #expect(try await pool.execute(Self.claimRouting).count == 1)
        }
        let offer = try await network.offer(to: other)
        #expect(try await network.status(of: offer) == "requested")
    }

    /// Whether a row exists is not told by having to wait for whoever has it locked.
    @Test func aForeignReferralThatIsLockedIsAnsweredAtOnce() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let hostile = try await network.agency("hostile")
            let other = try await network.agency("other")
            let offer = try await network.offer(to: other)
            let lease = try await network.asAgency(other) { pool in try #require(await pool.lease().first).lease }
            try await network.asAgency(other) { pool async throws in
                try await pool.withTransaction("held") { transaction async throws in
                    #expect(try await transaction.word(PartnerCalls.accept, lease) == "done")
                    try await database.withPool(user: hostile.login, maximumConnections: 1) { snoop async throws in
                        try await snoop.execute(Self.impatient)
                        #expect(try await snoop.word(PartnerCalls.accept, lease) == "not_yours")
                        #expect(try await snoop.word(PartnerCalls.progress, offer.number, "on_hold") == "not_yours")
                    }
                }
            }
        }
    }
}
