import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// A limit holds under every interleaving; what ends gives its permit back however it ends.
struct LimitTests {
    /// Claimers that claim and settle at random, some of them undone, and a judge that counts all the while.
    @Test(arguments: [1, 2, 3] as [UInt64]) func concurrencyIsNeverExceeded(seed: UInt64) async throws {
        try await withQueue(maximumConnections: 10) { queue in
            try await Self.enqueue(240, queue)
            try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(5))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for claimer in 0..<8 {
                    group.addTask { try await Self.work(SplitMix(seed: seed &* 100 &+ UInt64(claimer)), queue) }
                }
                group.addTask {
                    while try await Self.left(queue) > 0 { #expect(try await Self.running(queue) <= 5) }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.counted(queue) == 0, "every permit came back")
        }
    }

    private static func work(_ seeded: SplitMix, _ queue: QueueFixture) async throws {
        var generator = seeded
        let worker = try await queue.register()
        while try await self.left(queue) > 0 {
            let limit = Int.random(in: 1...4, using: &generator)
            let jobs = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: limit, worker: worker, on: queue.pool)
            #expect(try await self.running(queue) <= 5)
            if jobs.count > 1, Bool.random(using: &generator) {
                #expect(try await queue.workers.complete(jobs, on: queue.pool).count == jobs.count)
                continue
            }
            for job in jobs {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: try await queue.store.snooze(job, delay: .zero, on: queue.pool)
                case 1: try await queue.store.fail(job, code: "test", retryAfter: .zero, on: queue.pool)
                case 2: try await queue.store.discard(job, code: "test", on: queue.pool)
                case 3: try await self.completeAndUndo(job, queue)
                default: try await queue.store.complete(job, on: queue.pool)
                }
            }
            _ = try await queue.workers.releaseUnheld(worker, held: [], on: queue.pool)
        }
    }

    private static func completeAndUndo(_ job: LeasedJob, _ queue: QueueFixture) async throws {
        struct Undone: Error {}
        await #expect(throws: Undone.self) {
            try await queue.pool.withTransaction("test_undo") { transaction in
                try await queue.store.complete(job, on: transaction)
                throw Undone()
            }
        }
    }

    @Test func aBucketGivesWhatIsInItAndNoMore() async throws {
        try await withQueue(maximumConnections: 8) { queue in
            try await Self.enqueue(60, queue)
            try await queue.pool.execute(Self.setRate, QueueFixture.queue.rawValue, 0.0, 7.0)
            func claimAll() async throws -> Int {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            var taken = 0
                            while true {
                                let jobs = try await queue.store.claim(
                                    queue: QueueFixture.queue, limit: 3, leaseFor: .seconds(60), holder: "agency",
                                    on: queue.pool)
                                if jobs.isEmpty { return taken }
                                taken += jobs.count
                            }
                        }
                    }
                    return try await group.reduce(0, +)
                }
            }
            #expect(try await claimAll() == 7)
            // As if the rate had been one a second for four seconds; the bucket holds no more than its burst.
            try await queue.pool.execute(Self.pour, 4.0)
            #expect(try await claimAll() == 4)
            try await queue.pool.execute(Self.pour, 100.0)
            #expect(try await claimAll() == 7)
            // Setting the limit anew gives nothing away.
            try await queue.pool.execute(Self.setRate, QueueFixture.queue.rawValue, 0.0, 7.0)
            #expect(try await claimAll() == 0)
            try await queue.pool.execute(Self.clearLimit, QueueFixture.queue.rawValue)
            #expect(try await claimAll() == 42)
        }
    }

    /// Completions that go before a claim, in its transaction, make room for it; undone with it, they do not.
    @Test func aClaimCountsTheEndsOfItsOwnTransaction() async throws {
        try await withQueue { queue in
            try await Self.enqueue(10, queue)
            try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(2))
            let worker = try await queue.register()
            let jobs = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: 10, worker: worker, on: queue.pool)
            #expect(jobs.count == 2)
            await #expect(throws: JobQueueError.self) {
                _ = try await queue.workers.exchange(
                    completing: jobs, first: true, queue: QueueFixture.queue, limit: 10, worker: UUID(), after: nil,
                    on: queue.pool)
            }
            #expect(try await Self.running(queue) == 2)
            #expect(try await Self.counted(queue) == 2)
            let (next, completed) = try await queue.workers.exchange(
                completing: jobs, first: true, queue: QueueFixture.queue, limit: 10, worker: worker, after: nil,
                on: queue.pool)
            #expect(next.count == 2 && completed == Set(jobs.map(\.id)))
            #expect(try await Self.running(queue) == 2)
            #expect(try await Self.counted(queue) == 2)
            // A lease that is lost gives nothing back.
            let (none, lost) = try await queue.workers.exchange(
                completing: jobs, first: true, queue: QueueFixture.queue, limit: 10, worker: worker, after: nil,
                on: queue.pool)
            #expect(none.isEmpty && lost.isEmpty)
            let (blind, _) = try await queue.workers.exchange(
                completing: next, queue: QueueFixture.queue, limit: 10, worker: worker, after: nil, on: queue.pool)
            #expect(blind.isEmpty)
            #expect(try await Self.counted(queue) == 0)
        }
    }

    @Test func aLimitCountsWhatRunsAlreadyAndWhatIsTakenBack() async throws {
        try await withQueue { queue in
            try await Self.enqueue(10, queue)
            let worker = try await queue.register()
            let early = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: 3, worker: worker, on: queue.pool)
            #expect(early.count == 3)
            try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(4))
            let late = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: 10, worker: worker, on: queue.pool)
            #expect(late.count == 1)
            #expect(try await queue.claim(holder: "agency") == nil)
            try await queue.killWorker(worker)
            #expect(try await queue.rescue() == [QueueFixture.queue: 4])
            #expect(try await Self.counted(queue) == 0)
            let next = try await queue.register()
            let jobs = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: 10, worker: next, on: queue.pool)
            #expect(jobs.count == 4)
        }
    }

    /// Its snapshot is from before the limit was set and sees none. So nobody claims with such a snapshot.
    @Test func aClaimWithAnOldSnapshotIsRefused() async throws {
        try await withQueue { queue in
            try await Self.enqueue(3, queue)
            for isolation in [PostgresPool.Isolation.repeatableRead, .serializable] {
                await #expect(throws: JobQueueError.self) {
                    try await queue.pool.withTransaction("test_old_claim", isolation: isolation) { transaction in
                        try await transaction.execute(Self.waitingForLock)
                        try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(1))
                        _ = try await queue.store.claim(
                            queue: QueueFixture.queue, limit: 3, leaseFor: .seconds(60), holder: "agency",
                            on: transaction)
                    }
                }
            }
            #expect(try await Self.running(queue) == 0)
            let jobs = try await queue.store.claim(
                queue: QueueFixture.queue, limit: 3, leaseFor: .seconds(60), holder: "agency", on: queue.pool)
            #expect(jobs.count == 1)
        }
    }

    @Test func aLimitedQueueHoldsUpNoOther() async throws {
        try await withQueue { queue in
            try await Self.enqueue(2, queue)
            try await queue.enqueue(9, queue: "others")
            try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(1))
            try await queue.pool.withTransaction("test_slow_claim") { transaction in
                let mine = try await queue.store.claim(
                    queue: QueueFixture.queue, limit: 1, leaseFor: .seconds(60), holder: "agency", on: transaction)
                #expect(mine.count == 1)
                let others = try await queue.store.claim(
                    queue: "others", limit: 1, leaseFor: .seconds(60), holder: "agency", on: queue.pool)
                #expect(others.count == 1)
            }
        }
    }

    /// A claim that began before the limit was set is counted: whoever sets a limit waits for it.
    @Test func aLimitSetDuringTheFirstClaimCountsIt() async throws {
        try await withQueue { queue in
            try await Self.enqueue(20, queue)
            let name = QueueFixture.queue.rawValue
            let claimed = TestSignal<Void>("the claim is made, not committed")
            let commit = TestSignal<Void>("the claim may commit")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await queue.pool.withTransaction("test_first_claim") { transaction in
                        let jobs = try await queue.store.claim(
                            queue: QueueFixture.queue, limit: 4, leaseFor: .seconds(60), holder: "agency",
                            on: transaction)
                        #expect(jobs.count == 4)
                        claimed.send(())
                        try await commit.wait(timeout: .seconds(30))
                    }
                }
                try await claimed.wait()
                group.addTask { try await queue.pool.execute(Self.setLimit, name, Int32(5)) }
                try await eventually("the limit waits for the claim") {
                    try await queue.pool.execute(Self.waitingForLock).first?.decode(Int64.self) ?? 0 > 0
                }
                commit.send(())
                try await group.waitForAll()
            }
            let more = try await queue.store.claim(
                queue: QueueFixture.queue, limit: 10, leaseFor: .seconds(60), holder: "agency", on: queue.pool)
            #expect(more.count == 1)
            #expect(try await Self.counted(queue) == 5)
        }
    }

    /// A limit that is lifted and set again while jobs run has forgotten none of them.
    @Test func aLimitThatComesBackCountsWhatRuns() async throws {
        try await withQueue { queue in
            try await Self.enqueue(20, queue)
            let name = QueueFixture.queue.rawValue
            func claim(_ limit: Int) async throws -> [LeasedJob] {
                try await queue.store.claim(
                    queue: QueueFixture.queue, limit: limit, leaseFor: .seconds(60), holder: "agency", on: queue.pool)
            }
            try await queue.pool.execute(Self.setLimit, name, Int32(3))
            let first = try await claim(10)
            #expect(first.count == 3)
            try await queue.pool.execute(Self.clearLimit, name)
            let free = try await claim(4)
            #expect(free.count == 4)
            try await queue.store.complete(first[0], on: queue.pool)
            try await queue.pool.execute(Self.setLimit, name, Int32(8))
            #expect(try await Self.counted(queue) == 6)
            #expect(try await claim(10).count == 2)
            for job in free + first.dropFirst() { try await queue.store.complete(job, on: queue.pool) }
            #expect(try await Self.counted(queue) == 2)
            #expect(try await claim(10).count == 6)
        }
    }

    /// Permits that come back late, below a number that was passed already, are counted by the next look back.
    @Test func aPermitThatIsCommittedLateIsNotLost() async throws {
        try await withQueue { queue in
            try await Self.enqueue(20, queue)
            try await queue.pool.execute(Self.setLimit, QueueFixture.queue.rawValue, Int32(4))
            func claim() async throws -> [LeasedJob] {
                try await queue.store.claim(
                    queue: QueueFixture.queue, limit: 10, leaseFor: .seconds(60), holder: "agency", on: queue.pool)
            }
            let jobs = try await claim()
            #expect(jobs.count == 4)
            try await queue.pool.withTransaction("test_late") { transaction in
                try await queue.store.complete(jobs[0], on: transaction)
                // Its permit has a number now; these are numbered later and counted first.
                for job in jobs.dropFirst() { try await queue.store.complete(job, on: queue.pool) }
                #expect(try await claim().count == 3)
            }
            try await eventually("the late one is counted") { try await !claim().isEmpty }
            #expect(try await Self.counted(queue) == 4)
            #expect(try await Self.running(queue) == 4)
        }
    }

    // MARK: -

    private static let waitingForLock = Statement(
        name: "test_waiting_for_lock",
        """
        SELECT count(*) FROM pg_locks
        WHERE NOT granted AND locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)

    private static func enqueue(_ count: Int, _ queue: QueueFixture) async throws {
        try await queue.pool.withTransaction("test_bulk") { transaction in
            try await queue.store.enqueue(
                many: (0..<count).map(ProbeArguments.init(number:)), queue: QueueFixture.queue, in: transaction)
        }
    }

    private static func running(_ queue: QueueFixture) async throws -> Int64 {
        try await queue.pool.execute(self.countRunning).first?.decode(Int64.self) ?? 0
    }

    private static func left(_ queue: QueueFixture) async throws -> Int64 {
        try await queue.pool.execute(self.countLeft).first?.decode(Int64.self) ?? 0
    }

    private static func counted(_ queue: QueueFixture) async throws -> Int64? {
        try await queue.pool.execute(self.countPermits).first?.decode(Int64.self)
    }

    private static let setLimit = Statement(name: "test_set_limit", "SELECT queue.set_limit($1, $2)")
    private static let setRate = Statement(
        name: "test_set_rate", "SELECT queue.set_limit($1, p_rate => $2, p_burst => $3)")
    private static let clearLimit = Statement(name: "test_clear_limit", "SELECT queue.clear_limit($1)")
    private static let pour = Statement(
        name: "test_pour", "UPDATE queue.queue_limit SET tokens = least(burst, tokens + $1)")
    private static let countRunning = Statement(
        name: "test_running", "SELECT count(*) FROM queue.job WHERE state = 'running'")
    private static let countLeft = Statement(name: "test_left", "SELECT count(*) FROM queue.job")
    private static let countPermits = Statement(name: "test_permits", "SELECT running FROM queue.limit_overview")
}
