import FoundationEssentials
import Testing

@testable import GatewayService

@Suite struct LongPollRegistryTests {
    let agency = UUID()
    let now = ContinuousClock.now

    private func admitted(_ registry: inout LongPollRegistry<UUID>, _ agency: UUID, seconds: Int = 20) throws -> UInt64
    {
        guard case .admitted(let id) = registry.admit(agency, deadline: self.now + .seconds(seconds)) else {
            throw CancellationError()
        }
        return id
    }

    @Test func aBellWakesTheLongestWaitingPollOfItsAgencyOnly() throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        let first = try self.admitted(&registry, self.agency)
        let second = try self.admitted(&registry, self.agency)
        let other = try self.admitted(&registry, UUID())
        for id in [first, second, other] { #expect(registry.wait(id, now: self.now) == .sleep) }
        #expect(registry.ring(self.agency) == first)
        #expect(registry.ring(self.agency) == second)
        #expect(registry.ring(self.agency) == nil)
    }

    @Test func aBellDuringTheLookIsNotLost() throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        let id = try self.admitted(&registry, self.agency)
        #expect(registry.ring(self.agency) == nil)
        #expect(registry.wait(id, now: self.now) == .look)
        #expect(registry.wait(id, now: self.now) == .sleep)
    }

    @Test func anAgencyWithTooManyPollsIsRefusedAndOthersAreNot() throws {
        var registry = LongPollRegistry<UUID>(limits: .init(perAgency: 2, overall: 3))
        let first = try self.admitted(&registry, self.agency)
        _ = try self.admitted(&registry, self.agency)
        #expect(registry.admit(self.agency, deadline: self.now) == .agencyHasTooMany)
        _ = try self.admitted(&registry, UUID())
        #expect(registry.admit(UUID(), deadline: self.now) == .tooMany)
        registry.leave(first)
        _ = try self.admitted(&registry, self.agency)
    }

    @Test func whoWaitsLooksWithoutABellAndEndsAtItsTime() throws {
        var registry = LongPollRegistry<UUID>(limits: .init(lookEvery: .seconds(1)))
        let id = try self.admitted(&registry, self.agency, seconds: 2)
        #expect(registry.wait(id, now: self.now) == .sleep)
        #expect(registry.tick(now: self.now + .milliseconds(900)).isEmpty)
        #expect(registry.tick(now: self.now + .seconds(1)).map(\.action) == [.look])
        #expect(registry.wait(id, now: self.now + .seconds(1)) == .sleep)
        #expect(registry.tick(now: self.now + .seconds(2)).map(\.action) == [.end])
        #expect(registry.wait(id, now: self.now + .seconds(2)) == .end)
    }

    @Test func manyPollsLookLessOftenWithoutABell() throws {
        var registry = LongPollRegistry<UUID>(limits: .init(perAgency: 100, lookEvery: .seconds(1), looksPerSecond: 10))
        let ids = try (0..<50).map { _ in try self.admitted(&registry, self.agency) }
        for id in ids { #expect(registry.wait(id, now: self.now) == .sleep) }
        #expect(registry.tick(now: self.now + .seconds(4)).isEmpty)
        #expect(registry.tick(now: self.now + .seconds(5)).count == 50)
    }

    @Test func closingEndsEveryPollAndAdmitsNoMore() throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        let asleep = try self.admitted(&registry, self.agency)
        let looking = try self.admitted(&registry, self.agency)
        #expect(registry.wait(asleep, now: self.now) == .sleep)
        #expect(registry.close() == [asleep])
        #expect(registry.wait(looking, now: self.now) == .end)
        #expect(registry.admit(self.agency, deadline: self.now) == .closed)
    }

    @Test func aClientThatLeftIsNotWokenAgain() throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        let id = try self.admitted(&registry, self.agency)
        #expect(registry.wait(id, now: self.now) == .sleep)
        let wasAsleep = [registry.end(id), registry.end(id)]
        #expect(wasAsleep == [true, false])
        #expect(registry.ring(self.agency) == nil)
        registry.leave(id)
        #expect(registry.count == 0)
    }

    @Test func aQueueSeenToTheEndIsNotLookedIntoAgainUntilABellRings() throws {
        var registry = LongPollRegistry<UUID>(limits: .init(lookEvery: .seconds(1)))
        let id = try self.admitted(&registry, self.agency)
        #expect(!registry.isQuiet(self.agency, now: self.now))
        registry.tookAll(id, now: self.now)
        registry.leave(id)
        #expect(registry.isQuiet(self.agency, now: self.now + .milliseconds(900)))
        #expect(!registry.isQuiet(self.agency, now: self.now + .seconds(1)), "a bell can be lost")
        #expect(!registry.isQuiet(UUID(), now: self.now))
        _ = registry.ring(self.agency)
        #expect(!registry.isQuiet(self.agency, now: self.now))
    }

    /// The job behind a bell that rings during a look may not be in what the look saw, whoever the bell woke.
    @Test(arguments: [false, true]) func aBellDuringTheLookKeepsTheQueueFromBeingQuiet(anotherWaits: Bool) throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        if anotherWaits {
            let other = try self.admitted(&registry, self.agency)
            #expect(registry.wait(other, now: self.now) == .sleep)
        }
        let id = try self.admitted(&registry, self.agency)
        #expect((registry.ring(self.agency) != nil) == anotherWaits)
        registry.tookAll(id, now: self.now)
        #expect(!registry.isQuiet(self.agency, now: self.now))
    }

    @Test func whenBellsMayHaveBeenMissedNothingIsQuiet() throws {
        var registry = LongPollRegistry<UUID>(limits: .init())
        let id = try self.admitted(&registry, self.agency)
        registry.tookAll(id, now: self.now)
        _ = registry.ringAll()
        #expect(!registry.isQuiet(self.agency, now: self.now))
    }
}
