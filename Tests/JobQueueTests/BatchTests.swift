import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// A batch of a consumer's own: several leases held, and several jobs completed, in its transaction.
struct BatchTests {
    private func leased(_ count: Int, _ queue: QueueFixture) async throws -> [LeasedJob] {
        var jobs: [LeasedJob] = []
        for _ in 0..<count {
            try await queue.enqueue()
            jobs.append(try #require(try await queue.claim(holder: "agency")))
        }
        return jobs
    }

    @Test func aBatchIsCompletedInTheCallersTransaction() async throws {
        try await withQueue { queue in
            let jobs = try await self.leased(3, queue)
            try await queue.pool.withTransaction("test_batch") { transaction in
                #expect(try await queue.store.hold(jobs, in: transaction) == Set(jobs.map(\.id)))
                try queue.store.postCompletion(jobs, in: transaction)
            }
            #expect(try await queue.finished() == 3)
        }
    }

    /// A lease that is over or another's, and a row that somebody has under lock, are left out; none is waited for.
    @Test func whatIsNotHeldIsLeftOut() async throws {
        try await withQueue { queue in
            let jobs = try await self.leased(4, queue)
            try await queue.endLease(of: jobs[0])
            let other = LeasedJob(
                id: jobs[1].id, token: FencingToken(epoch: jobs[1].token.epoch, number: jobs[1].token.number + 100))
            try await queue.pool.withTransaction("test_holder") { holder in
                try await queue.store.hold(jobs[2], in: holder)
                try await queue.pool.withTransaction("test_batch") { transaction in
                    let held = try await queue.store.hold([jobs[0], other, jobs[2], jobs[3]], in: transaction)
                    #expect(held == [jobs[3].id])
                }
            }
        }
    }

    @Test func oneLostLeaseUndoesTheCompletionOfTheBatch() async throws {
        try await withQueue { queue in
            let jobs = try await self.leased(3, queue)
            try await queue.endLease(of: jobs[1])
            let error = await #expect(throws: PostgresError.self) {
                try await queue.pool.withTransaction("test_batch") { transaction in
                    try queue.store.postCompletion(jobs, in: transaction)
                }
            }
            #expect(error?.sqlState == "DQ001")
            #expect(try await queue.finished() == 0)
        }
    }
}
