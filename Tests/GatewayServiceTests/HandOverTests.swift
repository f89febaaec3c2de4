import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

/// Leases and answers, each over the real door with the gateway's own rights.
@Suite struct HandOverTests {
    private func code(_ body: () async throws -> Void) async throws -> AgencyError.Code? {
        do {
            try await body()
            return nil
        } catch let error as AgencyError {
            return error.code
        }
    }

    @Test func aHandOverIsLeasedOpenedAcceptedAndReportedOn() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let leases = try await client.lease(max: 5, wait: .zero)
            let lease = try #require(leases.first)
            #expect(leases.count == 1)
            #expect(lease.referral.number == offer.number)
            #expect(lease.referral.status == "received")
            #expect(lease.attempt == 1)
            #expect(lease.referral.answerDueAt != nil)
            #expect(lease.expiresAt > Date())
            let package = try AgencyPackage.open(lease.package, privateKey: agency.privateKey)
            #expect(package.purpose == "safe_placement")
            #expect(try await gateway.network.disclosures(of: offer) == 1)

            let longer = try await client.extend(lease.lease, by: .seconds(900))
            #expect(longer > lease.expiresAt)
            #expect(try await client.accept(lease.lease).status == "accepted")
            #expect(try await gateway.network.handOver(of: offer) == "completed")
            #expect(try await gateway.network.answers(about: offer) == 1)

