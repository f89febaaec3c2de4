import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// What gathers, what goes alone, and that nobody is left waiting.
struct TransactionRoundsTests {
    private typealias Rounds = TransactionRounds<Int, String, String>

    /// Rounds that wait until they are let go, and say who was in them.
    private final class Gate: Sendable {
        let begun = TestSignal<[Int]>("a round")
        let go = TestSignal<Void>("leave to go on")

        func round(_ parts: [Rounds.Part]) async -> [Int: String] {
            self.begun.send(parts.map(\.key))
            do { try await self.go.wait() } catch { return [:] }
            return await Self.echo(parts)
        }

        static func echo(_ parts: [Rounds.Part]) async -> [Int: String] {
            Dictionary(uniqueKeysWithValues: parts.map { ($0.key, $0.item) })
        }
    }

    private func withRounds(
        atATime: Int = 1, company: Duration = .seconds(600), spacing: Duration = .zero,
        _ body: (Rounds, Gate, inout TaskGroup<String>) async throws -> Void
    ) async throws {
        let rounds = Rounds(
            connections: 4, RoundPace(largest: 3, atATime: atATime, company: company, spacing: spacing),
            untouched: "alone")
        rounds.open()
        let running = Task { try await rounds.run() }
        let gate = Gate()
        let failure: (any Error)? = await withTaskGroup(of: String.self) { group in
            do {
                try await body(rounds, gate, &group)
                return nil
            } catch {
                running.cancel()
                group.cancelAll()
                return error
            }
        }
        if let failure { throw failure }
        running.cancel()
        _ = await running.result
        #expect(rounds.gathered == 0)
        #expect(await rounds.take(.init(9, kind: "a", "late"), gate.round) == "alone", "it runs no more")
    }

    /// Adds a part and waits until it has gathered.
    private func add(_ key: Int, _ kind: String, _ rounds: Rounds, _ gate: Gate, _ group: inout TaskGroup<String>)
        async throws
    {
        let before = rounds.gathered
        group.addTask { await rounds.take(.init(key, kind: kind, "\(kind)\(key)"), gate.round) }
        try await eventually("part \(key) gathers") { rounds.gathered > before }
    }

    @Test func theFirstGoesAtOnceAndOthersTogetherNoKeyTwiceAndOneKindAtATime() async throws {
        try await self.withRounds { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            #expect(try await gate.begun.wait() == [0], "it waits for nobody")
            for (key, kind) in [(1, "a"), (1, "a"), (2, "b"), (3, "a"), (4, "a"), (5, "a")] {
                try await self.add(key, kind, rounds, gate, &group)
            }
            for expected in [[1, 3, 4], [1, 5], [2]] {
                gate.go.send()
                #expect(try await gate.begun.wait() == expected)
            }
            gate.go.send()
            var fates: [String] = []
            for await fate in group { fates.append(fate) }
            #expect(fates.sorted() == ["a0", "a1", "a1", "a3", "a4", "a5", "b2"])
        }
    }

    /// Beside a round that is under way another begins when it is full, and what it leaves goes when one of them ends.
    @Test func besideOthersARoundBeginsWhenItIsFull() async throws {
        try await self.withRounds(atATime: 2) { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            #expect(try await gate.begun.wait() == [0])
            try await self.add(1, "a", rounds, gate, &group)
            try await self.add(2, "a", rounds, gate, &group)
            #expect(rounds.gathered == 2, "a place is free, and they wait for company")
            group.addTask { await rounds.take(.init(3, kind: "a", "a3"), gate.round) }
            #expect(try await gate.begun.wait() == [1, 2, 3])
            try await self.add(4, "a", rounds, gate, &group)
            gate.go.send()
            // Whichever of the two that was, the other may still be under way: the last of them lets the next begin.
            gate.go.send()
            #expect(try await gate.begun.wait() == [4])
            gate.go.send()
            var fates: [String] = []
            for await fate in group { fates.append(fate) }
            #expect(fates.sorted() == ["a0", "a1", "a2", "a3", "a4"])
        }
    }

