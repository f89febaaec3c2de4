import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct LeaseTests {
    /// Everything that only the holder of the lease may do.
    enum Act: CaseIterable, Sendable {
        case hold, extend, complete, fail, discard, cancel, snooze

        func run(_ job: LeasedJob, _ queue: QueueFixture) async throws {
            switch self {
            case .hold:
                try await queue.pool.withTransaction("test_hold") { try await queue.store.hold(job, in: $0) }
            case .extend: _ = try await queue.store.extend(job, by: .seconds(60), on: queue.pool)
            case .complete: try await queue.store.complete(job, on: queue.pool)
            case .fail: _ = try await queue.store.fail(job, code: "test", retryAfter: .zero, on: queue.pool)
            case .discard: try await queue.store.discard(job, code: "test", on: queue.pool)
            case .cancel: try await queue.store.cancel(job, code: "test", on: queue.pool)
            case .snooze: try await queue.store.snooze(job, delay: .zero, on: queue.pool)
            }
        }
    }

    @Test(arguments: Act.allCases)
    func theHolderMayAct(act: Act) async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            try await act.run(job, queue)
        }
    }

    /// The zombie: it was leased the job, the lease was taken back and the job given to another.
    @Test(arguments: Act.allCases, [true, false])
    func aStaleTokenChangesNothing(act: Act, byWorker: Bool) async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let zombie = try await queue.register()
            let stale: LeasedJob
            if byWorker {
                stale = try #require(try await queue.claim(worker: zombie))
                try await queue.killWorker(zombie)
            } else {
                stale = try #require(try await queue.claim(holder: "agency"))
                try await queue.endLease(of: stale)
            }
            #expect(try await queue.rescue() == [QueueFixture.queue: 1])
            #expect(await refusal { try await act.run(stale, queue) } == .leaseLost)
            let next = try #require(try await queue.claim(holder: "agency"))
            #expect(next.id == stale.id)
            #expect(await refusal { try await act.run(stale, queue) } == .leaseLost)
            #expect(try await queue.look(enqueued.alias)?.state == .running)
            try await queue.store.complete(next, on: queue.pool)
            #expect(await refusal { try await act.run(stale, queue) } == .leaseLost)
        }
    }

    /// Nobody has taken the lease back yet, and it is over all the same.
    @Test(arguments: Act.allCases)
    func anExpiredLeaseIsRefusedBeforeTheRescue(act: Act) async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.endLease(of: job)
            #expect(await refusal { try await act.run(job, queue) } == .leaseLost)
            #expect(try await queue.look(enqueued.alias)?.state == .running)
        }
    }

    @Test func aForgedTokenIsRefused() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            for (epoch, number) in [(0, 1), (1, 0), (-1, 0)] {
                let error = await #expect(throws: PostgresError.self) {
                    try await queue.pool.execute(
                        Self.complete, job.id.rawValue, job.token.epoch + Int32(epoch), job.token.number + Int64(number)
                    )
                }
                #expect(error?.sqlState == "DQ001")
            }
        }
    }

    @Test func tokensOnlyGrow() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            var last: FencingToken?
            for _ in 0..<5 {
                let job = try #require(try await queue.claim(holder: "agency"))
                if let last { #expect(job.token > last) }
                last = job.token
                try await queue.store.snooze(job, delay: .zero, on: queue.pool)
            }
        }
    }

    @Test func snoozingCountsNoAttempt() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(maximumAttempts: 1)
            for _ in 0..<3 {
                let job = try #require(try await queue.claim(holder: "agency"))
                #expect(job.attempt == 1)
                try await queue.store.snooze(job, delay: .zero, on: queue.pool)
            }
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.snooze(job, delay: .seconds(60), on: queue.pool)
            #expect(try await queue.look(enqueued.alias)?.state == .scheduled)
        }
    }

    @Test func batchCompletesWhatIsStillHeld() async throws {
        try await withQueue { queue in
            for number in 1...3 { try await queue.enqueue(number) }
            let worker = try await queue.register()
            let jobs = try await queue.workers.claim(
                queue: QueueFixture.queue, limit: 3, worker: worker, on: queue.pool)
            try await queue.endLease(of: jobs[1])
            #expect(try await queue.workers.complete(jobs, on: queue.pool) == [jobs[0].id, jobs[2].id])
            #expect(try await queue.look(jobs[0].alias)?.state == .completed)
            #expect(try await queue.look(jobs[1].alias)?.state == .running)
        }
    }

    @Test func effectAndCompletionCommitTogetherOrNotAtAll() async throws {
        try await withQueue { queue in
            struct Failed: Error {}
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            await #expect(throws: Failed.self) {
                try await queue.pool.withTransaction("test_effect") { transaction in
                    try await queue.store.complete(job, on: transaction)
                    throw Failed()
                }
            }
            #expect(try await queue.look(enqueued.alias)?.state == .running)
            try await queue.pool.withTransaction("test_effect") { try await queue.store.complete(job, on: $0) }
            #expect(try await queue.look(enqueued.alias)?.state == .completed)
        }
    }

    /// Whoever works inside the lease has the row to the end of the transaction: the rescuer passes it by.
    @Test func aHeldLeaseIsNotTakenBackUnderTheTransaction() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let worker = try await queue.register()
            let job = try #require(try await queue.claim(worker: worker))
            try await queue.pool.withTransaction("test_held") { transaction in
                try await queue.store.hold(job, in: transaction)
                try await queue.killWorker(worker)
                #expect(try await queue.rescue().isEmpty)
                try await queue.store.complete(job, on: transaction)
            }
            #expect(try await queue.look(enqueued.alias)?.state == .completed)
            #expect(try await queue.rescue().isEmpty)
        }
    }

    @Test func aLeaseIsFoundByItsAliasForItsHolderOnly() async throws {
        try await withQueue { queue in
            try await queue.enqueue(7)
            let job = try #require(try await queue.claim(holder: "agency"))
            func lease(_ holder: String, _ alias: UUID) async throws -> LeasedJob {
                try await queue.pool.withTransaction("test_lease") { transaction in
                    try await queue.store.lease(alias: alias, holder: holder, in: transaction)
                }
            }
            let found = try await lease("agency", job.leaseAlias)
            #expect(found.id == job.id)
            #expect(found.token == job.token)
            #expect(found.leaseAlias == job.leaseAlias)
            #expect(try found.decode(ProbeArguments.self) == ProbeArguments(number: 7))
            #expect(await refusal { _ = try await lease("another", job.leaseAlias) } == .leaseLost)
            #expect(await refusal { _ = try await lease("agency", UUID()) } == .leaseLost)
            try await queue.endLease(of: job)
            #expect(await refusal { _ = try await lease("agency", job.leaseAlias) } == .leaseLost)
        }
    }

    @Test func extendingNeverShortens() async throws {
        try await withQueue { queue in
            try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency", leaseFor: .seconds(600)))
            let end = try #require(job.leaseExpiresAt)
            #expect(try await queue.store.extend(job, by: .seconds(1), on: queue.pool) == end)
            #expect(try await queue.store.extend(job, by: .seconds(1200), on: queue.pool) > end)
        }
    }

    private static let complete = Statement(name: "test_complete", "SELECT queue.complete($1, $2, $3)")
}
