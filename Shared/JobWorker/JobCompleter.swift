import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Completes jobs in batches: while one batch commits, the next gathers, so the batch grows with the load and a lone job
/// does not wait.
final class JobCompleter: Sendable {
    private struct Waiting {
        let job: LeasedJob
        let done: CheckedContinuation<Bool, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isClosed = false
    }

    private static let largestBatch = 500

    private let pool: PostgresPool
    private let workers = WorkerStore()
    private let state = NIOLockedValueBox(State())
    private let (signals, signaller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Completes the job and returns once that is committed; false when its lease was lost.
    func complete(_ job: LeasedJob) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            let isClosed = self.state.withLockedValue { state in
                if !state.isClosed { state.waiting.append(Waiting(job: job, done: continuation)) }
                return state.isClosed
            }
            if isClosed {
                continuation.resume(throwing: CancellationError())
            } else {
                self.signaller.yield()
            }
        }
    }

    /// Works until `close` and everything that waits is settled.
    func run() async {
        for await _ in self.signals {
            await self.flush()
        }
        await self.flush()
        let left = self.state.withLockedValue { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in left { waiting.done.resume(throwing: CancellationError()) }
    }

    func close() {
        self.signaller.finish()
    }

    private func flush() async {
        while true {
            let batch = self.state.withLockedValue { state in
                let batch = Array(state.waiting.prefix(Self.largestBatch))
                state.waiting.removeFirst(batch.count)
                return batch
            }
            guard !batch.isEmpty else { return }
            do {
                let completed = try await self.workers.complete(batch.map(\.job), on: self.pool)
                for waiting in batch { waiting.done.resume(returning: completed.contains(waiting.job.id)) }
            } catch {
                for waiting in batch { waiting.done.resume(throwing: error) }
            }
        }
    }
}
