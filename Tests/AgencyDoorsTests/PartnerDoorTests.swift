import AgencyDoors
import Foundation
import PostgresClient
import TestSupport
import Testing

/// The SQL door: what every door does, through an agency's own login.
@Suite struct PartnerDoorTests {
    @Test func aHandOverIsLeasedOnceAndAcceptedOnce() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let leases = try await pool.lease(10)
                let lease = try #require(leases.first)
                #expect(leases.count == 1 && lease.referral == offer.number)
                #expect(try await pool.lease(10).isEmpty, "claimed once")
                #expect(try await network.status(of: offer) == "received")
                #expect(try await pool.word(PartnerCalls.extend, lease.lease) == "done")
                #expect(try await pool.word(PartnerCalls.accept, lease.lease) == "done")
                #expect(try await pool.word(PartnerCalls.accept, lease.lease) == "done", "an answer that was lost")
                let late = try await pool.word(PartnerCalls.reject, lease.lease, "no_capacity", Optional<String>.none)
                #expect(late == "lease_lost")
            }
            #expect(try await network.status(of: offer) == "accepted")
            #expect(try await network.count(DoorFixture.answersOf, offer) == 1)
        }
    }

    @Test func twoConsumersOfAnAgencyNeverHoldTheSame() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("police")
            for _ in 0..<12 { _ = try await network.offer(to: agency) }
            try await network.asAgency(agency) { pool async throws in
                let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<6 { group.addTask { try await pool.lease(3).map(\.referral) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(taken.count == 12 && Set(taken).count == 12)
            }
        }
    }

    /// Invariant 3: a stale token can do nothing, by any verb.
    @Test func aStaleLeaseOpensNothing() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let stale = try #require(await pool.lease().first)
                try await network.letLeasesRunOut()
                let fresh = try #require(await pool.lease().first)
                #expect(fresh.referral == stale.referral && fresh.lease != stale.lease)
                for (verb, more) in PartnerCalls.leaseVerbs {
                    let rows = try await pool.execute(verb, parameters: [stale.lease] + more)
                    #expect(try rows.first?.decode(String.self) == "lease_lost", "\(verb.name)")
                }
                #expect(try await network.status(of: offer) == "received")
                #expect(try await pool.word(PartnerCalls.accept, fresh.lease) == "done")
                #expect(try await pool.word(PartnerCalls.accept, stale.lease) == "lease_lost")
            }
        }
    }

    /// Invariant 5, and no hint about what exists: another agency's is answered like what never was.
    @Test func anotherAgencysIsNotThere() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let hostile = try await network.agency("hostile")
            let offer = try await network.offer(to: agency)
            let lease = try await network.asAgency(agency) { pool in try #require(await pool.lease().first).lease }
            let never = "R-7K2M-0QX9.\(UUID().uuidString.lowercased())"
            try await network.asAgency(hostile) { pool async throws in
                #expect(try await pool.lease(100).isEmpty)
                for word in [lease, never, "", "'; DROP SCHEMA partner; --", "R-7K2M-0QX9.x", lease.uppercased()] {
                    for (verb, more) in PartnerCalls.leaseVerbs {
                        let rows = try await pool.execute(verb, parameters: [word] + more)
                        #expect(try rows.first?.decode(String.self) == "not_yours", "\(verb.name)")
                    }
                }
                let report = try await pool.word(PartnerCalls.report, offer.number, "completed", "placed_safely")
                #expect(report == "not_yours")
                #expect(try await pool.execute(PartnerCalls.referrals).isEmpty)
            }
            #expect(try await network.status(of: offer) == "received")
        }
    }

    @Test func aRejectionGivesItsReasonAndGoesBackToRouting() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                for (reason, kind) in [("because", nil), ("", nil), ("no_capacity", "Not A Kind")]
                    as [(String, String?)]
                {
                    #expect(try await pool.word(PartnerCalls.reject, lease, reason, kind) == "unknown_word")
                }
                let done = try await pool.word(PartnerCalls.reject, lease, "not_our_jurisdiction", "civil_affairs")
                #expect(done == "done")
            }
            #expect(try await network.status(of: offer) == "rejected")
            #expect(try await network.count(DoorFixture.answersOf, offer) == 1)
        }
    }

    @Test func reportsFollowTheStateMachine() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                let none = Optional<String>.none
                #expect(try await pool.word(PartnerCalls.report, offer.number, "in_progress", none) == "referral_state")
                #expect(try await pool.word(PartnerCalls.accept, lease) == "done")
                #expect(try await pool.word(PartnerCalls.report, offer.number, "in_progress", none) == "done")
                #expect(try await pool.word(PartnerCalls.report, offer.number, "completed", none) == "unknown_word")
                #expect(
                    try await pool.word(PartnerCalls.report, offer.number, "closed_verified", none) == "unknown_word")
                #expect(try await pool.word(PartnerCalls.report, offer.number, "completed", "placed_safely") == "done")
                let twice = try await pool.word(PartnerCalls.report, offer.number, "completed", "placed_safely")
                #expect(twice == "done", "an answer that was lost")
                let other = try await pool.word(PartnerCalls.report, offer.number, "completed", "returned_home")
                #expect(other == "referral_state")
            }
            #expect(try await network.status(of: offer) == "completed")
            #expect(try await network.count(DoorFixture.answersOf, offer) == 2, "the answer and the outcome")
        }
    }

    @Test func aClosedLoginOpensNothing() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            _ = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                _ = try await pool.execute(PartnerCalls.referrals)  // A session that is open already.
                let closed = try await database.withPool(user: "dandelion_operator_login") { operators in
                    try await PartnerLogins().close(agency.code, on: operators)
                }
                #expect(closed == .done)
                let error = await #expect(throws: PostgresError.self) { _ = try await pool.lease() }
                #expect(error?.sqlState == "42501")
            }
        }
    }

    @Test func anAgencyWithoutAKeyGetsNoLogin() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court", hasLogin: false)
            try await database.pool.execute(Self.dropKey, agency.id)
            let verifier = SCRAMVerifier(password: "p")
            let results = try await database.withPool(user: "dandelion_operator_login") { pool in
                let logins = PartnerLogins()
                return [
                    try await logins.create(agency.login, for: agency.code, verifier: verifier, on: pool),
                    try await logins.create("agency_x", for: "nobody", verifier: verifier, on: pool),
                    try await logins.create("postgres", for: agency.code, verifier: verifier, on: pool),
                    try await logins.close(agency.code, on: pool),
                ]
            }
            #expect(results == [.noKey, .noAgency, .unknownWord, .noLogin])
        }
    }

    private static let dropKey = Statement(
        name: "door_drop_key", "UPDATE casework.agency SET public_key = NULL WHERE id = $1")
}
