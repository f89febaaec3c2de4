import JobQueue
import JobTypes
import TestSupport
import Testing

@testable import JobWorker

struct QueueGaugesTests {
    @Test func aQueueHasADepthForEachLiveStateAndALag() {
        let samples = QueueGauges.samples([
            QueueStats(queue: "a", available: 3, scheduled: 2, running: 1, retryable: 4, lag: .milliseconds(1500))
        ])
        #expect(samples.count == 5)
        #expect(samples[QueueGauges.Sample(label: "job.queue.depth", queue: "a", state: "available")] == 3)
        #expect(samples[QueueGauges.Sample(label: "job.queue.depth", queue: "a", state: "retryable")] == 4)
        #expect(samples[QueueGauges.Sample(label: "job.queue.lag", queue: "a")] == 1.5)
    }

    /// Only queues with a worker: those of a thousand agencies would be a thousand series.
    @Test func workedQueuesAreMeasured() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let waiting = try await fixture.enqueue()
            #expect(try await WorkerStore().workedStats(on: database.pool).isEmpty)
            let worker = UnheldLease()
            try await worker.claim(on: database.pool)
            try await fixture.enqueue()
            let stats = try #require(try await WorkerStore().workedStats(on: database.pool).first)
            #expect(stats.queue == WorkerFixture.queue)
            #expect(stats.available == 1)
            #expect(stats.running == 1)
            #expect(try await fixture.state(of: waiting) == "running")
        }
    }
}
