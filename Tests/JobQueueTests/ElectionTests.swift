import FoundationEssentials
import JobQueue
import PostgresClient
import TestSupport
import Testing

struct ElectionTests {
    @Test func oneOfTwentyCandidatesLeads() async throws {
        try await withQueue(maximumConnections: 10) { queue in
            let terms = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await queue.workers.elect(
                            "maintenance", holder: UUID(), holdFor: .seconds(60), on: queue.pool)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(terms.compactMap { $0 } == [1])
        }
    }

    @Test func theTermGrowsWhenTheLeaderChangesAndNotBefore() async throws {
        try await withQueue { queue in
            let first = UUID()
            let second = UUID()
            func elect(_ holder: UUID) async throws -> Int64? {
                try await queue.workers.elect("maintenance", holder: holder, holdFor: .seconds(60), on: queue.pool)
            }
            #expect(try await elect(first) == 1)
            #expect(try await elect(first) == 1)
            #expect(try await elect(second) == nil)
            try await queue.pool.execute(Self.endTerm)
            #expect(try await elect(second) == 2)
            #expect(try await elect(first) == nil)
            try await queue.workers.resign("maintenance", holder: first, on: queue.pool)
            #expect(try await elect(first) == nil)
            try await queue.workers.resign("maintenance", holder: second, on: queue.pool)
            #expect(try await elect(first) == 3)
        }
    }

    @Test func leadershipsOfDifferentNamesAreApart() async throws {
        try await withQueue { queue in
            for name in ["maintenance", "checkpoints"] {
                let term = try await queue.workers.elect(name, holder: UUID(), holdFor: .seconds(60), on: queue.pool)
                #expect(term == 1)
            }
        }
    }

    private static let endTerm = Statement(
        name: "test_end_term", "UPDATE queue.leader SET expires_at = clock_timestamp() - interval '1 second'")
}
