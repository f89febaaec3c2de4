import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct RetentionTests {
    /// Finished jobs of a month that is over, one of each of three kinds.
    private func prepare(_ queue: QueueFixture) async throws {
        try await queue.pool.execute(Self.month)
        try await queue.pool.execute(Self.own)
        try await queue.pool.execute(Self.jobs)
    }

    private func kinds(_ queue: QueueFixture) async throws -> [String] {
        try await queue.pool.execute(Self.kinds).map { try $0.decode(String.self) }
    }

    @Test func aKindIsKeptLongerThanTheRest() async throws {
        try await withQueue { queue in
            try await self.prepare(queue)
            try await queue.pool.execute(Self.keep, "long", PostgresInterval(.seconds(86_400 * 36_500)))
            try await queue.pool.execute(Self.keep, "short", PostgresInterval(.seconds(86_400)))
            #expect(try await self.kinds(queue) == ["long", "rest", "short"])
            #expect(try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool) == 1)
            #expect(try await self.kinds(queue) == ["long"])
            // Its month in which it goes is ahead: it stays, however often the history is maintained.
            #expect(try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool) == 0)
            #expect(try await self.kinds(queue) == ["long"])
        }
    }

    @Test func aKeptJobGoesWhenItsOwnTimeIsOver() async throws {
        try await withQueue { queue in
            try await self.prepare(queue)
            try await queue.pool.execute(Self.keep, "long", PostgresInterval(.seconds(86_400 * 36_500)))
            _ = try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool)
            // As if a century had passed.
            try await queue.pool.execute(Self.renameKept)
            #expect(try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool) == 1)
            #expect(try await self.kinds(queue).isEmpty)
        }
    }

    @Test func anEndedTimeOrNoneIsAsLongAsTheRest() async throws {
        try await withQueue { queue in
            try await self.prepare(queue)
            try await queue.pool.execute(Self.keep, "long", PostgresInterval(.seconds(86_400 * 36_500)))
            try await queue.pool.execute(Self.keep, "long", Optional<PostgresInterval>.none)
            _ = try await queue.workers.maintainHistory(keep: .seconds(86_400 * 90), on: queue.pool)
            #expect(try await self.kinds(queue).isEmpty)
            await #expect(throws: PostgresError.self) {
                try await queue.pool.execute(Self.keep, "long", PostgresInterval(.zero))
            }
        }
    }

    private static let month = Statement(
        name: "test_month",
        """
        CREATE TABLE queue.job_history_202001 PARTITION OF queue.job_history
        FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00')
        """)
    private static let own = Statement(
        name: "test_own_month", "ALTER TABLE queue.job_history_202001 OWNER TO dandelion_owner")
    private static let jobs = Statement(
        name: "test_old_jobs",
        """
        INSERT INTO queue.job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, finished_at, errors)
        SELECT n, gen_random_uuid(), 'probes', (ARRAY['long', 'rest', 'short'])[n], '{}', 4, 'completed', 1, 25,
            '2020-01-10Z', '2020-01-10Z', '[]'
        FROM generate_series(1, 3) AS n
        """)
    private static let kinds = Statement(name: "test_kinds", "SELECT kind FROM queue.job_overview ORDER BY kind")
    private static let keep = Statement(name: "test_keep", "SELECT queue.set_retention($1, $2)")
    private static let renameKept = Statement(
        name: "test_rename_kept",
        """
        DO $$
        DECLARE v_name text;
        BEGIN
            SELECT c.relname INTO STRICT v_name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'queue.job_kept'::regclass;
            EXECUTE format('ALTER TABLE queue.%I RENAME TO job_kept_202101', v_name);
        END $$
        """)
}
