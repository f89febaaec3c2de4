import FoundationEssentials
import JobQueue
import JobTypes
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Claims by position: what a claimer has passed it does not read again, and yet nothing is left behind.
struct LaneTests {
    @Test func aClaimGoesOnWhereTheLastOneEnded() async throws {
        try await withQueue { queue in
            for number in 1...4 { try await queue.enqueue(number) }
            let worker = try await queue.register()
            var positions = LanePositions()
            var numbers: [Int] = []
            for _ in 1...2 {
                for job in try await Self.claim(2, worker, positions, queue) {
                    positions.passed(job)
                    numbers.append(try job.decode(ProbeArguments.self).number)
                }
            }
            #expect(numbers == [1, 2, 3, 4])
            #expect(try await Self.claim(2, worker, positions, queue).isEmpty)
        }
    }

    /// So many at once bring the lanes forward for certain, but for whoever is never to wait.
    @Test func aClaimThatKeepsTheMarksWritesNoLane() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            for isKept in [true, false] {
                try await queue.pool.withTransaction("test_bulk") { transaction in
                    try await queue.store.enqueue(
                        many: (0..<500).map(ProbeArguments.init(number:)), queue: QueueFixture.queue, in: transaction)
                }
                let claimed = try await queue.pool.withTransaction("test_claim") { transaction in
                    if isKept { try await transaction.execute(Self.keepMarks) }
                    return try await queue.workers.claim(
                        queue: QueueFixture.queue, limit: 500, worker: worker, on: transaction
                    ).count
                }
                let lanes = try await queue.pool.execute(Self.lanes).first?.decode(Int64.self)
                #expect(claimed == 500 && lanes == (isKept ? 0 : 1))
            }
        }
    }

    /// A sequence's order is not the order of commits.
    @Test func whatIsCommittedLateIsFoundByLookingBack() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            var positions = LanePositions()
            try await queue.pool.withTransaction("test_late") { transaction in
                try await queue.store.enqueue(
                    JobRequest(ProbeArguments(number: 1), queue: QueueFixture.queue), in: transaction)
                try await queue.enqueue(2)
                for job in try await Self.claim(10, worker, positions, queue) { positions.passed(job) }
                // The mark is not passed while this transaction runs, however often it is tried.
                for _ in 1...3 { try await Self.advance(queue) }
                #expect(try await Self.low(queue) == 0)
            }
            #expect(try await Self.claim(10, worker, positions, queue).isEmpty, "it stands before what was passed")
            let late = try await Self.claim(10, worker, nil, queue)
            #expect(try late.map { try $0.decode(ProbeArguments.self).number } == [1])
        }
    }

    @Test func theLowWaterRisesToTheFirstJobThatWaits() async throws {
        try await withQueue { queue in
            for number in 1...10 { try await queue.enqueue(number) }
            let worker = try await queue.register()
            let jobs = try await Self.claim(6, worker, nil, queue)
            let expected = try #require(jobs.map(\.position).max())
            try await eventually("the mark is passed: transactions of other databases count too") {
                try await Self.advance(queue)
                return try await Self.low(queue) == expected
            }
            // Jobs that come back take a new place: nothing appears below the low water.
            try await queue.store.snooze(jobs[0], delay: .zero, on: queue.pool)
            try await queue.store.fail(jobs[1], code: "test", retryAfter: .zero, on: queue.pool)
            try await queue.killWorker(worker)
            _ = try await queue.rescue()
            let other = try await queue.register()
            let rest = try await Self.claim(100, other, nil, queue)
            #expect(Set(rest.map(\.id)).isSuperset(of: jobs.map(\.id)))
            #expect(rest.count == 10)
            #expect(try await Self.low(queue) < rest.map(\.position).min() ?? 0)
        }
    }

    /// A claim that is rolled back leaves its jobs where they stood.
    @Test func theLowWaterWaitsForAClaimThatMayBeUndone() async throws {
        try await withQueue { queue in
            struct Undone: Error {}
            let worker = try await queue.register()
            try await queue.enqueue(1)
            await #expect(throws: Undone.self) {
                try await queue.pool.withTransaction("test_claim") { transaction in
                    let jobs = try await queue.workers.claim(
                        queue: QueueFixture.queue, limit: 1, worker: worker, on: transaction)
                    #expect(jobs.count == 1)
                    for _ in 1...3 { try await Self.advance(queue) }
                    throw Undone()
                }
            }
            for _ in 1...3 { try await Self.advance(queue) }
            #expect(try await Self.claim(1, worker, nil, queue).count == 1)
        }
    }

    /// Level under a snapshot that is held: a claim reads as much as it returns, not what was done before.
    @Test func aClaimByPositionReadsNoFinishedJobs() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            try await queue.pool.withTransaction("test_bulk") { transaction in
                try await queue.store.enqueue(
                    many: (0..<2000).map(ProbeArguments.init(number:)), queue: QueueFixture.queue, in: transaction)
            }
            var positions = LanePositions()
            try await queue.pool.withTransaction("test_holder") { holder in
                try await holder.execute(Self.takeNumber)
                while true {
                    let jobs = try await Self.claim(100, worker, positions, queue)
                    if jobs.isEmpty { break }
                    for job in jobs { positions.passed(job) }
                    _ = try await queue.workers.complete(jobs, on: queue.pool)
                }
                try await queue.enqueue(1)
                let passed = positions
                #expect(try await Self.entriesRead(by: worker, after: passed, queue) < 50)
                #expect(try await Self.entriesRead(by: worker, after: nil, queue) >= 2000)
            }
        }
    }

    /// Invariant 12: a beat raises the low water, so that neither it nor a claim that looks back reads what is done and cannot
    /// be cleaned away.
    @Test func theBeatRaisesTheLowWaterUnderAnOldSnapshot() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            try await queue.pool.withTransaction("test_bulk") { transaction in
                try await queue.store.enqueue(
                    many: (0..<4000).map(ProbeArguments.init(number:)), queue: QueueFixture.queue, in: transaction)
            }
            try await queue.pool.withTransaction("test_old", isolation: .repeatableRead) { holder in
                try await holder.execute(Self.lanes)
                // The lane becomes known. Transactions of other tests are waited for, each of which may wait for a minute itself.
                try await eventually("transactions of other databases have ended", timeout: .seconds(240)) {
                    try await Self.advance(queue)
                    return try await queue.pool.execute(Self.lanes).first?.decode(Int64.self) == 1
                }
                var positions = LanePositions()
                for _ in 0..<30 {
                    let jobs = try await Self.claim(100, worker, positions, queue)
                    for job in jobs { positions.passed(job) }
                    _ = try await queue.workers.complete(jobs, on: queue.pool)
                }
                try await eventually(
                    "the mark is passed: transactions of other databases count too", timeout: .seconds(240)
                ) {
                    try await queue.pool.execute(Self.ageLanes)
                    let beat = try await queue.workers.beat(
                        worker, running: 0, isDraining: false, aliveFor: .seconds(600), on: queue.pool)
                    #expect(beat.waiting == [QueueFixture.queue])
                    // A claim may have raised it on the way: what is within a thousand is left.
                    return try await Self.low(queue) + 1000 >= positions.after[4]
                }
                #expect(try await Self.entriesRead(by: worker, after: nil, claiming: 100, queue) < 1500)
            }
        }
    }

    /// A worker's word that a claim is over takes away the record of that claim and no other.
    @Test func claimsThatAreOverAreForgottenByTheBeat() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            let other = try await queue.register()
            for number in 1...3 { try await queue.enqueue(number) }
            let first = try await Self.claim(1, worker, nil, queue)
            let second = try await Self.claim(1, worker, nil, queue)
            let others = try await Self.claim(1, other, nil, queue)
            _ = try await queue.workers.complete(first, on: queue.pool)
            _ = try await queue.workers.beat(
                worker, running: 1, isDraining: false, aliveFor: .seconds(600),
                claimsOver: (first + others).map(\.token.number), on: queue.pool)
            let left = try await queue.pool.execute(Self.claims).map { try $0.decode(Int64.self) }
            #expect(left == (second + others).map(\.token.number).sorted())
        }
    }

    /// Queue names come and go. A lane that is forgotten is looked through from its beginning, so what was being committed
    /// meanwhile is found.
    @Test func anIdleLaneIsForgottenAndNothingWithIt() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            try await queue.enqueue(1)
            for job in try await Self.claim(10, worker, nil, queue) {
                try await queue.store.complete(job, on: queue.pool)
            }
            for _ in 1...3 { try await Self.advance(queue) }
            #expect(try await Self.low(queue) == 0, "one job makes no lane worth advancing")
            try await queue.enqueue(2)
            try await Self.advance(queue)
            func lanes() async throws -> Int64 {
                try #require(try await queue.pool.execute(Self.lanes).first).decode(Int64.self)
            }
            #expect(try await lanes() == 1)
            let day = Duration.seconds(24 * 3600)
            #expect(try await queue.workers.forgetLanes(idle: day, limit: 10, on: queue.pool) == 0, "it was just used")
            try await queue.pool.execute(Self.ageLanesDays)
            #expect(try await queue.workers.forgetLanes(idle: day, limit: 10, on: queue.pool) == 0, "it has a job")
            for job in try await Self.claim(10, worker, nil, queue) {
                try await queue.store.complete(job, on: queue.pool)
            }
            try await queue.pool.execute(Self.ageLanesDays)
            try await queue.pool.withTransaction("test_late") { transaction in
                // It has its position, and is not seen yet.
                let late = try JobRequest(ProbeArguments(number: 3), queue: QueueFixture.queue)
                try await queue.store.enqueue(late, in: transaction)
                #expect(try await queue.workers.forgetLanes(idle: day, limit: 10, on: queue.pool) == 1)
            }
            #expect(try await lanes() == 0)
            #expect(try await Self.claim(10, worker, nil, queue).count == 1)
        }
    }

    @Test func urgentJobsGoFirstAndOldOnesCatchUp() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            for (number, priority) in [(1, 5), (2, 4), (3, 0)] { try await queue.enqueue(number, priority: priority) }
            // As if the first had waited for a quarter of an hour.
            try await queue.pool.execute(Self.age)
            let jobs = try await Self.claim(10, worker, nil, queue)
            #expect(try jobs.map { try $0.decode(ProbeArguments.self).number } == [3, 1, 2])
        }
    }

    // MARK: -

    private static func claim(
        _ limit: Int, _ worker: UUID, _ positions: LanePositions?, _ queue: QueueFixture
    ) async throws -> [LeasedJob] {
        try await queue.workers.claim(
            queue: QueueFixture.queue, limit: limit, worker: worker, after: positions, on: queue.pool)
    }

    /// As after a second: a lane is not advanced more often.
    private static func advance(_ queue: QueueFixture) async throws {
        try await queue.pool.execute(self.ageLanes)
        try await queue.pool.execute(self.advanceLanes, QueueFixture.queue.rawValue)
    }

    private static func low(_ queue: QueueFixture) async throws -> Int64 {
        try await queue.pool.execute(self.lowWater).first?.decode(Int64?.self) ?? 0
    }

    /// How many entries of the lanes' index a claim of what there is makes the server read. The claim is undone.
    private static func entriesRead(
        by worker: UUID, after positions: LanePositions?, claiming count: Int = 1, _ queue: QueueFixture
    ) async throws -> Int64 {
        struct Undone: Error {}
        let read = NIOLockedValueBox<Int64>(0)
        do {
            try await queue.pool.withTransaction("test_entries") { transaction in
                // Now and then a claim also brings the lanes forward, which looks at what was done: only before its
                // transaction has a number, and here it is the claim alone that is looked at.
                try await transaction.execute(Self.takeNumber)
                let before = try await transaction.execute(Self.entries).first?.decode(Int64.self) ?? 0
                let jobs = try await queue.workers.claim(
                    queue: QueueFixture.queue, limit: 100, worker: worker, after: positions, on: transaction)
                #expect(jobs.count == count)
                let after = try await transaction.execute(Self.entries).first?.decode(Int64.self) ?? 0
                read.withLockedValue { $0 = after - before }
                throw Undone()
            }
        } catch is Undone {}
        return read.withLockedValue { $0 }
    }

    private static let ageLanes = Statement(
        name: "test_age_lanes", "UPDATE queue.lane SET advanced_at = advanced_at - interval '2 seconds'")
    private static let ageLanesDays = Statement(
        name: "test_age_lanes_days", "UPDATE queue.lane SET advanced_at = advanced_at - interval '2 days'")
    private static let lanes = Statement(name: "test_lanes", "SELECT count(*) FROM queue.lane")
    private static let keepMarks = Statement(
        name: "test_keep_marks", "SELECT set_config('queue.keeps_marks', 'on', true)")
    private static let claims = Statement(name: "test_claims", "SELECT number FROM queue.worker_claim ORDER BY number")
    private static let advanceLanes = Statement(name: "test_advance", "SELECT queue.advance($1)")
    private static let lowWater = Statement(name: "test_low", "SELECT min(low) FROM queue.lane")
    private static let takeNumber = Statement(name: "test_take_number", "SELECT pg_current_xact_id()::text")
    private static let age = Statement(
        name: "test_age_job",
        "UPDATE queue.job SET scheduled_at = scheduled_at - interval '15 minutes' WHERE priority = 5")
    private static let entries = Statement(
        name: "test_entries", "SELECT pg_stat_get_xact_tuples_returned('queue.job_ready_lane'::regclass)")
}
