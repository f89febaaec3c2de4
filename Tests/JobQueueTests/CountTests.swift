import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// Depth and lag without a counter: exact to a thousand jobs of a lane, estimated from samples above.
struct CountTests {
    private struct Stats: Equatable {
        var available: Int64 = 0
        var scheduled: Int64 = 0
        var running: Int64 = 0
        var retryable: Int64 = 0
        var isExact = true
    }

    private func stats(_ name: String, _ queue: QueueFixture) async throws -> Stats {
        let row = try #require(try await queue.pool.execute(Self.stats, [name]).first)
        let (available, scheduled, running, retryable, isExact) = try row.decode(
            (Int64, Int64, Int64, Int64, Bool).self)
        return Stats(
            available: available, scheduled: scheduled, running: running, retryable: retryable, isExact: isExact)
    }

    private func fill(_ queue: QueueFixture, _ name: String, _ count: Int, priority: Int = 4) async throws {
        try await queue.pool.execute(Self.fill, name, Int32(count), Int32(priority))
    }

    /// Whatever happens to jobs, the numbers are those of a count.
    @Test func smallNumbersAreThoseOfACount() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            var random = SystemRandomNumberGenerator()
            for step in 0..<120 {
                switch Int.random(in: 0..<9, using: &random) {
                case 0...3:
                    try await queue.enqueue(step, priority: Int.random(in: 0...9, using: &random))
                case 4: try await queue.enqueue(step, scheduledAt: Date(timeIntervalSinceNow: 3600))
                case 5: _ = try await queue.claim(holder: "agency")
                default:
                    guard let job = try await queue.claim(worker: worker) else { continue }
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0: try await queue.store.fail(job, code: "x", retryAfter: .seconds(60), on: queue.pool)
                    case 1: try await queue.store.snooze(job, delay: .zero, on: queue.pool)
                    case 2: try await queue.store.discard(job, code: "x", on: queue.pool)
                    case 3: try await queue.store.complete(job, on: queue.pool)
                    default: break  // It goes on running.
                    }
                }
                if step % 10 == 0 {
                    _ = try await queue.workers.compactClaims(worker, after: nil, on: queue.pool)
                }
                let counted = try #require(try await queue.pool.execute(Self.count, "probes").first)
                let (available, scheduled, running, retryable) = try counted.decode((Int64, Int64, Int64, Int64).self)
                let seen = try await self.stats("probes", queue)
                #expect(
                    seen
                        == Stats(available: available, scheduled: scheduled, running: running, retryable: retryable),
                    "after step \(step)")
            }
        }
    }

    /// Lanes that are filled alone, by turns with others, and in clumps. Above a thousand the numbers are estimates.
    @Test func largeNumbersAreEstimatedClosely() async throws {
        try await withQueue { queue in
            try await self.fill(queue, "alone", 20_000)
            for _ in 0..<40 {
                try await self.fill(queue, "turns", 250)
                try await self.fill(queue, "others", 250)
            }
            try await self.fill(queue, "clumps", 6_000)
            try await self.fill(queue, "others", 30_000)
            try await self.fill(queue, "clumps", 10)
            try await self.fill(queue, "others", 30_000)
            try await self.fill(queue, "clumps", 4_000)
            for (name, count, error) in [("alone", 20_000, 0.02), ("turns", 10_000, 0.2), ("clumps", 10_010, 0.2)] {
                let seen = try await self.stats(name, queue)
                #expect(!seen.isExact)
                let difference = abs(Double(seen.available) - Double(count)) / Double(count)
                #expect(difference <= error, "\(name): \(seen.available) for \(count)")
            }
            // The front is claimed and ended: what is left is what is told.
            let worker = try await queue.register()
            for _ in 0..<10 {
                let jobs = try await queue.workers.claim(
                    queue: "alone", limit: 1000, worker: worker, on: queue.pool)
                #expect(jobs.count == 1000)
                _ = try await queue.workers.complete(jobs, on: queue.pool)
            }
            let seen = try await self.stats("alone", queue)
            #expect(abs(Double(seen.available) - 10_000) <= 500)
        }
    }

    @Test func deferredJobsAreEstimatedToo() async throws {
        try await withQueue { queue in
            // All at one moment, as an import does.
            try await queue.pool.execute(Self.fillDeferred, Int32(15_000))
            let seen = try await self.stats("probes", queue)
            #expect(!seen.isExact)
            #expect(abs(Double(seen.scheduled) - 15_000) <= 300)
            #expect(seen.retryable == 0)
        }
    }

    /// Invariant 12: what a look reads does not grow with what waits.
    @Test func aLookReadsTheSameWhateverWaits() async throws {
        try await withQueue { queue in
            func read() async throws -> Int64 {
                let row = try await queue.pool.withTransaction("test_look") { transaction in
                    _ = try await transaction.execute(Self.stats, ["probes"])
                    return try await transaction.execute(Self.rowsRead).first
                }
                return try #require(try row?.decode(Int64.self))
            }
            try await self.fill(queue, "probes", 5_000)
            let few = try await read()
            try await self.fill(queue, "probes", 95_000)
            let many = try await read()
            #expect(few > 1000)
            #expect(many < 30_000, "a look read \(many) rows of 100,000")
        }
    }

    @Test func theLagIsTheAgeOfTheFirstJob() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(1)
            try await queue.enqueue(2, priority: 0)
            try await queue.pool.execute(Self.age, first.id.rawValue)
            let lag = try await queue.pool.execute(Self.lag).first?.decode(Double.self)
            #expect(abs((lag ?? 0) - 300) < 30)
        }
    }

    /// Queues are found whoever knows of them, and one that nobody ever claimed from as well.
    @Test func everyQueueIsFound() async throws {
        try await withQueue { queue in
            try await queue.enqueue(queue: "b")
            try await queue.enqueue(queue: "中文")
            try await queue.enqueue(queue: "a.1")
            try await queue.enqueue(queue: "zz", scheduledAt: Date(timeIntervalSinceNow: 600))
            _ = try await queue.register()
            try await queue.pool.execute(Self.pause)
            let names = try await queue.pool.execute(Self.names).map { try $0.decode(String.self) }
            #expect(names == ["a.1", "b", "paused", "probes", "zz", "中文"])
        }
    }

    private static let stats = Statement(
        name: "test_stats", "SELECT available, scheduled, running, retryable, is_exact FROM queue.stats($1)")
    private static let count = Statement(
        name: "test_count",
        """
        SELECT count(*) FILTER (WHERE state = 'available'), count(*) FILTER (WHERE state = 'scheduled'),
            count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'retryable')
        FROM queue.job WHERE queue = $1
        """)
    private static let fill = Statement(
        name: "test_fill",
        "SELECT queue.enqueue_many($1, 'probe', array_fill('{\"number\": 1}'::jsonb, ARRAY[$2]), $3)")
    private static let fillDeferred = Statement(
        name: "test_fill_deferred",
        """
        SELECT count(*) FROM generate_series(1, $1) AS n, LATERAL (
            SELECT id FROM queue.enqueue('probes', 'probe', '{}', 4, '2040-01-01Z'::timestamptz + n * interval '0')) AS e
        """)
    private static let rowsRead = Statement(
        name: "test_rows_read",
        """
        SELECT (pg_stat_get_xact_tuples_fetched('queue.job_ready'::regclass)
            + pg_stat_get_xact_tuples_returned('queue.job_ready'::regclass)
            + pg_stat_get_xact_tuples_returned('queue.job_ready_lane'::regclass))::int8
        """)
    private static let age = Statement(
        name: "test_age", "UPDATE queue.job SET scheduled_at = clock_timestamp() - interval '300 s' WHERE id = $1")
    private static let lag = Statement(
        name: "test_lag",
        """
        SELECT extract(epoch FROM clock_timestamp() - oldest_available_at)::float8 FROM queue.queue_overview
        WHERE queue = 'probes'
        """)
    private static let pause = Statement(name: "test_pause_queue", "SELECT queue.pause('paused')")
    private static let names = Statement(
        name: "test_names", "SELECT queue FROM queue.queue_overview ORDER BY queue COLLATE \"C\"")
}
