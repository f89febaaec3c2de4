import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

extension QueueFixture {
    /// How many jobs are in the history as completed.
    func finished() async throws -> Int {
        let count = try await self.pool.execute(Self.completedJobs).first?.decode(Int64.self)
        return Int(count ?? 0)
    }

    private static let completedJobs = Statement(
        name: "test_completed", "SELECT count(*) FROM queue.job_history WHERE state = 'completed'")
}

struct SettleTests {
    @Test func aFailedAttemptIsTriedAgainWhenItsTimeHasCome() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            let state = try await queue.store.fail(job, code: "smtp_down", retryAfter: .seconds(60), on: queue.pool)
            #expect(state == "retryable")
            #expect(try await queue.look(enqueued.alias)?.state == .retryable)
            #expect(try await queue.workers.promoteDue(limit: 10, on: queue.pool).isEmpty)
            #expect(try await queue.claim(holder: "agency") == nil)
            try await queue.makeDue(job.id)
            #expect(try await queue.workers.promoteDue(limit: 10, on: queue.pool) == [QueueFixture.queue: 1])
            let again = try #require(try await queue.claim(holder: "agency"))
            #expect(again.id == job.id)
            #expect(again.attempt == 2)
            let seen = try #require(try await queue.look(enqueued.alias))
            #expect(seen.errors == [QueueFixture.Seen.Failure(attempt: 1, code: "smtp_down")])
        }
    }

    @Test func promotingIsPerQueueAndWithinTheLimit() async throws {
        try await withQueue { queue in
            for number in 0..<5 {
                let job = try await queue.enqueue(
                    number, queue: number < 3 ? "a" : "b", scheduledAt: Date().addingTimeInterval(60))
                try await queue.makeDue(job.id)
            }
            try await queue.enqueue(9, queue: "a", scheduledAt: Date().addingTimeInterval(60))
            let first = try await queue.workers.promoteDue(limit: 2, on: queue.pool)
            #expect(first.values.reduce(0, +) == 2)
            let second = try await queue.workers.promoteDue(limit: 10, on: queue.pool)
            #expect(first.merging(second, uniquingKeysWith: +) == ["a": 3, "b": 2])
            #expect(try await queue.workers.promoteDue(limit: 10, on: queue.pool).isEmpty)
        }
    }

    @Test func theLastFailureMakesADeadLetterThatCanBeBroughtBack() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(3, maximumAttempts: 2, uniqueKey: "k")
            for expected in ["retryable", "discarded"] {
                let job = try #require(try await queue.claim(holder: "agency"))
                #expect(try await queue.store.fail(job, code: "broken", retryAfter: .zero, on: queue.pool) == expected)
            }
            let dead = try #require(try await queue.look(enqueued.alias))
            #expect(dead.state == .discarded)
            #expect(dead.attempt == 2)
            #expect(dead.code == "broken")
            try await Self.retry(enqueued.alias, queue)
            let back = try #require(try await queue.look(enqueued.alias))
            #expect(back.state == .available)
            #expect(back.attempt == 0)
            #expect(back.errors.count == 2)
            let job = try #require(try await queue.claim(holder: "agency"))
            #expect(job.id == enqueued.id)
            #expect(try job.decode(ProbeArguments.self).number == 3)
        }
    }

    @Test func aDeadLetterWhoseKeyIsTakenStaysDead() async throws {
        try await withQueue { queue in
            let dead = try await queue.enqueue(uniqueKey: "k")
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.discard(job, code: "broken", on: queue.pool)
            let live = try await queue.enqueue(uniqueKey: "k")
            #expect(live.isNew)
            let error = await #expect(throws: PostgresError.self) { try await Self.retry(dead.alias, queue) }
            #expect(error?.sqlState == "23505")
            #expect(try await queue.look(dead.alias)?.state == .discarded)
        }
    }

    @Test func onlyDeadLettersAndCancelledJobsComeBack() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let live = await #expect(throws: PostgresError.self) { try await Self.retry(enqueued.alias, queue) }
            #expect(live?.sqlState == "DQ002")
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.complete(job, on: queue.pool)
            let done = await #expect(throws: PostgresError.self) { try await Self.retry(enqueued.alias, queue) }
            #expect(done?.sqlState == "DQ002")
        }
    }

    @Test func aFinishedJobIsInTheHistoryOnceAndNoLongerInTheTable() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(5)
            let worker = try await queue.register()
            let job = try #require(try await queue.claim(worker: worker))
            try await queue.store.complete(job, on: queue.pool)
            let row = try #require(try await queue.pool.execute(Self.history, enqueued.id.rawValue).first)
            let (live, kept, state, number, holder, isTimed) = try row.decode(
                (Int64, Int64, String, Int64, UUID, Bool).self)
            #expect(live == 0)
            #expect(kept == 1)
            #expect(state == "completed")
            #expect(number == job.token.number)
            #expect(holder == worker)
            #expect(isTimed)
        }
    }

    @Test func twentyFailuresAreRemembered() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue(maximumAttempts: 100)
            for number in 1...25 {
                let job = try #require(try await queue.claim(holder: "agency"))
                _ = try await queue.store.fail(job, code: "f\(number)", retryAfter: .zero, on: queue.pool)
            }
            let seen = try #require(try await queue.look(enqueued.alias))
            #expect(seen.errors.count == 20)
            #expect(seen.errors.last == QueueFixture.Seen.Failure(attempt: 25, code: "f25"))
        }
    }

    @Test func historyIsKeptInMonthsThatAreDropped() async throws {
        try await withQueue { queue in
            try await queue.pool.execute(Self.oldMonth)
            try await queue.pool.execute(Self.ownOldMonth)
            #expect(try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool) == 1)
            #expect(try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool) == 0)
            let months = try await queue.pool.execute(Self.months).first?.decode(Int64.self)
            #expect(months == 3)
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.complete(job, on: queue.pool)
            #expect(try await queue.look(enqueued.alias)?.isFinished == true)
        }
    }

    private static func retry(_ alias: UUID, _ queue: QueueFixture) async throws {
        try await queue.pool.execute(self.retryByAlias, alias)
    }

    private static let retryByAlias = Statement(name: "test_retry", "SELECT queue.retry($1)")
    private static let history = Statement(
        name: "test_history",
        """
        SELECT (SELECT count(*) FROM queue.job WHERE id = $1), (SELECT count(*) FROM queue.job_history WHERE id = $1),
            state, lease_number, worker_id, finished_at >= attempted_at AND attempted_at >= created_at
        FROM queue.job_history WHERE id = $1
        """)
    private static let oldMonth = Statement(
        name: "test_old_month",
        """
        CREATE TABLE queue.job_history_202001 PARTITION OF queue.job_history
        FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00')
        """)
    private static let ownOldMonth = Statement(
        name: "test_own_old_month", "ALTER TABLE queue.job_history_202001 OWNER TO dandelion_owner")
    private static let months = Statement(
        name: "test_months",
        "SELECT count(*) FROM pg_class WHERE relname ~ '^job_history_[0-9]{6}$' AND relnamespace = 'queue'::regnamespace"
    )
}
