import JobQueue
import PostgresClient
import Testing

/// The tables have no CHECK: the functions refuse what no claim could handle.
@Suite struct EnqueueRangeTests {
    static let refused: [Statement] = [
        Statement(name: "test_no_queue", "SELECT queue.enqueue('', 'k', '{}')"),
        Statement(name: "test_null_queue", "SELECT queue.enqueue(NULL, 'k', '{}')"),
        Statement(name: "test_long_queue", "SELECT queue.enqueue(repeat('x', 201), 'k', '{}')"),
        Statement(name: "test_no_kind", "SELECT queue.enqueue('q', '', '{}')"),
        Statement(name: "test_null_kind", "SELECT queue.enqueue('q', NULL, '{}')"),
        Statement(name: "test_low_priority", "SELECT queue.enqueue('q', 'k', '{}', -1)"),
        Statement(name: "test_high_priority", "SELECT queue.enqueue('q', 'k', '{}', 10)"),
        Statement(name: "test_null_priority", "SELECT queue.enqueue('q', 'k', '{}', NULL)"),
        Statement(name: "test_no_attempts", "SELECT queue.enqueue('q', 'k', '{}', p_max_attempts => 0)"),
        Statement(name: "test_many_attempts", "SELECT queue.enqueue('q', 'k', '{}', p_max_attempts => 40000)"),
        Statement(name: "test_many_no_queue", "SELECT queue.enqueue_many('', 'k', ARRAY['{}'::jsonb])"),
        Statement(name: "test_many_priority", "SELECT queue.enqueue_many('q', 'k', ARRAY['{}'::jsonb], 10)"),
    ]

    @Test(arguments: refused.indices) func whatIsOutOfRangeIsRefused(index: Int) async throws {
        try await withQueue { queue in
            let error = await #expect(throws: PostgresError.self) { try await queue.pool.execute(Self.refused[index]) }
            #expect(error.flatMap(JobQueueError.init)?.code == .badArgument, "\(Self.refused[index].name)")
            let rows = try await queue.pool.execute(Self.count)
            #expect(try rows.first?.decode(Int64.self) == 0)
        }
    }

    @Test func theLongestNamesAreTaken() async throws {
        try await withQueue { queue in
            try await queue.pool.execute(Self.longest)
            #expect(try await queue.pool.execute(Self.count).first?.decode(Int64.self) == 1)
        }
    }

    private static let longest = Statement(
        name: "test_longest", "SELECT queue.enqueue(repeat('维', 200), repeat('k', 200), '{}', 9, NULL, 32767)")
    private static let count = Statement(name: "test_count", "SELECT count(*) FROM queue.job")
}
