import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// Invariant 12: rows that change all the time cost no more to find, however many versions an old snapshot keeps of them.
struct OldSnapshotTests {
    @Test func beatsAndLimitsAreFoundAtTheEndOfTheirIndex() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            let name = QueueFixture.queue.rawValue
            try await queue.pool.execute(Self.setLimit, name)
            try await queue.pool.withTransaction("test_old_snapshot", isolation: .repeatableRead) { transaction in
                try await transaction.execute(Self.look)
                // Each in a transaction of its own: what one transaction makes and unmakes leaves nothing behind.
                try await queue.pool.execute(Self.workOften(worker, name))
                let versions = try await queue.pool.execute(Self.pages).map { try $0.decode(Int64.self) }
                #expect(versions.allSatisfy { $0 > 10 }, "there is something to walk through: \(versions)")
                // Blocks read: the index from its root, and the pages of few versions.
                #expect(try await Self.blocks(Self.findWorker, worker, queue) < 12)
                #expect(try await Self.blocks(Self.findLimit, name, queue) < 12)
                #expect(try await Self.blocks(Self.readPermits, name, queue) < 12)
            }
        }
    }

    private static func blocks(
        _ statement: Statement, _ value: any PostgresEncodable, _ queue: QueueFixture
    ) async throws -> Int {
        let plan = try await queue.pool.withConnection { connection in
            try await connection.execute(Self.noSeqscan)
            return try await connection.execute(statement, parameters: [value]).first?.decode(PostgresJSON.self).text
        }
        struct Explained: Decodable {
            struct Node: Decodable {
                let hit: Int
                let read: Int
                enum CodingKeys: String, CodingKey {
                    case hit = "Shared Hit Blocks"
                    case read = "Shared Read Blocks"
                }
            }
            let plan: Node
            enum CodingKeys: String, CodingKey { case plan = "Plan" }
        }
        let explained = try JSONDecoder().decode([Explained].self, from: Data((plan ?? "[]").utf8))
        let node = try #require(explained.first?.plan)
        return node.hit + node.read
    }

    private static let look = Statement(name: "test_look", "SELECT count(*) FROM queue.worker")
    private static let noSeqscan = Statement(name: "test_no_seqscan", "SET enable_seqscan = off")
    private static let setLimit = Statement(name: "test_wide_limit", "SELECT queue.set_limit($1, 1000, 1000000)")
    /// DO takes no values; these are of our own making.
    private static func workOften(_ worker: UUID, _ name: String) -> Statement {
        Statement(
            name: "test_work_often",
            unchecked: """
                DO $$
                DECLARE
                    v_job record;
                BEGIN
                    PERFORM queue.enqueue_many('\(name)', 'probe', array_fill('{}'::jsonb, ARRAY[1500]));
                    COMMIT;
                    FOR i IN 1..1500 LOOP
                        PERFORM queue.beat('\(worker)', 0, false, '1 hour', true);
                        COMMIT;
                        SELECT * INTO v_job FROM queue.claim('\(name)', 1, '\(worker)');
                        COMMIT;
                        PERFORM queue.complete_many(ARRAY[v_job.id], ARRAY[v_job.lease_epoch], ARRAY[v_job.lease_number]);
                        COMMIT;
                    END LOOP;
                END
                $$
                """)
    }

    private static let pages = Statement(
        name: "test_pages",
        """
        SELECT pg_relation_size(r) / 8192 FROM unnest(ARRAY['queue.worker', 'queue.queue_limit']::regclass[]) AS r
        """)
    private static let findWorker = Statement(
        name: "test_find_worker",
        """
        EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
        SELECT expires_at FROM queue.worker WHERE id = $1 ORDER BY zero DESC LIMIT 1
        """)
    private static let findLimit = Statement(
        name: "test_find_limit",
        """
        EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
        SELECT running FROM queue.queue_limit WHERE queue = $1 ORDER BY zero DESC LIMIT 1
        """)
    private static let readPermits = Statement(
        name: "test_read_permits",
        """
        EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
        SELECT change FROM queue.permit
        WHERE queue = $1 AND number > (
            SELECT read_to FROM queue.queue_limit WHERE queue = $1 ORDER BY zero DESC LIMIT 1)
        """)
}
