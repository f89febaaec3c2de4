import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// One suite for every door (DESIGN 7; invariants 3, 5 and 11): whichever one an agency comes through, the same is done and the same is
/// refused in the same words.
@Suite struct DoorConformanceTests {
    /// Two consumers of one agency at once: each hand-over is one's.
    @Test(arguments: Door.allCases) func eachHandOverIsClaimedOnce(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                var offers: Set<String> = []
                for _ in 0..<12 { offers.insert(try await network.offer(to: agency).number) }
                let leased = try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            var mine: [String] = []
                            while case let leases = try await door.lease(2), !leases.isEmpty {
                                mine += leases.map(\.referral)
                            }
                            return mine
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(leased.count == 12 && Set(leased) == offers)
            }
        }
    }

    @Test(arguments: Door.allCases) func aBatchIsAsLargeAsWasAskedFor(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                for _ in 0..<7 { _ = try await network.offer(to: agency) }
                #expect(try await door.lease(5).count == 5)
                #expect(try await door.lease(5).count == 2)
                #expect(try await door.lease(5).isEmpty)
            }
        }
    }

    /// The consumer dies between lease and answer: the hand-over comes again, and the old lease opens nothing.
    @Test(arguments: Door.allCases) func anExpiredLeaseComesAgainAndIsRefusedByEveryVerb(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                let lost = try #require(try await door.lease(1).first).lease
                try await network.network.expireLeases()
                try await network.network.rescue()
                let again = try #require(try await door.lease(1).first)
                #expect(again.referral == offer.number && again.lease != lost)
                #expect(try await door.everyVerb(lost) == [.leaseLost])
                #expect(try await door.extend(again.lease) == .done)
                #expect(try await door.accept(again.lease) == .done)
                #expect(try await network.network.answers(about: offer) == 1)
            }
        }
    }

    /// What was answered is answered: the lease is over, and only the acceptance itself may be repeated.
    @Test(arguments: Door.allCases) func anAnswerCountsOnce(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let accepted = try await network.offer(to: agency)
                let lease = try #require(try await door.lease(1).first).lease
                for _ in 0..<3 { #expect(try await door.accept(lease) == .done) }
                #expect(try await door.reject(lease, "no_capacity") == .leaseLost)
                #expect(try await door.progress(accepted.number, "in_progress") == .done)
                for _ in 0..<2 { #expect(try await door.complete(accepted.number, "resolved") == .done) }
                #expect(try await door.complete(accepted.number, "not_resolved") == .referralState)
                // One for the acceptance, one for the outcome.
                #expect(try await network.network.answers(about: accepted) == 2)
                #expect(try await door.referrals() == [accepted.number: "completed"])
            }
        }
    }

    /// Rejected, routing hears of it with the answer, and the agency has nothing left to do with it.
    @Test(arguments: Door.allCases) func aRejectionGoesBackToRouting(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                let lease = try #require(try await door.lease(1).first).lease
                #expect(try await door.reject(lease, "because") == .unknownWord)
                #expect(try await door.reject(lease, "not_our_duty") == .done)
                #expect(try await network.network.answers(about: offer) == 1)
                #expect(try await network.network.status(of: offer) == "rejected")
                #expect(try await door.everyVerb(lease) == [.leaseLost])
                #expect(try await door.progress(offer.number, "in_progress") == .referralState)
                #expect(try await door.lease(1).isEmpty)
            }
        }
    }

    @Test(arguments: Door.allCases) func anObjectionHasItsTime(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let late = try await network.offer(to: agency)
                let lease = try #require(try await door.lease(1).first).lease
                try await network.network.receive(late, daysAgo: 30)
                #expect(try await door.object(lease, "not_our_duty") == .objectionTooLate)
                // It is still the agency's to answer.
                #expect(try await door.accept(lease) == .done)
                let fresh = try await network.offer(to: agency)
                let other = try #require(try await door.lease(1).first).lease
                #expect(try await door.object(other, "not_our_duty") == .done)
                #expect(try await network.network.status(of: fresh) == "objected")
            }
        }
    }

    @Test(arguments: Door.allCases) func handedBackItComesAgain(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                let first = try #require(try await door.lease(1).first).lease
                #expect(try await door.handBack(first) == .done)
                #expect(try await door.everyVerb(first) == [.leaseLost])
                let second = try #require(try await door.lease(1).first)
                #expect(second.referral == offer.number && second.lease != first)
            }
        }
    }
}
