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
                #expect(try await pool.word(PartnerCalls.progress, offer.number, "on_hold") == "not_yours")
                #expect(try await pool.word(PartnerCalls.complete, offer.number, "placed_safely") == "not_yours")
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
                let early = try await pool.word(PartnerCalls.progress, offer.number, "in_progress")
                #expect(early == "referral_state")
                #expect(try await pool.word(PartnerCalls.accept, lease) == "done")
                #expect(try await pool.word(PartnerCalls.progress, offer.number, "in_progress") == "done")
                for (verb, word) in [
                    (PartnerCalls.complete, "placed"), (PartnerCalls.complete, ""),
                    (PartnerCalls.progress, "completed"), (PartnerCalls.progress, "closed_verified"),
                ] {
                    #expect(try await pool.word(verb, offer.number, word) == "unknown_word", "\(verb.name) \(word)")
                }
                #expect(try await pool.word(PartnerCalls.complete, offer.number, "placed_safely") == "done")
                let twice = try await pool.word(PartnerCalls.complete, offer.number, "placed_safely")
                #expect(twice == "done", "an answer that was lost")
                let other = try await pool.word(PartnerCalls.complete, offer.number, "returned_home")
                #expect(other == "referral_state")
            }
            #expect(try await network.status(of: offer) == "completed")
            #expect(try await network.count(DoorFixture.answersOf, offer) == 2, "the answer and the outcome")
        }
    }

    @Test func anObjectionHasFiveWorkingDaysAndNoneAgainstADecision() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let none = Optional<String>.none
            let binding = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                try await database.pool.execute(Self.bind, binding.id)
                let decided = try #require(await pool.lease().first).lease
                #expect(try await pool.word(PartnerCalls.object, decided, "not_our_duty", none) == "referral_state")
                #expect(try await pool.word(PartnerCalls.accept, decided) == "done")
                let late = try await network.offer(to: agency)
                let lateLease = try #require(await pool.lease().first).lease
                try await database.pool.execute(Self.receivedLongAgo, late.id)
                let result = try await pool.word(PartnerCalls.object, lateLease, "not_our_duty", none)
                #expect(result == "objection_too_late")
                #expect(try await pool.word(PartnerCalls.accept, lateLease) == "done", "nothing was changed by it")
                let offer = try await network.offer(to: agency)
                let lease = try #require(await pool.lease().first).lease
                #expect(try await pool.word(PartnerCalls.object, lease, "because", none) == "unknown_word")
                #expect(try await pool.word(PartnerCalls.object, lease, "not_our_duty", "civil_affairs") == "done")
                #expect(try await network.status(of: offer) == "objected")
                #expect(try await network.count(DoorFixture.answersOf, offer) == 1)
            }
        }
    }

    @Test func aClosedLoginIsOutAtOnceAndOneThatIsOpenedAgainIsIn() async throws {
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
                let sessions = try await database.pool.execute(Self.sessions, agency.login).first
                #expect(try sessions?.decode(Int64.self) == 0)
                await #expect(throws: PostgresError.self) { _ = try await pool.lease() }
            }
            let opened = try await database.withPool(user: "dandelion_operator_login") { operators in
                try await PartnerLogins().create(
                    agency.login, for: agency.code, verifier: SCRAMVerifier(password: "p"), on: operators)
            }
            #expect(opened == .done)
            try await network.asAgency(agency) { pool async throws in
                let leases = try await pool.lease()
                #expect(leases.count == 1)
            }
        }
    }

    /// As at every door: who is suspended is refused, whatever it asks.
    @Test func aSuspendedAgencyCanCallNothing() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                try await database.pool.execute(Self.suspend, agency.id)
                var calls = PartnerCalls.leaseVerbs.map { ($0.0, [lease] + $0.1) }
                calls.append((PartnerCalls.lease, [Int32(1)]))
                calls.append((PartnerCalls.read, [UUID()]))
                calls.append((PartnerCalls.progress, [offer.number, "in_progress"]))
                calls.append((PartnerCalls.complete, [offer.number, "placed_safely"]))
                calls += [(PartnerCalls.bell, []), (PartnerCalls.referrals, [])]
                for (statement, parameters) in calls {
                    let error = await #expect(throws: PostgresError.self) {
                        _ = try await pool.execute(statement, parameters: parameters)
                    }
                    #expect(error?.sqlState == "42501", "\(statement.name)")
                }
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

    private static let bind = Statement(
        name: "door_bind", "UPDATE casework.referral SET is_binding = true WHERE id = $1")
    private static let receivedLongAgo = Statement(
        name: "door_long_ago", "UPDATE casework.referral SET received_at = now() - interval '9 days' WHERE id = $1")
    private static let suspend = Statement(
        name: "door_suspend", "UPDATE casework.agency SET status = 'suspended' WHERE id = $1")
    private static let sessions = Statement(
        name: "door_sessions", "SELECT count(*) FROM pg_stat_activity WHERE usename = $1::text")
    private static let dropKey = Statement(
        name: "door_drop_key", "UPDATE casework.agency SET public_key = NULL WHERE id = $1")
}
