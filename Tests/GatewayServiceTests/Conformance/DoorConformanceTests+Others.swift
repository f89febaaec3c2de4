import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// The same suite: what others do, the network, another agency, the person whose case it is.
extension DoorConformanceTests {
    /// The network withdraws it while it is leased.
    @Test(arguments: Door.allCases) func whatWasWithdrawnCannotBeAnswered(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                let lease = try #require(try await door.lease(1).first).lease
                try await network.network.setStatus("cancelled", of: offer)
                #expect(try await door.accept(lease) == .referralState)
                #expect(try await door.reject(lease, "no_capacity") == .referralState)
                #expect(try await network.network.answers(about: offer) == 0)
                #expect(try await door.handBack(lease) == .done)
                #expect(try await door.lease(1).isEmpty)
            }
        }
    }

    /// The common superior has decided who handles it: that is no longer objected to, and still answered.
    @Test(arguments: Door.allCases) func whatASuperiorDecidedIsNotObjectedTo(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                try await network.gateway.database.pool.execute(Self.bind, offer.referralID)
                let lease = try #require(try await door.lease(1).first).lease
                #expect(try await door.object(lease, "not_our_duty") == .referralState)
                #expect(try await network.network.answers(about: offer) == 0)
                #expect(try await door.accept(lease) == .done)
            }
        }
    }

    /// She takes her consent back while it is leased: nothing more is shown, and it does not come again.
    @Test(arguments: Door.allCases) func consentThatIsWithdrawnMidLeaseEndsTheDelivery(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                let lease = try #require(try await door.lease(1).first).lease
                let package = try #require(try await door.package(lease))
                #expect(package.profile == "shelter")
                let disclosed = try await network.network.disclosures(of: offer)
                #expect(disclosed == 1, "the ledger knew before the bytes left")
                try await network.gateway.database.pool.execute(Self.endConsents)
                #expect(try await door.handBack(lease) == .done)
                #expect(try await door.lease(1).isEmpty)
                #expect(try await network.network.handOver(of: offer) == "cancelled")
                #expect(try await network.network.disclosures(of: offer) == disclosed)
            }
        }
    }

    /// The time to answer is over: an answer is still an answer, and the clock has its own say.
    @Test(arguments: Door.allCases) func afterTheDeadlineAnAnswerIsStillTaken(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                let offer = try await network.offer(to: agency)
                try await network.gateway.database.pool.execute(Self.overdue)
                let lease = try #require(try await door.lease(1).first).lease
                #expect(try await door.accept(lease) == .done)
                #expect(try await network.network.status(of: offer) == "accepted")
                #expect(try await network.network.answers(about: offer) == 1)
            }
        }
    }

    /// Another agency's lease and referral look as if there were none.
    @Test(arguments: Door.allCases) func whatIsAnothersDoesNotExist(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, mine in
                try await network.withAgency("150000-police") { _, other in
                    let offer = try await network.offer(to: agency)
                    let lease = try #require(try await mine.lease(1).first).lease
                    let unknown = "R-0000-0000.\(UUID().uuidString.lowercased())"
                    for word in [lease, unknown] { #expect(try await other.everyVerb(word) == [.notYours], "\(word)") }
                    for number in [offer.number, "R-0000-0000"] {
                        #expect(try await other.progress(number, "in_progress") == .notYours)
                        #expect(try await other.complete(number, "resolved") == .notYours)
                    }
                    #expect(try await other.lease(5).isEmpty)
                    #expect(try await other.referrals().isEmpty)
                    #expect(try await mine.accept(lease) == .done, "and nothing has happened to it")
                }
            }
        }
    }

    /// One agency's flood is in nobody's way (invariant 11).
    @Test(arguments: Door.allCases) func aFloodOfOneAgencyIsNotInAnothersWay(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { flooded, _ in
                try await network.withAgency("150000-police") { agency, door in
                    for _ in 0..<60 { _ = try await network.offer(to: flooded) }
                    let offer = try await network.offer(to: agency)
                    #expect(try await door.lease(20).map(\.referral) == [offer.number])
                }
            }
        }
    }

    private static let endConsents = Statement(
        name: "t_conformance_consents",
        "UPDATE casework.consent SET expires_at = clock_timestamp() - interval '1 second'")
    private static let bind = Statement(
        name: "t_conformance_bind", "UPDATE casework.referral SET is_binding = true WHERE id = $1")
    private static let overdue = Statement(
        name: "t_conformance_overdue", "UPDATE casework.clock SET due_at = clock_timestamp() - interval '1 day'")
}