            #expect(try await client.report(.inProgress, on: offer.number).status == "in_progress")
            #expect(
                try await client.report(.completed, outcome: "placed_safely", on: offer.number).status == "completed")
            let referral = try await client.referral(offer.number)
            #expect(referral.status == "completed")
            #expect(referral.outcome == "placed_safely")
            #expect(try await client.referrals().map(\.number) == [offer.number])
            #expect(try await gateway.network.answers(about: offer) == 2)
        }
    }

    @Test func acceptingAgainWithTheLeaseThatAcceptedIsTheSameAcceptance() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let lease = try #require(try await client.lease(wait: .zero).first)
            try await client.accept(lease.lease)
            #expect(try await client.accept(lease.lease).status == "accepted")
            #expect(try await client.report(.inProgress, on: offer.number).status == "in_progress")
            #expect(try await client.accept(lease.lease).status == "in_progress")
            #expect(try await gateway.network.answers(about: offer) == 1)
            let refused = try await self.code {
                try await client.reject(lease.lease, reason: "not_our_duty")
            }
            #expect(refused == .leaseLost)
            #expect(try await gateway.network.status(of: offer) == "in_progress")
        }
    }

    /// Invariant 3: a stale lease makes no effect, through any verb, and the next holder's is not disturbed.
    @Test func aLeaseThatRanOutCanDoNothing() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let stale = try #require(try await client.lease(wait: .zero).first).lease
            try await gateway.network.expireLeases()
            func expectEveryVerbRefused() async throws {
                #expect(try await self.code { try await client.extend(stale) } == .leaseLost)
                #expect(try await self.code { try await client.accept(stale) } == .leaseLost)
                #expect(try await self.code { try await client.reject(stale, reason: "no_capacity") } == .leaseLost)
                #expect(try await self.code { try await client.object(stale, reason: "other") } == .leaseLost)
                #expect(try await self.code { try await client.handBack(stale) } == .leaseLost)
            }
            try await expectEveryVerbRefused()
            let problem = try await gateway.send(.POST, "/v1/leases/\(stale)/accept", key: agency.key, body: "{}")
            #expect(problem.status == 409)
            #expect(problem.headers["content-type"] == "application/problem+json")
            #expect(problem.body.contains("/problems/lease-lost") && problem.body.contains("Lease again"))
            #expect(try await gateway.network.status(of: offer) == "received")
            try await gateway.network.rescue()
            let fresh = try #require(try await client.lease(wait: .zero).first)
            #expect(fresh.lease != stale)
            try await expectEveryVerbRefused()
            try await client.accept(fresh.lease)
            try await expectEveryVerbRefused()
            #expect(try await gateway.network.answers(about: offer) == 1)
            #expect(try await gateway.network.disclosures(of: offer) == 2)
        }
    }

    /// Invariant 5: what is another agency's looks as if it did not exist.
    @Test func anotherAgencysLeaseAndReferralLookAbsent() async throws {
        try await withGateway { gateway in
            let owner = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-police")
            let offer = try await gateway.network.offer(to: owner)
            let stranger = try gateway.client(other)
            #expect(try await stranger.lease(max: 20, wait: .zero).isEmpty)
            let lease = try #require(try await gateway.client(owner).lease(wait: .zero).first).lease
            #expect(try await self.code { try await stranger.extend(lease) } == .notFound)
            #expect(try await self.code { try await stranger.accept(lease) } == .notFound)
            #expect(try await self.code { try await stranger.reject(lease, reason: "other") } == .notFound)
            #expect(try await self.code { try await stranger.object(lease, reason: "other") } == .notFound)
            #expect(try await self.code { try await stranger.handBack(lease) } == .notFound)
            let problem = try await gateway.send(.POST, "/v1/leases/\(lease)/accept", key: other.key, body: "{}")
            #expect(problem.status == 404)
            #expect(problem.headers["content-type"] == "application/problem+json")
            #expect(problem.body.contains("/problems/not-found"))
            #expect(!problem.body.contains(offer.number) && !problem.body.contains(owner.code))
            #expect(try await self.code { _ = try await stranger.referral(offer.number) } == .notFound)
            #expect(try await self.code { try await stranger.report(.onHold, on: offer.number) } == .notFound)
            #expect(
                try await self.code { try await stranger.report(.failed, outcome: "other", on: offer.number) }
                    != .conflict)
            #expect(try await stranger.referrals().isEmpty)
            let foreign = try await gateway.send(.GET, "/v1/referrals/\(offer.number)", key: other.key)
            let absent = try await gateway.send(.GET, "/v1/referrals/R-0000-0000", key: other.key)
            #expect(foreign.status == 404)
            // Equal but for the request's own id.
            #expect(
                foreign.body.split(separator: ",").filter { !$0.contains("instance") }
                    == absent.body.split(separator: ",").filter { !$0.contains("instance") })
            try await gateway.client(owner).accept(lease)
        }
    }

    @Test func rejectingSendsTheCaseBackWithItsReason() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let lease = try #require(try await client.lease(wait: .zero).first).lease
            let state = try await client.reject(lease, reason: "not_our_duty", suggestedAgencyKind: "shelter")
            #expect(state.status == "rejected")
            #expect(try await client.referral(offer.number).reason == "not_our_duty")
            #expect(try await gateway.network.answers(about: offer) == 1)
            #expect(try await gateway.network.handOver(of: offer) == "completed")
            #expect(try await client.lease(wait: .zero).isEmpty)
        }
    }

    @Test func objectingIsAnAnswerOfItsOwn() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let lease = try #require(try await client.lease(wait: .zero).first).lease
            #expect(try await client.object(lease, reason: "not_our_jurisdiction").status == "objected")
            #expect(try await gateway.network.status(of: offer) == "objected")
        }
    }

    /// 《信访工作条例》第二十三条: five working days from receiving it.
    @Test func anObjectionAfterFiveWorkingDaysIsRefused() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let lease = try #require(try await client.lease(wait: .zero).first).lease
            // More than five working days, whatever the weekday; holidays are not loaded here.
            try await gateway.network.receive(offer, daysAgo: 8)
            let answer = try await gateway.send(
                .POST, "/v1/leases/\(lease)/object", key: agency.key, body: #"{"reason":"not_our_jurisdiction"}"#)
            #expect(answer.status == 409)
            #expect(answer.body.contains("/problems/objection-too-late"))
            #expect(answer.body.contains("5 working days"))
            #expect(try await gateway.network.status(of: offer) == "received")
            #expect(try await gateway.network.answers(about: offer) == 0)
            #expect(try await client.reject(lease, reason: "not_our_duty").status == "rejected")
        }
    }

    @Test func whatIsHandedBackIsLeasedAgainWithoutCountingAnAttempt() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            _ = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let first = try #require(try await client.lease(wait: .zero).first)
            try await client.handBack(first.lease)
            let second = try #require(try await client.lease(wait: .zero).first)
            #expect(second.attempt == 1)
            #expect(second.lease != first.lease)
        }
    }

    @Test func aWithdrawnReferralIsNotDisclosedAnyMore() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.setStatus("revoked", of: offer)
            let client = try gateway.client(agency)
            #expect(try await client.lease(wait: .zero).isEmpty)
            #expect(try await gateway.network.disclosures(of: offer) == 0)
            #expect(try await gateway.network.handOver(of: offer) == "cancelled")
        }
    }

    @Test func aReferralThatIsWithdrawnDuringTheLeaseCannotBeAccepted() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            let lease = try #require(try await client.lease(wait: .zero).first).lease
            try await gateway.network.setStatus("revoked", of: offer)
            #expect(try await self.code { try await client.accept(lease) } == .conflict)
            #expect(try await gateway.network.status(of: offer) == "revoked")
            #expect(try await gateway.network.answers(about: offer) == 0)
        }
    }

    @Test func aHandOverWithoutAReadablePackageComesBackAndTheOthersAreDelivered() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let good = try await gateway.network.offer(to: agency)
            let bad = try await gateway.network.offer(to: agency, hasPackage: false)
            let better = try await gateway.network.offer(to: agency)
            let leases = try await gateway.client(agency).lease(max: 10, wait: .zero)
            #expect(Set(leases.map(\.referral.number)) == [good.number, better.number])
            #expect(try await gateway.network.handOver(of: bad) == "retryable")
            #expect(try await gateway.network.status(of: bad) == "requested")
            #expect(try await gateway.network.disclosures(of: bad) == 0)
        }
    }

    /// Invariant 5: no record, no bytes.
    @Test func nothingIsDisclosedWhenTheLedgerCannotBeWritten() async throws {
        try await withGateway(runsWorker: true) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.database.pool.execute(Self.closeLedger)
            #expect(try await gateway.client(agency).lease(wait: .zero).isEmpty)
            #expect(try await gateway.network.disclosures(of: offer) == 0)
            #expect(try await gateway.network.status(of: offer) == "requested")
            try await gateway.database.pool.execute(Self.openLedger)
            #expect(try await gateway.client(agency).lease(wait: .seconds(10)).count == 1)
            #expect(try await gateway.network.disclosures(of: offer) == 1)
        }
    }

    /// Invariant 5: a record that could still roll back opens nothing.
    @Test func aPackageCannotBeReadInTheTransactionThatRecordsIt() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let doors = GatewayDoorStore()
            try await gateway.database.withPool(user: "dandelion_gateway") { pool in
                struct Undone: Error {}
                await #expect(throws: Undone.self) {
                    try await pool.withTransaction("test_read_at_once") { transaction in
                        let leased = try await doors.lease(
                            limit: 1, for: .seconds(60), of: agency.id, requestedBy: "test", on: transaction)
                        let record = try #require(leased.first?.referral).disclosure
                        #expect(
                            try await doors.readPackages([record], of: agency.id, on: transaction).isEmpty)
                        throw Undone()
                    }
                }
                #expect(try await gateway.network.disclosures(of: offer) == 0)
                let leased = try await doors.lease(
                    limit: 1, for: .seconds(60), of: agency.id, requestedBy: "test", on: pool)
                let record = try #require(leased.first?.referral).disclosure
                let package = try #require(
                    try await doors.readPackages([record], of: agency.id, on: pool)[record])
                #expect(!package.sealed.isEmpty)
            }
        }
    }

    @Test func reportsFollowTheStateMachineAndMayBeRepeated() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let client = try gateway.client(agency)
            #expect(try await self.code { try await client.report(.inProgress, on: offer.number) } == .conflict)
            let lease = try #require(try await client.lease(wait: .zero).first).lease
            #expect(
                try await self.code { try await client.report(.completed, outcome: "resolved", on: offer.number) }
                    == .conflict)
            try await client.accept(lease)
            try await client.report(.onHold, on: offer.number)
            #expect(try await client.report(.onHold, on: offer.number).status == "on_hold")
            try await client.report(.noShow, outcome: "unreachable", on: offer.number)
            #expect(try await client.report(.noShow, outcome: "unreachable", on: offer.number).status == "no_show")
            #expect(
                try await self.code { try await client.report(.completed, outcome: "resolved", on: offer.number) }
                    == .conflict)
            #expect(try await self.code { try await client.report(.scheduled, on: offer.number) } == .conflict)
            #expect(try await gateway.network.answers(about: offer) == 2)
        }
    }

    private static let closeLedger = Statement(
        name: "test_close_ledger",
        """
        CREATE TRIGGER test_closed BEFORE INSERT ON safeguarding.disclosure
        EXECUTE FUNCTION safeguarding.refuse_change()
        """)
    private static let openLedger = Statement(
        name: "test_open_ledger", "DROP TRIGGER test_closed ON safeguarding.disclosure")
}
