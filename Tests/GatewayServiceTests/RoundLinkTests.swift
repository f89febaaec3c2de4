import AgencyDoors
import Casework
import DandelionAgency
import Foundation
import JobTestKit
import PostgresClient
import ServiceKit
import TestSupport
import Testing

@testable import GatewayService

/// Invariants 1 and 3, for several answers as for one: whatever becomes of the link under a round, each is answered, and takes
/// effect once.
@Suite struct RoundLinkTests {
    private func offered(
        _ gateway: GatewayHarness, _ count: Int
    ) async throws -> (leases: [(agency: Agency, lease: String)], offers: [NetworkFixture.Offer]) {
        let all = try await gateway.agencies(count, offers: 1)
        let leased = try await gateway.leaseTogether(all.map(\.agency))
        var leases: [(agency: Agency, lease: String)] = []
        for (entry, leased) in zip(all, leased) {
            let agency = try await entry.agency.found(by: gateway.database.pool)
            leases.append((agency, try #require(leased.first).lease))
        }
        return (leases, all.flatMap(\.offers))
    }

    private func expectOnceEach(_ gateway: GatewayHarness, _ offers: [NetworkFixture.Offer]) async throws {
        #expect(
            try await gateway.outcome(of: offers)
                == Array(repeating: "accepted completed 1 1 1 1", count: offers.count))
    }

    /// The link breaks at COMMIT, before the server has it (0 passes before) or after it has committed (2 pass before).
    @Test(arguments: [0, 2]) func theCommitOfARoundIsUnknown(before: Int) async throws {
        try await withGateway(runsRounds: false) { gateway in
            let (leases, offers) = try await self.offered(gateway, 4)
            try await HarmedRounds.with(gateway, .harm(at: "COMMIT", every: 2)) { harmed in
                // By turns one passes and one is harmed, whose error is what was wanted; the harm is by turns before and after.
                for _ in 0...before {
                    _ = try? await harmed.pool.withTransaction("t_commit") { transaction in
                        _ = try await transaction.execute(NetworkFixture.statement("SELECT pg_current_xact_id()::text"))
                    }
                }
                let harm = harmed.proxy.harm
                let answers = try await harmed.accept(leases)
                #expect(try answers.map { try $0.get() } == Array(repeating: "accepted", count: 4))
                let after = harmed.proxy.harm
                #expect(before == 0 ? after.cut > harm.cut : after.answersLost > harm.answersLost, "it was harmed")
            }
            try await self.expectOnceEach(gateway, offers)
            #expect(try await gateway.transactions(of: "referral_accepted") == (before == 0 ? 4 : 1))
        }
    }

    /// Invariant 3: nobody is told that it accepted because somebody of its agency did. Its lease was over, and it was in a round whose
    /// COMMIT is not known.
    @Test func aStaleLeaseHasNotAccepted() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let (leases, offers) = try await self.offered(gateway, 3)
            let accepting = try #require(leases.first)
            let handle = try #require(LeaseHandle(accepting.lease))
            let stale = "\(handle.number.rawValue).\(UUID().uuidString.lowercased())"
            _ = try await gateway.acceptTogether([accepting.lease], of: [offers[0].agency])
            try await HarmedRounds.with(gateway, .harm(at: "COMMIT", every: 2)) { harmed in
                // One passes, and the round's is harmed.
                try await harmed.pool.withTransaction("t_commit") { transaction in
                    _ = try await transaction.execute(NetworkFixture.statement("SELECT pg_current_xact_id()::text"))
                }
                let answers = try await harmed.accept([(accepting.agency, stale)] + leases.dropFirst())
                #expect(harmed.proxy.harm.cut + harmed.proxy.harm.answersLost > 0, "it was harmed")
                let problem = #expect(throws: HTTPProblem.self, "its lease is over") { try answers[0].get() }
                #expect(problem?.type == HTTPProblem.leaseLost.type)
                let others = try answers.dropFirst().map { try $0.get() }
                #expect(others == ["accepted", "accepted"])
            }
            try await self.expectOnceEach(gateway, offers)
        }
    }

    /// The server's process dies when some of a round are written.
    @Test func theLinkIsLostInTheMiddle() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let (leases, offers) = try await self.offered(gateway, 4)
            try await gateway.network.run("CREATE SEQUENCE casework.t_step")
            try await gateway.network.run(
                """
                CREATE FUNCTION casework.t_kill() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                    IF nextval('casework.t_step') = 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    RETURN NEW;
                END $$
                """)
            try await gateway.network.run(
                """
                CREATE TRIGGER t_kill BEFORE UPDATE ON casework.referral
                FOR EACH ROW EXECUTE FUNCTION casework.t_kill()
                """)
            let agencies = offers.map(\.agency)
            let answers = try await gateway.acceptTogether(leases.map(\.lease), of: agencies)
            #expect(answers == Array(repeating: "accepted", count: 4))
            try await self.expectOnceEach(gateway, offers)
            #expect(try await gateway.transactions(of: "referral_accepted") == 4, "each by itself")
        }
    }

    /// The same while they lease: what the round had claimed is claimed anew.
    @Test func theLinkIsLostWhileTheyLease() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let all = try await gateway.agencies(4, offers: 2)
            try await HarmedRounds.with(gateway, .cut(before: "gateway.lease_each")) { harmed in
                let answers = try await harmed.rounds.together(all) { entry in
                    await harmed.rounds.lease(
                        .init(of: entry.agency.id, limit: 5, for: .seconds(60), requestedBy: "test"))?.count
                }
                for answer in answers { #expect(try answer.get() == nil, "it goes alone") }
            }
            let leases = try await gateway.leaseTogether(all.map(\.agency))
            #expect(leases.map(\.count) == [2, 2, 2, 2])
        }
    }
}
