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
                try await queue.pool.execute(Self.beatOften, worker)
                for _ in 0..<10 {
                    try await queue.pool.execute(Self.enqueueMany, name)
                    try await queue.pool.execute(Self.workAll, name, worker)
                }
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
    private static let beatOften = Statement(
        name: "test_beat_often",
        "SELECT count(queue.beat($1, 0, false, '1 hour', true)) FROM generate_series(1, 2000)")
    private static let enqueueMany = Statement(
        name: "test_enqueue_200",
        "SELECT queue.enqueue_many($1, 'probe', array_fill('{}'::jsonb, ARRAY[200]))")
    private static let workAll = Statement(
        name: "test_work_all",
        """
        SELECT count(*) FROM generate_series(1, 200) AS n, LATERAL (
            SELECT array_agg(c.id) AS ids, array_agg(c.lease_epoch) AS epochs, array_agg(c.lease_number) AS numbers
            FROM queue.claim($1, 1 + n * 0, $2) AS c
        ) AS claimed, LATERAL (
            SELECT count(*) FROM queue.complete_many(claimed.ids, claimed.epochs, claimed.numbers)
        ) AS done
        """)
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
