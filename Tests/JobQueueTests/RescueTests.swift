import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct RescueTests {
    @Test func deadWorkersJobsComeBackAndLiveOnesStay() async throws {
        try await withQueue { queue in
            let live = try await queue.register()
            let dead = try await queue.register()
            try await queue.enqueue(1)
            try await queue.enqueue(2)
            let kept = try #require(try await queue.claim(worker: live))
            let lost = try #require(try await queue.claim(worker: dead))
            #expect(try await queue.rescue().isEmpty)
            try await queue.killWorker(dead)
            #expect(try await queue.rescue() == [QueueFixture.queue: 1])
            #expect(try await queue.look(kept.alias)?.state == .running)
            let seen = try #require(try await queue.look(lost.alias))
            #expect(seen.state == .available)
            #expect(seen.errors.map(\.code) == ["lease_lost"])
            try await queue.store.complete(kept, on: queue.pool)
            #expect(try await queue.claim(worker: live)?.id == lost.id)
        }
    }

    @Test func aWorkerThatWasGivenUpHearsIt() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            func beat() async throws -> [JobID] {
                try await queue.workers.beat(
                    worker, running: 0, isDraining: false, aliveFor: .seconds(60), on: queue.pool
                ).cancelled
            }
            try await queue.killWorker(worker)
            // Late, but nobody has given it up yet: it lives on.
            #expect(try await beat().isEmpty)
            try await queue.killWorker(worker)
            _ = try await queue.rescue()
            #expect(await refusal { _ = try await beat() } == .unknownWorker)
        }
    }

    @Test func deregisteringGivesTheJobsBackAtOnce() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            let worker = try await queue.register()
            let job = try #require(try await queue.claim(worker: worker))
            try await queue.workers.deregister(worker, on: queue.pool)
            #expect(try await queue.rescue() == [QueueFixture.queue: 1])
            #expect(try await queue.look(job.alias)?.state == .available)
        }
    }

    /// The answer of a claim was lost on the way: the worker names what it has, and the rest goes back at once.
    @Test func aWorkerHandsBackWhatItDoesNotHold() async throws {
        try await withQueue { queue in
            for number in 1...3 { try await queue.enqueue(number) }
            let worker = try await queue.register()
            let other = try await queue.register()
            let held = try #require(try await queue.claim(worker: worker))
            let unheld = try #require(try await queue.claim(worker: worker))
            let others = try #require(try await queue.claim(worker: other))
            #expect(try await queue.workers.releaseUnheld(worker, held: [held.id], on: queue.pool) == 1)
            #expect(try await queue.look(held.alias)?.state == .running)
            #expect(try await queue.look(others.alias)?.state == .running)
            #expect(try await queue.look(unheld.alias)?.state == .available)
            #expect(await refusal { try await queue.store.complete(unheld, on: queue.pool) } == .leaseLost)
        }
    }

    @Test func aWorkersLastAttemptBecomesADeadLetter() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(maximumAttempts: 1)
            let worker = try await queue.register()
            _ = try await queue.claim(worker: worker)
            try await queue.killWorker(worker)
            _ = try await queue.rescue()
            let seen = try #require(try await queue.look(enqueued.alias))
            #expect(seen.state == .discarded)
            #expect(seen.code == "lease_lost")
        }
    }

    /// An agency may let any number of leases run out: its clocks decide, not a count.
    @Test func anAgencysLapseIsNotAnAttempt() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(maximumAttempts: 1)
            for _ in 0..<3 {
                let job = try #require(try await queue.claim(holder: "agency"))
                #expect(job.attempt == 1)
                try await queue.endLease(of: job)
                #expect(try await queue.rescue() == [QueueFixture.queue: 1])
            }
            #expect(try await queue.look(enqueued.alias)?.state == .available)
        }
    }

    @Test func concurrentRescuersTakeAJobBackOnce() async throws {
        try await withQueue(maximumConnections: 8) { queue in
            for number in 0..<40 { try await queue.enqueue(number) }
            let worker = try await queue.register()
            _ = try await queue.workers.claim(queue: QueueFixture.queue, limit: 40, worker: worker, on: queue.pool)
            try await queue.killWorker(worker)
            let rescued = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await queue.rescue().values.reduce(0, +) }
                }
                return try await group.reduce(0, +)
            }
            #expect(rescued == 40)
        }
    }
}
