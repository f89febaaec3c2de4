import FoundationEssentials
import Glibc
import PostgresClient
import TestSupport
import Testing

/// Invariant 3 with real processes: a worker that stands still loses its leases and finds every door shut when it goes on;
/// a dead one's leases are back within ten seconds; a live one's are never taken.
@Suite(.serialized) struct StoppedWorkerTests {
    @Test func aStoppedWorkerFindsEveryDoorShutWhenItGoesOn() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(Self.createEffects)
            try await database.pool.execute(Self.enqueue, Int64(1))
            let stopped = try Self.worker(database, "--work", "2000")
            try await eventually("the job runs", timeout: .seconds(30)) { try await Self.running(database) == 1 }
            stopped.send(SIGSTOP)
            let first = try #require(try await Self.worker(of: 1, database))
            // Another worker takes the job over once the first is given up, and does it.
            let other = try Self.worker(database, "--work", "10")
            try await eventually("the job is done by another", timeout: .seconds(60)) {
                try await Self.completed(database) == 1
            }
            let second = try #require(try await Self.lastWorker(database))
            #expect(second != first)
            stopped.send(SIGCONT)
            // It comes back under a new name, its effect refused, and works again.
            try await eventually("it registers anew", timeout: .seconds(60)) {
                try await Self.workers(database) == 2
            }
            other.terminate()
            #expect(try await other.waitForExit() == .status(0))
            try await database.pool.execute(Self.enqueue, Int64(2))
            try await eventually("it works again", timeout: .seconds(60)) { try await Self.completed(database) == 2 }
            #expect(try await Self.effects(database) == [1, 2], "no effect is committed twice")
            stopped.terminate()
            #expect(try await stopped.waitForExit() == .status(0))
            #expect(try await Self.effects(database) == [1, 2])
        }
    }

    @Test func aDeadWorkersLeasesComeBackWithinTenSecondsAndALiveOnesNever() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(Self.createEffects)
            try await database.pool.execute(Self.enqueue, Int64(1))
            let live = try Self.worker(database, "--work", "16000", "--slots", "1")
            try await eventually("the first job runs", timeout: .seconds(30)) {
                try await Self.running(database) == 1
            }
            try await database.pool.execute(Self.enqueue, Int64(2))
            let dead = try Self.worker(database, "--work", "600000", "--slots", "1")
            try await eventually("the second job runs", timeout: .seconds(30)) {
                try await Self.running(database) == 2
            }
            let killed = try #require(try await database.pool.execute(Self.now).first).decode(Date.self)
            dead.kill()
            let back = try await eventuallySome("the dead worker's job is back", timeout: .seconds(30)) {
                try await database.pool.execute(Self.lost).first?.decode(Date.self)
            }
            #expect(back.timeIntervalSince(killed) < 10)
            // The live one has held its job all the while, longer than the time after which a silent one is dead.
            try await eventually("both are done", timeout: .seconds(90)) { try await Self.completed(database) == 2 }
            #expect(try await database.pool.execute(Self.attempts).map { try $0.decode(Int16.self) } == [1, 2])
            #expect(try await Self.effects(database) == [1, 2])
            live.terminate()
            #expect(try await live.waitForExit() == .status(0))
        }
    }

    // MARK: -

    private static func worker(_ database: TestDatabase, _ arguments: String...) throws -> ServiceProcess {
        try ServiceProcess(
            "dandelion", arguments: ["bench", "queue-worker", "--database", database.dsn, "--effects"] + arguments)
    }

    private static func count(_ statement: Statement, _ database: TestDatabase) async throws -> Int64 {
        try await database.pool.execute(statement).first?.decode(Int64.self) ?? 0
    }

    private static func running(_ database: TestDatabase) async throws -> Int64 {
        try await self.count(self.countRunning, database)
    }

    private static func completed(_ database: TestDatabase) async throws -> Int64 {
        try await self.count(self.countCompleted, database)
    }

    private static func workers(_ database: TestDatabase) async throws -> Int64 {
        try await self.count(self.countWorkers, database)
    }

    private static func worker(of number: Int64, _ database: TestDatabase) async throws -> UUID? {
        try await database.pool.execute(self.workerOf, number).first?.decode(UUID.self)
    }

    private static func lastWorker(_ database: TestDatabase) async throws -> UUID? {
        try await database.pool.execute(self.lastDone).first?.decode(UUID.self)
    }

    private static func effects(_ database: TestDatabase) async throws -> [Int64] {
        try await database.pool.execute(self.listEffects).map { try $0.decode(Int64.self) }
    }

    private static let createEffects = Statement(
        name: "test_create_bench_effect", "CREATE TABLE public.bench_effect (n bigint NOT NULL)")
    private static let enqueue = Statement(
        name: "test_enqueue_bench",
        "SELECT queue.enqueue_many('bench-0', 'bench', ARRAY[jsonb_build_object('n', $1::bigint)])")
    private static let countRunning = Statement(
        name: "test_bench_running", "SELECT count(*) FROM queue.job WHERE state = 'running'")
    private static let countCompleted = Statement(
        name: "test_bench_completed", "SELECT count(*) FROM queue.job_history WHERE state = 'completed'")
    private static let countWorkers = Statement(name: "test_bench_workers", "SELECT count(*) FROM queue.worker")
    private static let workerOf = Statement(
        name: "test_bench_worker_of", "SELECT worker_id FROM queue.job WHERE (args ->> 'n')::bigint = $1")
    private static let lastDone = Statement(
        name: "test_bench_last_done", "SELECT worker_id FROM queue.job_history ORDER BY finished_at DESC LIMIT 1")
    private static let listEffects = Statement(
        name: "test_bench_effects", "SELECT n FROM public.bench_effect ORDER BY n")
    private static let now = Statement(name: "test_bench_now", "SELECT clock_timestamp()")
    private static let lost = Statement(
        name: "test_bench_lost",
        """
        SELECT (e ->> 'at')::timestamptz FROM queue.job AS j, jsonb_array_elements(j.errors) AS e
        WHERE e ->> 'code' = 'lease_lost'
        """)
    private static let attempts = Statement(
        name: "test_bench_attempts", "SELECT attempt FROM queue.job_history ORDER BY id")
}
