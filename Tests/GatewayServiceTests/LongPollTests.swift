import AsyncHTTPClient
import DandelionAgency
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import GatewayService

/// Polls that wait, over real sockets. Without a bell they would look again after a minute only.
@Suite struct LongPollTests {
    private var bellOnly: GatewaySettings {
        var settings = GatewaySettings()
        settings.polls.lookEvery = .seconds(60)
        return settings
    }

    @Test func aWaitingPollIsWokenByTheBellOfItsQueue() async throws {
        try await withGateway(settings: self.bellOnly) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-police")
            async let leases = gateway.client(agency).lease(wait: .seconds(20))
            async let none = gateway.client(other).lease(wait: .seconds(20))
            try await eventually("two polls wait") { gateway.parts.polls.count == 2 }
            let offer = try await gateway.network.offer(to: agency)
            // The listener may still be connecting: then mayHaveMissed wakes the poll instead.
            let start = ContinuousClock.now
            try await gateway.network.ring(agency)
            #expect(try await leases.map(\.referral.number) == [offer.number])
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(gateway.parts.polls.count == 1)
            gateway.parts.polls.close()
            #expect(try await none.isEmpty)
        }
    }

    @Test func aLostBellIsHarmless() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            async let leases = gateway.client(agency).lease(wait: .seconds(20))
            try await eventually("the poll waits") { gateway.parts.polls.count == 1 }
            _ = try await gateway.network.offer(to: agency)
            #expect(try await leases.count == 1)
        }
    }

    @Test func aPollEndsEmptyWhenItsTimeIsUp() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            #expect(try await gateway.client(agency).lease(wait: .seconds(1)).isEmpty)
            #expect(gateway.parts.polls.count == 0)
        }
    }

    @Test func closingAnswersWaitingPollsAtOnceWithAnEmptyList() async throws {
        try await withGateway(settings: self.bellOnly) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            async let first = gateway.client(agency).lease(wait: .seconds(25))
            async let second = gateway.client(agency).lease(wait: .seconds(25))
            try await eventually("two polls wait") { gateway.parts.polls.count == 2 }
            let start = ContinuousClock.now
            gateway.parts.polls.close()
            #expect(try await first.isEmpty)
            #expect(try await second.isEmpty)
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func aClientThatGoesAwayStopsWaiting() async throws {
        try await withGateway(settings: self.bellOnly) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await gateway.client(agency).lease(wait: .seconds(25)) }
                try await eventually("the poll waits") { gateway.parts.polls.count == 1 }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            try await eventually("nobody waits") { gateway.parts.polls.count == 0 }
            // What comes now is for whoever asks next.
            let offer = try await gateway.network.offer(to: agency)
            #expect(try await gateway.client(agency).lease(wait: .zero).map(\.referral.number) == [offer.number])
        }
    }

    @Test func anAgencyWithTooManyWaitingPollsIsRefusedAndOthersAreNot() async throws {
        var settings = self.bellOnly
        settings.polls.perAgency = 1
        try await withGateway(settings: settings) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-police")
            async let waiting = gateway.client(agency).lease(wait: .seconds(25))
            try await eventually("the poll waits") { gateway.parts.polls.count == 1 }
            let refused = try await gateway.send(
                .POST, "/v1/leases", key: agency.key, body: "{\"wait_seconds\":25}")
            #expect(refused.status == 429)
            #expect(refused.body.contains("/problems/too-many-polls"))
            #expect(try await gateway.client(other).lease(wait: .seconds(1)).isEmpty)
            gateway.parts.polls.close()
            #expect(try await waiting.isEmpty)
        }
    }
}
