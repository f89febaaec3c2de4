import FoundationEssentials
import Glibc
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// From commit to handler, at a fixed rate whatever comes back.
extension QueueBench {
    static let bareInsert = Statement(
        name: "bench_bare_insert",
        """
        WITH i AS (INSERT INTO job (payload) VALUES (jsonb_build_object('n', $1::int8)) RETURNING id)
        SELECT pg_notify('job', '') FROM i
        """)
    static let registered = Statement(
        name: "bench_registered",
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dandelion-bench-worker%listener' AND state = 'idle'"
    )

    func pickup(rate: Double, backlog: Int, scheduled: Int) async throws -> BenchResult {
        let title =
            scheduled > 0 ? "pickup, \(scheduled) scheduled" : backlog > 0 ? "pickup, \(backlog) waiting" : "pickup"
        // Ten million rows are made once.
        let pairs = try await self.pairs(title, rounds: scheduled > 100_000 ? 1 : nil) {
            try await self.server.withDatabase { pool in
                try await self.server.runLimitSchema(on: pool)
                return try await self.pickedUp(rate: rate, ["--bare"], pool) { number in
                    try await pool.execute(Self.bareInsert, Int64(number))
                }
            }
        } ours: {
            try await self.server.withDatabase { pool in
                if backlog > 0 { try await pool.execute(BenchServer.fill, Self.queue.other, Int64(backlog)) }
                if scheduled > 0 {
                    try await pool.execute(BenchServer.fillScheduled, Self.queue.first, Int64(scheduled))
                }
                try await self.server.settle(pool)
                let bell = JobBell(pool: pool, logger: Logger.quiet)
                let store = JobStore(bell: bell)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await bell.run() }
                    defer { group.cancelAll() }
                    return try await self.pickedUp(rate: rate, [], pool) { number in
                        let request = try JobRequest(
                            BenchArguments(n: number), queue: QueueName(rawValue: Self.queue.first))
                        try await store.enqueue(request, on: pool)
                    }
                }
            }
        }
        return BenchResult(
            scenario: title, reference: "NOTIFY inside, one UPDATE", pairs: pairs, isTime: true)
    }

    /// - Parameter send: commits a job with the number.
    private func pickedUp(
        rate: Double, _ arguments: [String], _ pool: PostgresPool,
        _ send: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> BenchSample {
        let output = try BenchFile("worker")
        let child = try self.worker(["--times"] + arguments, output)
        try await self.untilListening(pool)
        let warmUp = Int(rate * 2)
        let total = warmUp + Int(rate * Double(self.seconds))
        let committed = NIOLockedValueBox<[Int: Int]>([:])
        let before = try await self.read(pool)
        let start = MonotonicClock.nanoseconds
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<total {
                let due = start + Int(Double(number) / rate * 1e9)
                let wait = due - MonotonicClock.nanoseconds
                if wait > 0 { try await Task.sleep(for: .nanoseconds(wait)) }
                group.addTask {
                    try await send(number)
                    let now = MonotonicClock.nanoseconds
                    committed.withLockedValue { $0[number] = now }
                }
            }
        }
        try await Task.sleep(for: .seconds(1))
        child.send(SIGTERM)
        _ = try await child.wait("the worker")
        let work = try self.report(output)
        let commits = committed.withLockedValue { $0 }
        // A job may be in the handler's hands before its producer has heard of the commit.
        let times = work.times.compactMap { pair -> Double? in
            guard pair.count == 2, pair[0] >= warmUp, let commit = commits[pair[0]] else { return nil }
            return max(0, Double(pair[1] - commit) / 1e6)
        }
        guard times.count == total - warmUp else {
            throw CommandFailure(.internalError, "of \(total - warmUp) jobs \(times.count) came")
        }
        var sample = BenchSample(rate: rate)
        sample.latency = LatencySummary(milliseconds: times)
        sample.clientMicroseconds = work.cpuSeconds / Double(total) * 1e6
        sample.statements = Double(work.statements) / Double(total)
        try await self.take(&sample, from: before, on: pool, jobs: Double(total))
        return sample
    }

    private func untilListening(_ pool: PostgresPool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let count = try await pool.execute(Self.registered).first?.decode(Int64.self), count > 0 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw CommandFailure(.unavailable, "the worker process does not listen after a minute")
    }

    // MARK: - Nothing to do

    /// A fleet without work, for as long as a measurement takes. The rate is that of its statements; processor time is in
    /// microseconds a second.
    func idle(workers: Int) async throws -> BenchResult {
        self.say("idle fleet of \(workers)")
        let sample = try await self.server.withDatabase { pool in
            let output = try BenchFile("fleet")
            let child = try self.worker(["--workers", String(workers)], output)
            try await self.untilListening(pool)
            // All have registered and looked once.
            try await Task.sleep(for: .seconds(8))
            let before = try await self.read(pool)
            let client = ProcessUse.of(Int(child.processIdentifier))?.ownSeconds
            let start = MonotonicClock.nanoseconds
            try await Task.sleep(for: .seconds(max(10, self.seconds)))
            let seconds = Double(MonotonicClock.nanoseconds - start) / 1e9
            var sample = BenchSample()
            try await self.take(&sample, from: before, on: pool, jobs: seconds)
            if let client, let now = ProcessUse.of(Int(child.processIdentifier))?.ownSeconds {
                sample.clientMicroseconds = (now - client) / seconds * 1e6
            }
            // Outside a transaction each statement is one.
            sample.rate = sample.commits ?? 0
            child.send(SIGTERM)
            sample.peakMegabytes = try await child.wait("the fleet").peakMegabytes
            return sample
        }
        return BenchResult(
            scenario: "idle, \(workers) workers", reference: "50 statements/s",
            pairs: [(sample, BenchSample(rate: 50))])
    }
}
