import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// Jobs of several queues and kinds in one statement are the jobs that each alone would be.
@Suite struct EnqueueEachTests {
    private func requests() throws -> [JobRequest] {
        [
            try JobRequest(ProbeArguments(number: 1), queue: "one", priority: 2),
            try JobRequest(ProbeArguments(number: 2), queue: "two", maximumAttempts: 3, uniqueKey: "a"),
            try JobRequest(ProbeArguments(number: 3), queue: "one", uniqueKey: "b"),
        ]
    }

    private func post(_ requests: [JobRequest], on queue: QueueFixture) async throws {
        try await queue.pool.withTransaction("test_each") { try queue.store.post(requests, in: $0) }
    }

    private func jobs(_ queue: QueueFixture) async throws -> [String] {
        try await queue.pool.execute(Self.look).map { try $0.decode(String.self) }
    }

    @Test func eachIsAsItWouldBeAlone() async throws {
        var alone: [String] = []
        try await withQueue { queue in
            for request in try self.requests() {
                try await queue.pool.withTransaction("test_one") { try queue.store.post(request, in: $0) }
            }
            alone = try await self.jobs(queue)
        }
        try await withQueue { queue in
            try await self.post(try self.requests(), on: queue)
            #expect(try await self.jobs(queue) == alone)
            #expect(alone.count == 3)
        }
    }

    @Test func aKeyThatALiveJobHoldsKeepsItsJobOutAndNoOther() async throws {
        try await withQueue { queue in
            let held = try await queue.enqueue(7, uniqueKey: "a")
            let two = [
                try JobRequest(ProbeArguments(number: 8), queue: QueueFixture.queue, uniqueKey: "c"),
                try JobRequest(ProbeArguments(number: 9), queue: QueueFixture.queue, uniqueKey: "c"),
            ]
            try await self.post(try self.requests() + two, on: queue)
            #expect(try await self.jobs(queue).count == 4, "one of the two with the same key, and not the held one")
            #expect(try await queue.look(held.alias)?.state == .available)
        }
    }

    /// A key that a job left behind when it went away otherwise than by its end holds nobody up.
    @Test func aKeyOfAJobThatIsGoneIsTaken() async throws {
        try await withQueue { queue in
            try await queue.enqueue(7, uniqueKey: "a")
            try await queue.pool.execute(Self.lose)
            try await self.post(try self.requests(), on: queue)
            #expect(try await self.jobs(queue).count == 3)
        }
    }

    @Test(arguments: [
        "ARRAY['q', ''], ARRAY['k', 'k'], ARRAY['{}', '{}']::jsonb[], ARRAY[4, 4]",
        "ARRAY['q', 'q'], ARRAY['k', NULL], ARRAY['{}', '{}']::jsonb[], ARRAY[4, 4]",
        "ARRAY['q', 'q'], ARRAY['k', 'k'], ARRAY['{}', '{}']::jsonb[], ARRAY[4, 10]",
        "ARRAY['q', 'q'], ARRAY['k', 'k'], ARRAY['{}', '{}']::jsonb[], ARRAY[4]",
        "ARRAY['q', 'q'], ARRAY['k', 'k'], ARRAY['{}', '{}']::jsonb[], ARRAY[4, 4], NULL, ARRAY[1, 0]",
    ])
    func oneThatIsOutOfRangeRefusesAll(arguments: String) async throws {
        try await withQueue { queue in
            let statement = Statement(name: "test_each_bad", unchecked: "SELECT queue.enqueue_each(\(arguments))")
            let error = await #expect(throws: PostgresError.self) { try await queue.pool.execute(statement) }
            #expect(error.flatMap(JobQueueError.init)?.code == .badArgument)
            let left = try await self.jobs(queue)
            #expect(left.isEmpty)
        }
    }

    @Test func whatIsToWaitWaits() async throws {
        try await withQueue { queue in
            let rows = try await queue.pool.execute(Self.later)
            #expect(try rows.first?.decode(Int64.self) == 2)
            #expect(try await self.jobs(queue).allSatisfy { $0.contains("scheduled") })
            #expect(try await queue.claim(holder: "agency") == nil)
        }
    }

    private static let look = Statement(
        name: "test_each_look",
        """
        SELECT concat_ws(' ', queue, kind, args ->> 'number', priority, state, max_attempts, unique_key, attempt)
        FROM queue.job ORDER BY queue, args ->> 'number'
        """)
    private static let lose = Statement(name: "test_each_lose", "DELETE FROM queue.job_ready")
    private static let later = Statement(
        name: "test_each_later",
        """
        SELECT queue.enqueue_each(ARRAY['test', 'test'], ARRAY['probe', 'probe'], ARRAY['{}', '{}']::jsonb[], ARRAY[4, 4],
            clock_timestamp() + interval '1 hour')
        """)
}
