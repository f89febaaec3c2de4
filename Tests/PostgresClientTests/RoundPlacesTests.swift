import Testing
import TestSupport

@testable import PostgresClient

/// Connections that several lines share.
@Suite struct RoundPlacesTests {
    private func holding(
        _ rounds: TransactionRounds<Int, Int, Int>, _ body: () async throws -> Void
    ) async throws {
        let (isHeld, end) = (TestSignal<Void>("a place is held"), TestSignal<Void>("its end"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await rounds.alone {
                    isHeld.send()
                    try await end.wait()
                }
            }
            try await isHeld.wait()
            try await body()
            end.send()
            try await group.waitForAll()
        }
    }

    @Test func whoDoesNotWaitForEverGoesWithout() async throws {
        let rounds = TransactionRounds<Int, Int, Int>(connections: 1, untouched: 0)
        try await self.holding(rounds) {
            let none = await rounds.alone(within: .milliseconds(1)) { 1 }
            #expect(none == nil)
        }
        let one = await rounds.alone(within: .milliseconds(1)) { 1 }
        #expect(one == 1, "whoever gave up takes no place")
    }

    @Test func aLineNeverHasMoreThanItsShare() async throws {
        let all = TransactionRounds<Int, Int, Int>(connections: 2, untouched: 0)
        let line = TransactionRounds<Int, Int, Int>(
            sharing: all, most: 1, RoundPace(largest: 8, atATime: 1), untouched: 0)
        try await self.holding(line) {
            let second = await line.alone(within: .milliseconds(1)) { 1 }
            #expect(second == nil)
            let other = await all.alone(within: .milliseconds(1)) { 1 }
            #expect(other == 1)
            try await self.holding(all) {
                let third = await all.alone(within: .milliseconds(1)) { 1 }
                #expect(third == nil, "the line's place is one of all")
            }
        }
        try await self.holding(all) {
            try await self.holding(all) {
                let none = await line.alone(within: .milliseconds(1)) { 1 }
                #expect(none == nil)
            }
        }
        let one = await line.alone(within: .milliseconds(1)) { 1 }
        #expect(one == 1, "what it had of its own share is given back")
    }
}
