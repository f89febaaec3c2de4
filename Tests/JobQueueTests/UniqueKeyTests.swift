import FoundationEssentials
import JobQueue
import JobTypes
import TestSupport
import Testing

struct UniqueKeyTests {
    @Test func oneOfTwentyConcurrentProducersMakesTheJob() async throws {
        try await withQueue(maximumConnections: 10) { queue in
            let jobs = try await withThrowingTaskGroup(of: EnqueuedJob.self) { group in
                for number in 0..<20 {
                    group.addTask { try await queue.enqueue(number, uniqueKey: "clock:1") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(jobs.filter(\.isNew).count == 1)
            #expect(Set(jobs.map(\.id)).count == 1)
            #expect(Set(jobs.map(\.alias)).count == 1)
        }
    }

    /// Producers and a consumer at once: whatever the interleaving, no two live jobs have the key and none is lost.
    @Test func theKeyIsFreeWhenTheJobIsFinished() async throws {
        try await withQueue(maximumConnections: 8) { queue in
            let new = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var new = 0
                        for number in 0..<50 where try await queue.enqueue(number, uniqueKey: "k").isNew { new += 1 }
                        return new
                    }
                }
                group.addTask {
                    for _ in 0..<100 {
                        guard let job = try await queue.claim(holder: "agency") else { continue }
                        #expect(try await queue.claim(holder: "agency") == nil)
                        try await queue.store.complete(job, on: queue.pool)
                    }
                    return 0
                }
                return try await group.reduce(0, +)
            }
            if let last = try await queue.claim(holder: "agency") {
                try await queue.store.complete(last, on: queue.pool)
            }
            #expect(try await queue.finished() == new)
            #expect(try await queue.enqueue(uniqueKey: "k").isNew)
        }
    }

    @Test func jobsWithoutAKeyAreNeverTheSame() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue()
            let second = try await queue.enqueue()
            #expect(first.id != second.id)
            #expect(second.isNew)
        }
    }
}
