import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct CancelTests {
    @Test func aWaitingJobEndsAtOnce() async throws {
        try await withQueue { queue in
            let job = try await queue.enqueue(scheduledAt: Date().addingTimeInterval(60))
            #expect(try await Self.cancel(job.alias, queue) == "cancelled")
            let seen = try #require(try await queue.look(job.alias))
            #expect(seen.state == .cancelled)
            #expect(seen.code == "unwanted")
            let error = await #expect(throws: PostgresError.self) { try await Self.cancel(job.alias, queue) }
            #expect(error?.sqlState == "DQ002")
        }
    }

    @Test func aRunningJobsWorkerIsToldByItsHeartbeat() async throws {
        try await withQueue { queue in
            try await queue.enqueue(1)
            try await queue.enqueue(2)
            let worker = try await queue.register()
            let job = try #require(try await queue.claim(worker: worker))
            _ = try await queue.claim(worker: worker)
            func beat() async throws -> [JobID] {
                try await queue.workers.beat(
                    worker, running: 2, isDraining: false, aliveFor: .seconds(60), on: queue.pool
                ).cancelled
            }
            #expect(try await beat().isEmpty)
            #expect(try await Self.cancel(job.alias, queue) == "requested")
            #expect(try await beat() == [job.id])
            #expect(try await queue.look(job.alias)?.state == .running)
            try await queue.store.cancel(job, code: "stopped", on: queue.pool)
            #expect(try await queue.look(job.alias)?.state == .cancelled)
            #expect(try await beat().isEmpty)
        }
    }

    @Test func aJobToBeCancelledIsNotTriedAgain() async throws {
        try await withQueue { queue in
            let failing = try await queue.enqueue(1)
            let worker = try await queue.register()
            let job = try #require(try await queue.claim(worker: worker))
            _ = try await Self.cancel(failing.alias, queue)
            #expect(
                try await queue.store.fail(job, code: "broken", retryAfter: .zero, on: queue.pool) == "cancelled")
            let lost = try await queue.enqueue(2)
            _ = try await queue.claim(worker: worker)
            _ = try await Self.cancel(lost.alias, queue)
            try await queue.killWorker(worker)
            _ = try await queue.rescue()
            #expect(try await queue.look(failing.alias)?.state == .cancelled)
            #expect(try await queue.look(lost.alias)?.state == .cancelled)
        }
    }

    @Test func aProducerWithdrawsByTheUniqueKey() async throws {
        try await withQueue { queue in
            let job = try await queue.enqueue(uniqueKey: "clock:1")
            func cancel() async throws -> String {
                try await queue.store.cancel(
                    kind: ProbeArguments.kind, uniqueKey: "clock:1", code: "met", in: queue.pool)
            }
            #expect(try await cancel() == "cancelled")
            #expect(try await cancel() == "absent")
            #expect(try await queue.look(job.alias)?.code == "met")
        }
    }

    @discardableResult
    private static func cancel(_ alias: UUID, _ queue: QueueFixture) async throws -> String? {
        try await queue.pool.execute(self.cancelByAlias, alias, "unwanted").first?.decode(String.self)
    }

    private static let cancelByAlias = Statement(name: "test_cancel", "SELECT queue.cancel($1, $2)")
}
