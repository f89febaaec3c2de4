import AgencyDoors
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// Hand-overs that are leased together: what is usual is done for all at once, and one that is not keeps no other from its agency.
@Suite struct LeaseBatchTests {
    private let doors = GatewayDoorStore()

    /// Every way not to be delivered, beside three that are.
    @Test(arguments: [false, true]) func oneThatFailsKeepsNoOtherBack(poisoned: Bool) async throws {
        try await withGateway { gateway in
            let network = gateway.network
            let agency = try await network.addAgency("150000-civil-affairs")
            let other = try await network.addAgency("150000-other")
            let sound = try await network.offers(3, to: agency)
            let withdrawn = try await network.offer(to: agency)
            try await network.setStatus("cancelled", of: withdrawn)
            let forbidden = try await network.offer(to: agency)
            try await network.run("UPDATE casework.consent SET withdrawn_at = now() WHERE \(Self.isOf(forbidden))")
            let unsealed = try await network.offer(to: agency, hasPackage: false)
            let otherKey = try await network.offer(to: agency)
            try await network.run(
                """
                UPDATE safeguarding.sealed_package SET key_fingerprint = sha256('other')
                WHERE referral_id = '\(otherKey.referralID)'
                """)
            let foreign = try await network.offer(to: other)
            try await network.run(
                "UPDATE queue.job SET queue = 'agency.\(agency.id.uuidString.lowercased())' WHERE \(Self.isJob(of: foreign))"
            )
            let newer = try await network.offer(to: agency)
            try await network.run(
                "UPDATE queue.job SET args = args || '{\"version\":2}' WHERE \(Self.isJob(of: newer))")
            if poisoned { try await network.poison(sound[1]) }

            let leased = try await self.doors.lease(
                limit: 20, for: .seconds(60), of: agency.id, requestedBy: "test", on: gateway.database.pool)
            #expect(leased.count == 9)
            var refusals: [String: Int] = [:]
            for handOver in leased { refusals[handOver.refused ?? "delivered", default: 0] += 1 }
            var expected = [
                "delivered": 3, "referral_not_open": 1, "consent_gone": 1, "package_unreadable": 2,
                "referral_not_of_this_agency": 1, "undecodable_arguments": 1,
            ]
            if poisoned {
                expected["delivered"] = 2
                expected["delivery_failed"] = 1
            }
            #expect(refusals == expected)
            for (index, offer) in sound.enumerated() {
                let isPoisoned = poisoned && index == 1
                #expect(try await network.status(of: offer) == (isPoisoned ? "requested" : "received"))
                #expect(try await network.disclosures(of: offer) == (isPoisoned ? 0 : 1))
                #expect(try await network.handOver(of: offer) == (isPoisoned ? "retryable" : "running"))
                #expect(try await network.events("referral_received", of: offer) == (isPoisoned ? 0 : 1))
            }
            #expect(try await network.handOver(of: withdrawn) == "cancelled")
            #expect(try await network.handOver(of: forbidden) == "cancelled")
            #expect(try await network.handOver(of: unsealed) == "retryable")
            #expect(try await network.handOver(of: otherKey) == "retryable")
            #expect(try await network.handOver(of: foreign) == "discarded")
            #expect(try await network.handOver(of: newer) == "retryable")
            for offer in [withdrawn, forbidden, unsealed, otherKey, foreign, newer] {
                #expect(try await network.disclosures(of: offer) == 0)
            }
            // Of those that were asked for, each is read.
            let records = leased.compactMap { $0.referral?.disclosure }
            let read = try await self.doors.readPackages(records, of: agency.id, on: gateway.database.pool)
            #expect(read.count == records.count)
        }
    }

    /// Invariant 5, for several as for one: no record of the reader's own transaction opens anything, nor one of another agency's,
    /// nor one about another key; and one that may not be read keeps no other back.
    @Test func packagesAreReadAgainstCommittedRecordsOfTheirAgencyAlone() async throws {
        try await withGateway { gateway in
            let (network, pool) = (gateway.network, gateway.database.pool)
            let agency = try await network.addAgency("150000-civil-affairs")
            let other = try await network.addAgency("150000-other")
            let offers = try await network.offers(4, to: agency)
            let records = try await pool.withTransaction("t_own_record") { transaction in
                let leased = try await self.doors.lease(
                    limit: 4, for: .seconds(60), of: agency.id, requestedBy: "test", on: transaction)
                let records = leased.compactMap { $0.referral?.disclosure }
                #expect(records.count == 4)
                #expect(try await self.doors.readPackages(records, of: agency.id, on: transaction).isEmpty)
                return records
            }
            #expect(try await self.doors.readPackages(records, of: other.id, on: pool).isEmpty)
            #expect(Set(try await self.doors.readPackages(records, of: agency.id, on: pool).keys) == Set(records))
            try await network.run("UPDATE casework.consent SET withdrawn_at = now() WHERE \(Self.isOf(offers[0]))")
            try await network.run(
                """
                UPDATE safeguarding.sealed_package SET key_fingerprint = sha256('other')
                WHERE referral_id = '\(offers[1].referralID)'
                """)
            try await network.setStatus("cancelled", of: offers[2])
            #expect(try await self.doors.readPackages(records, of: agency.id, on: pool).count == 1)
        }
    }

    /// The usual way takes no part of what somebody else holds; the one by one that follows waits for it, as ever.
    @Test func whatSomebodyHoldsIsWaitedForAndDelivered() async throws {
        try await withGateway { gateway in
            let (network, pool) = (gateway.network, gateway.database.pool)
            let agency = try await network.addAgency("150000-civil-affairs")
            let offers = try await network.offers(3, to: agency)
            let lock = HeldRows()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await lock.hold(
                        "SELECT FROM casework.referral WHERE id = '\(offers[1].referralID)' FOR UPDATE", pool)
                }
                try await lock.held()
                group.addTask {
                    let leased = try await self.doors.lease(
                        limit: 3, for: .seconds(60), of: agency.id, requestedBy: "test", on: pool)
                    #expect(leased.compactMap(\.referral).count == 3)
                }
                try await network.eventuallySomebodyWaits()
                lock.release()
                try await group.waitForAll()
            }
        }
    }

    private static func isOf(_ offer: NetworkFixture.Offer) -> String {
        "case_id = (SELECT case_id FROM casework.referral WHERE id = '\(offer.referralID)')"
    }

    private static func isJob(of offer: NetworkFixture.Offer) -> String {
        "lower(args ->> 'referral_id') = '\(offer.referralID.uuidString.lowercased())'"
    }
}
