import AgencyDoors
import Casework
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// What a door holds while it waits is nothing that whoever it waits for could want: consents, then referrals, and the consents
/// of a case whole or not at all.
@Suite struct LockOrderTests {
    enum Call: CaseIterable { case lease, reading }

    private let doors = GatewayDoorStore()

    /// She takes it back, or answers anew and agrees as before: consents in the order of their ids, then the referral. The door has come in
    /// between.
    @Test(arguments: Call.allCases, [false, true])
    func aDoorThatWaitsForConsentsHoldsNothingOfTheirCase(_ call: Call, takesBack: Bool) async throws {
        try await withGateway { gateway in
            let (network, pool) = (gateway.network, gateway.database.pool)
            let agency = try await network.addAgency("150000-civil-affairs")
            let offers = try await network.offers(3, to: agency)
            for offer in offers { try await network.addConsents(to: offer) }
            let lease = { @Sendable in
                try await self.doors.lease(
                    limit: 3, for: .seconds(60), of: agency.id, requestedBy: "test", on: pool)
            }
            let records = call == .reading ? try await lease().compactMap { $0.referral?.disclosure } : []
            let (held, goOn) = (TestSignal<Void>("the first consent is held"), TestSignal<Void>("go on"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await pool.withTransaction("t_change") { change in
                        try await network.holdFirstConsent(of: offers[1], in: change)
                        held.send()
                        try await goOn.wait()
                        try await network.takeTheRest(of: offers[1], in: change)
                        guard takesBack else { return }
                        try await change.execute(Self.withdraw, offers[1].referralID)
                        try await change.execute(Self.revoke, offers[1].referralID)
                    }
                }
                try await held.wait()
                group.addTask {
                    switch call {
                    case .lease:
                        let leased = try await lease()
                        #expect(leased.count == 3)
                        #expect(leased.compactMap(\.refused) == (takesBack ? ["referral_not_open"] : []))
                    case .reading:
                        let read = try await self.doors.readPackages(records, of: agency.id, on: pool)
                        #expect(records.count == 3 && read.count == (takesBack ? 2 : 3))
                    }
                }
                do {
                    try await network.eventuallySomebodyWaits()
                } catch {
                    goOn.send()  // Or the test would never end.
                    throw error
                }
                goOn.send()
                try await group.waitForAll()
            }
            let expected = takesBack ? "revoked" : "received"
            #expect(try await network.status(of: offers[1]) == expected)
            for offer in [offers[0], offers[2]] { #expect(try await network.status(of: offer) == "received") }
        }
    }

    /// A round waits for nobody, and holds nothing of what it leaves out, to its end.
    @Test func aRoundHoldsNothingOfACaseThatItLeavesOut() async throws {
        try await withGateway { gateway in
            let (network, pool) = (gateway.network, gateway.database.pool)
            let (agency, other) = (
                try await network.addAgency("150000-civil-affairs"), try await network.addAgency("150000-other")
            )
            let offer = try await network.offer(to: agency)
            let free = try await network.offer(to: other)
            for offer in [offer, free] { try await network.addConsents(to: offer) }
            let agencies = [agency, other]
            try await pool.withTransaction("t_change") { change in
                try await network.holdFirstConsent(of: offer, in: change)
                try await pool.withTransaction("t_round") { round in
                    let leased = try await self.doors.lease(
                        each: agencies.map { .init(of: $0.id, limit: 5, for: .seconds(60), requestedBy: "test") },
                        on: round)
                    #expect(leased[agency.id] == nil && leased[other.id]?.count == 1)
                    try await network.takeTheRest(of: offer, in: change)
                }
            }
            let leased = try await self.doors.lease(
                limit: 5, for: .seconds(60), of: agency.id, requestedBy: "test", on: pool)
            #expect(leased.compactMap(\.referral).map(\.number.rawValue) == [offer.number])
        }
    }

    private static let withdraw = Statement(
        name: "t_withdraw",
        """
        UPDATE casework.consent SET withdrawn_at = clock_timestamp()
        WHERE case_id = (SELECT case_id FROM casework.referral WHERE id = $1)
        """)
    private static let revoke = Statement(
        name: "t_revoke", "UPDATE casework.referral SET status = 'revoked', settled_at = now() WHERE id = $1")
}

extension NetworkFixture {
    /// Two more, about something else.
    fileprivate func addConsents(to offer: Offer) async throws {
        try await self.run(
            """
            INSERT INTO casework.consent (case_id, agency_kinds, purpose, granted)
            SELECT case_id, '{civil_affairs}', p, true
            FROM casework.referral, unnest('{legal_aid,counselling}'::text[]) AS p WHERE id = '\(offer.referralID)'
            """)
    }

    fileprivate func holdFirstConsent(of offer: Offer, in transaction: PostgresTransaction) async throws {
        try await transaction.execute(
            Self.statement(
                "SELECT FROM casework.consent WHERE \(Self.isOfCase(of: offer)) ORDER BY id LIMIT 1 FOR UPDATE"))
    }

    /// As whoever changes what she agreed to goes on; at once, or not at all.
    fileprivate func takeTheRest(of offer: Offer, in transaction: PostgresTransaction) async throws {
        let consents = try await transaction.execute(
            Self.statement(
                "SELECT id FROM casework.consent WHERE \(Self.isOfCase(of: offer)) ORDER BY id FOR UPDATE NOWAIT"))
        #expect(consents.count == 3)
        try await transaction.execute(
            Self.statement("SELECT FROM casework.referral WHERE id = '\(offer.referralID)' FOR UPDATE NOWAIT"))
    }
}
