import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Jobs enqueued, with the bell rung for each and a listener that hears it.
extension QueueBench {
    func enqueue(producers: Int) async throws -> BenchResult {
        let pairs = try await self.pairs("enqueue, \(producers) producers") {
            try await self.runPgbench("insert1", clients: producers, each: 1)
        } ours: {
            try await self.enqueued(producers: producers, each: 1)
        }
        return BenchResult(scenario: "enqueue, \(producers) producers", reference: "insert1", pairs: pairs)
    }

    /// The bell against NOTIFY in the producer's own transaction: the limit's, and ours (`ring_at_commit`), which a producer
    /// in SQL has.
    func notify(producers: Int) async throws -> [BenchResult] {
        let after = try await self.pairs("bell against NOTIFY") {
            try await self.runPgbench("insert1_notify_prepared", clients: producers, each: 1)
        } ours: {
            try await self.enqueued(producers: producers, each: 1)
        }
        let inside = try await self.pairs("NOTIFY inside") {
            try await self.runPgbench("insert1_notify_prepared", clients: producers, each: 1)
        } ours: {
            try await self.enqueued(producers: producers, each: 1, notify: .inTransaction)
        }
        return [
            BenchResult(scenario: "enqueue, \(producers) producers", reference: "insert1_notify", pairs: after),
            BenchResult(scenario: "the same, NOTIFY inside", reference: "insert1_notify", pairs: inside),
        ]
    }

    func bulk() async throws -> BenchResult {
        let pairs = try await self.pairs("bulk of 1000") {
            try await self.runPgbench("bulk1000", clients: 1, each: 1000)
        } ours: {
            try await self.enqueued(producers: 1, each: 1000)
        }
        return BenchResult(scenario: "bulk of 1000", reference: "bulk1000", pairs: pairs)
    }

    private func enqueued(
        producers: Int, each: Int, notify: JobNotification = .afterCommit
    ) async throws -> BenchSample {
        try await self.server.withDatabase { pool in
            try await self.server.settle(pool)
            let bell = JobBell(pool: pool, logger: Logger.quiet)
            let listener = PostgresListener(self.server.database, logger: Logger.quiet)
            let rings = listener.subscribe(JobBell.channel)
            return try await withThrowingTaskGroup(of: BenchSample?.self) { group in
                group.addTask {
                    try await bell.run()
                    return nil
                }
                group.addTask {
                    try await listener.run()
                    return nil
                }
                group.addTask {
                    for await _ in rings {}
                    return nil
                }
                group.addTask {
                    try await self.produce(producers: producers, each: each, notify, bell, pool)
                }
                while let next = try await group.next() {
                    if let next {
                        group.cancelAll()
                        return next
                    }
                }
                throw CommandFailure(.internalError, "nothing was enqueued")
            }
        }
    }

    private func produce(
        producers: Int, each: Int, _ notify: JobNotification, _ bell: JobBell, _ pool: PostgresPool
    ) async throws -> BenchSample {
        let store = JobStore(bell: bell)
        let queue = QueueName(rawValue: Self.queue.first)
        let bulk = (0..<each).map { BenchArguments(n: $0) }
        let one = try JobRequest(BenchArguments(n: 1), queue: queue)
        // A connection for each, and the statement known to it.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<producers { group.addTask { _ = try await store.enqueue(one, on: pool) } }
            try await group.waitForAll()
        }
        let before = try await self.read(pool)
        let cpu = MonotonicClock.processSeconds
        let sent = (PostgresTraffic.statements, PostgresTraffic.exchanges)
        let start = MonotonicClock.nanoseconds
        let end = start + self.seconds * 1_000_000_000
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<producers {
                group.addTask {
                    var times: [Double] = []
                    var now = MonotonicClock.nanoseconds
                    while now < end {
                        if notify == .inTransaction {
                            try await pool.withTransaction("bench_notify") {
                                try await store.enqueue(one, notify: .inTransaction, in: $0)
                            }
                        } else if each == 1 {
                            try await store.enqueue(one, on: pool)
                        } else {
                            try await pool.withTransaction("bench_bulk") {
                                try await store.enqueue(many: bulk, queue: queue, in: $0)
                            }
                        }
                        let then = MonotonicClock.nanoseconds
                        times.append(Double(then - now) / 1e6)
                        now = then
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = Double(MonotonicClock.nanoseconds - start) / 1e9
        let jobs = Double(times.count * each)
        var sample = BenchSample(rate: jobs / elapsed)
        sample.clientMicroseconds = (MonotonicClock.processSeconds - cpu) / jobs * 1e6
        sample.statements = Double(PostgresTraffic.statements - sent.0) / jobs
        sample.roundTrips = Double(PostgresTraffic.exchanges - sent.1) / jobs
        sample.latency = LatencySummary(milliseconds: times)
        try await self.take(&sample, from: before, on: pool, jobs: jobs)
        return sample
    }
}