    /// A round that hangs keeps those who come after it for as long as they wait for company, and no longer.
    @Test func whoHasWaitedForCompanyGoesWithoutIt() async throws {
        try await self.withRounds(atATime: 3, company: .milliseconds(20)) { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            let first = try await gate.begun.wait()
            #expect(first == [0])
            for key in [1, 2] {
                group.addTask { await rounds.take(.init(key, kind: "a", "a\(key)"), gate.round) }
                let next = try await gate.begun.wait()
                #expect(next == [key], "and the next has a time of its own")
            }
            for _ in 0..<3 { gate.go.send() }
            var fates: [String] = []
            for await fate in group { fates.append(fate) }
            #expect(fates.sorted() == ["a0", "a1", "a2"])
        }
    }

    /// With a spacing the next begins that long after the one before did, or when it is full.
    @Test func spacedRoundsBeginInTimeOrWhenFull() async throws {
        try await self.withRounds(spacing: .seconds(600)) { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            try await gate.begun.wait()
            gate.go.send()
            #expect(await group.next() == "a0")
            try await self.add(1, "a", rounds, gate, &group)
            try await self.add(2, "a", rounds, gate, &group)
            #expect(rounds.gathered == 2, "none is under way, and they wait")
            group.addTask { await rounds.take(.init(3, kind: "a", "a3"), gate.round) }
            #expect(try await gate.begun.wait() == [1, 2, 3])
            gate.go.send()
            for _ in 1...3 { _ = await group.next() }
        }
        try await self.withRounds(spacing: .milliseconds(20)) { rounds, gate, group in
            for key in 0..<3 {
                group.addTask { await rounds.take(.init(key, kind: "a", "a\(key)"), gate.round) }
                let begun = try await gate.begun.wait()
                #expect(begun == [key])
                gate.go.send()
                _ = await group.next()
            }
        }
    }

    /// Whoever is cancelled while it waits is in no round; whoever is in one stays there.
    @Test func whoIsCancelledInTheGatherGoesAlone() async throws {
        try await self.withRounds { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            #expect(try await gate.begun.wait() == [0])
            let waiting = Task { await rounds.take(.init(1, kind: "a", "a1"), gate.round) }
            try await eventually("it gathers") { rounds.gathered == 1 }
            waiting.cancel()
            #expect(await waiting.value == "alone")
            #expect(rounds.gathered == 0)
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await rounds.take(.init(2, kind: "a", "a2"), gate.round)
            }
            #expect(await late.value == "alone", "cancelled before it came")
            gate.go.send()
            #expect(await group.next() == "a0")
        }
    }

    /// A round that hangs is waited for by its own alone.
    @Test func whoWaitsTooLongGoesAlone() async throws {
        try await self.withRounds { rounds, gate, group in
            group.addTask { await rounds.take(.init(0, kind: "a", "a0"), gate.round) }
            try await gate.begun.wait()
            #expect(await rounds.take(.init(1, kind: "a", "a1"), patience: .milliseconds(5), gate.round) == "alone")
            #expect(rounds.gathered == 0)
            // Who is in a round stays there, however long it takes.
            gate.go.send()
            #expect(await group.next() == "a0")
            group.addTask {
                await rounds.take(.init(2, kind: "a", "a2"), patience: .seconds(2)) { parts in
                    // Longer than its patience, which is a time: there is nothing else to wait for.
                    do { try await PostgresThread.sleep(for: .milliseconds(2200)) } catch { return [:] }
                    return await Gate.echo(parts)
                }
            }
            #expect(await group.next() == "a2")
        }
    }

    @Test func whomARoundDidNotTouchGoesAlone() async throws {
        try await self.withRounds { rounds, _, group in
            group.addTask { await rounds.take(.init(7, kind: "a", "a7")) { _ in [:] } }
            #expect(await group.next() == "alone")
        }
    }
}
