import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient

/// A worker that claims and never hears what it got.
struct UnheldLease {
    let id = UUID()
    let workers = WorkerStore()

    func claim(on pool: PostgresPool) async throws {
        try await self.workers.register(
            self.id, name: "deaf", queues: [WorkerFixture.queue], slots: 1, aliveFor: .seconds(60), on: pool)
        _ = try await self.workers.claim(queue: WorkerFixture.queue, limit: 10, worker: self.id, on: pool)
    }

    func release(on pool: PostgresPool) async throws -> Int {
        try await self.workers.releaseUnheld(self.id, held: [], on: pool)
    }
}
