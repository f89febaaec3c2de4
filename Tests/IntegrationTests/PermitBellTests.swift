import FoundationEssentials
import Glibc
import PostgresClient
import TestSupport
import Testing

/// The end of a limited queue's job in one process is heard by a worker in another that found no room.
@Suite(.serialized) struct PermitBellTests {
    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func roomMadeByOneProcessIsTakenByAnother(inTransaction: Bool) async throws {
        // A worker also looks with each beat. When one beats in just that moment, nothing is shown, and it is tried again.
        var wasRung = false
        for _ in 1...4 where !wasRung {
            try await withTestDatabase { database in
                wasRung = try await Self.isRung(database, inTransaction ? ["--effects"] : [])
            }
        }
        #expect(wasRung)
    }

    /// Whether the second process took the job without having beaten since there was room.
    private static func isRung(_ database: TestDatabase, _ options: [String]) async throws -> Bool {
        func worker(_ arguments: String...) throws -> ServiceProcess {
            try ServiceProcess(
                "dandelion",
                arguments: ["bench", "queue-worker", "--database", database.dsn, "--slots", "1"] + options + arguments)
        }
        try await database.pool.execute(Self.createEffects)
        try await database.pool.execute(Self.limit)
        try await database.pool.execute(Self.enqueue, Int64(1))
        let first = try worker("--work", "4000")
        try await eventually("the first job runs", timeout: .seconds(30)) {
            try await database.pool.execute(Self.running).first?.decode(Int64.self) == 1
        }
        let second = try worker("--work", "0")
        try await eventually("the second process works too", timeout: .seconds(30)) {
            try await database.pool.execute(Self.workers).first?.decode(Int64.self) == 2
        }
        try await database.pool.execute(Self.enqueue, Int64(2))
        // It finishes its job and takes no other.
        first.terminate()
        let wasRung = try await eventuallySome(
            "the second job is done", timeout: .seconds(60), every: .milliseconds(20)
        ) {
            try await database.pool.execute(Self.wasRung).first?.decode(Bool.self)
        }
        #expect(try await first.waitForExit(timeout: .seconds(30)) == .status(0))
        second.terminate()
        #expect(try await second.waitForExit(timeout: .seconds(30)) == .status(0))
        return wasRung
    }

    private static let createEffects = Statement(
        name: "permit_effects", "CREATE TABLE IF NOT EXISTS public.bench_effect (n bigint NOT NULL)")
    private static let limit = Statement(name: "permit_limit", "SELECT queue.set_limit('bench-0', 1)")
    private static let enqueue = Statement(
        name: "permit_enqueue",
        "SELECT queue.enqueue_many('bench-0', 'bench', ARRAY[jsonb_build_object('n', $1::bigint)])")
    private static let running = Statement(
        name: "permit_running", "SELECT count(*) FROM queue.job WHERE state = 'running'")
    private static let workers = Statement(name: "permit_workers", "SELECT count(*) FROM queue.worker")
    /// No row until the second job is done: then whether its worker has not beaten between the end of the first and its claim.
    private static let wasRung = Statement(
        name: "permit_rung",
        """
        SELECT b.worker_id <> a.worker_id AND NOT EXISTS (
            SELECT 1 FROM queue.worker AS w
            WHERE w.id = b.worker_id AND w.seen_at > a.finished_at AND w.seen_at <= b.attempted_at)
        FROM queue.job_history AS a, queue.job_history AS b
        WHERE (a.args ->> 'n')::int = 1 AND (b.args ->> 'n')::int = 2
        """)
}
