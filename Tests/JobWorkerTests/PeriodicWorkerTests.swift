import JobQueue
import JobTypes
import JobWorker
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

struct PeriodicWorkerTests {
    /// Three whole workers, each of which knows the schedule and stands for election; the leader is the one that fires.
    @Test func aFleetFiresEachTimeOnce() async throws {
        try await withTestDatabase(maximumConnections: 8) { database in
            let periodic = try PeriodicJob(
                "each-second", Schedule("every 1s"), catchUp: .all(limit: 100), Errand(name: "tick"),
                queue: WorkerFixture.queue)
            let handler = ErrandHandler { _, _ in .completed }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await WorkerFixture(database).withWorker(handler, periodic: [periodic]) {
                            try await eventually("four times have fired", timeout: .seconds(40)) {
                                try await database.pool.execute(Self.fired).first?.decode(Int64.self) ?? 0 >= 4
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            // Each nominal time at most once, none left out between the first and the last.
            let row = try #require(try await database.pool.execute(Self.times).first)
            let (jobs, times, span) = try row.decode((Int64, Int64, Int64).self)
            #expect(jobs == times)
            #expect(times == span + 1)
        }
    }

    private static let fired = Statement(name: "test_fired", "SELECT fired FROM queue.periodic")
    private static let times = Statement(
        name: "test_times",
        """
        SELECT count(*), count(DISTINCT args ->> 'nominal_at'),
            extract(epoch FROM max((args ->> 'nominal_at')::timestamptz)
                - min((args ->> 'nominal_at')::timestamptz))::int8
        FROM queue.job_overview WHERE kind = 'errand'
        """)
}
