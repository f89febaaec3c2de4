import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct ClaimTests {
    @Test func eightClaimersTakeEachOfTwoThousandJobsOnce() async throws {
        try await withQueue(maximumConnections: 8) { queue in
            let count = try await queue.pool.withTransaction("test_enqueue_many") { transaction in
                try await queue.store.enqueue(
                    many: (0..<2000).map(ProbeArguments.init(number:)), queue: QueueFixture.queue, in: transaction)
            }
            #expect(count == 2000)
            let jobs = try await withThrowingTaskGroup(of: [LeasedJob].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let worker = try await queue.register()
                        var mine: [LeasedJob] = []
                        while true {
                            let batch = try await queue.workers.claim(
                                queue: QueueFixture.queue, limit: 25, worker: worker, on: queue.pool)
                            guard !batch.isEmpty else { return mine }
                            mine += batch
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(jobs.count == 2000)
            #expect(Set(jobs.map(\.id)).count == 2000)
            #expect(Set(jobs.map(\.token)).count == 2000)
            #expect(Set(try jobs.map { try $0.decode(ProbeArguments.self).number }) == Set(0..<2000))
        }
    }

    @Test func scheduledJobsAreNotClaimed() async throws {
        try await withQueue { queue in
            let later = try await queue.enqueue(scheduledAt: Date().addingTimeInterval(3600))
            #expect(try await queue.look(later.alias)?.state == .scheduled)
            #expect(try await queue.claim(holder: "agency") == nil)
        }
    }

    @Test func pastScheduleMeansNow() async throws {
        try await withQueue { queue in
            let past = try await queue.enqueue(scheduledAt: Date().addingTimeInterval(-3600))
            #expect(try await queue.claim(holder: "agency")?.id == past.id)
        }
    }

    @Test func urgentJobsGoFirstAndOldOnesBeforeNew() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            for (number, priority) in [(1, 4), (2, 9), (3, 0), (4, 4)] {
                try await queue.enqueue(number, priority: priority)
            }
            var order: [Int] = []
            while let job = try await queue.claim(worker: worker) {
                order.append(try job.decode(ProbeArguments.self).number)
            }
            #expect(order == [3, 1, 4, 2])
        }
    }

    @Test func jobsOfOtherQueuesAreLeftAlone() async throws {
        try await withQueue { queue in
            try await queue.enqueue(queue: "others")
            #expect(try await queue.claim(holder: "agency") == nil)
        }
    }

    @Test func pausedQueueGivesNothingUntilItIsResumed() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            try await queue.pool.execute(Self.pause, QueueFixture.queue.rawValue)
            #expect(try await queue.claim(holder: "agency") == nil)
            try await queue.pool.execute(Self.resume, QueueFixture.queue.rawValue)
            #expect(try await queue.claim(holder: "agency") != nil)
        }
    }

    @Test func unknownAndDeadWorkersGetNothing() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            #expect(await refusal { _ = try await queue.claim(worker: UUID()) } == .unknownWorker)
            let dead = try await queue.register()
            try await queue.killWorker(dead)
            #expect(await refusal { _ = try await queue.claim(worker: dead) } == .unknownWorker)
        }
    }

    @Test func claimNamesEitherAWorkerOrALeaseTime() async throws {
        try await withQueue { queue in
            let error = await #expect(throws: PostgresError.self) { try await queue.pool.execute(Self.claimNeither) }
            #expect(error?.sqlState == "DQ004")
        }
    }

    private static let pause = Statement(name: "test_pause", "SELECT queue.pause($1)")
    private static let resume = Statement(name: "test_resume", "SELECT queue.resume($1)")
    private static let claimNeither = Statement(name: "test_claim_neither", "SELECT queue.claim('probes', 1)")
}
