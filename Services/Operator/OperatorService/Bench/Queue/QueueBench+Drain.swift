import FoundationEssentials
import Glibc
import PostgresClient

/// Jobs that wait are worked.
extension QueueBench {
    /// The whole, and when a tenth and nine tenths were done.
    static let span = Statement(
        name: "bench_span",
        """
        SELECT count(*), extract(epoch FROM max(finished_at) - min(attempted_at))::float8,
            extract(epoch FROM percentile_disc(0.1) WITHIN GROUP (ORDER BY finished_at) - min(attempted_at))::float8,
            extract(epoch FROM max(finished_at) - percentile_disc(0.9) WITHIN GROUP (ORDER BY finished_at))::float8
        FROM queue.job_history
        """)
    /// From claim to completion, in milliseconds.
    static let attempts = Statement(
        name: "bench_attempts",
        "SELECT extract(epoch FROM finished_at - attempted_at)::float8 * 1000 FROM queue.job_history LIMIT 100000")
    static let setLimit = Statement(name: "bench_set_limit", "SELECT queue.set_limit($1, 1000000, 1e7)")

    /// How the jobs lie and what else goes on.
    struct Drain: Sendable {
        var jobs: Int
        var queues = 1
        var activeQueues = 1
        var isHeld = false
        var isLimited = false
    }

    func drain(jobs: Int) async throws -> BenchResult {
        let pairs = try await self.pairs("drain \(jobs)") {
            try await self.runPgbench(
                "batch100_delete", clients: 2, transactions: jobs / 200, jobs: jobs, each: 100)
        } ours: {
            try await self.drained(Drain(jobs: jobs))
        }
        return BenchResult(scenario: "drain \(jobs)", reference: "batch100_delete", pairs: pairs)
    }

    /// A long drain against a short one, and the same under an old snapshot against itself without: one round.
    func long(jobs: Int, short: Int, isHeld: Bool) async throws -> [BenchResult] {
        self.say("drain \(short), for comparison")
        let one = try await self.drained(Drain(jobs: short))
        self.say("drain \(jobs)")
        let many = try await self.drained(Drain(jobs: jobs))
        var results = [
            BenchResult(scenario: "drain \(jobs)", reference: "drain \(short)", pairs: [(many, one)])
        ]
        if isHeld {
            self.say("drain \(jobs), snapshot held")
            let held = try await self.drained(Drain(jobs: jobs, isHeld: true))
            results.append(
                BenchResult(scenario: "drain \(jobs), snapshot held", reference: "drain \(jobs)", pairs: [(held, many)])
            )
        }
        return results
    }

    func manyQueues(jobs: Int, queues: Int) async throws -> BenchResult {
        let pairs = try await self.pairs("\(queues) queues") {
            try await self.drained(Drain(jobs: jobs))
        } ours: {
            try await self.drained(Drain(jobs: jobs, queues: queues, activeQueues: queues / 100))
        }
        return BenchResult(scenario: "\(queues) queues", reference: "one queue", pairs: pairs)
    }

    func limited(jobs: Int) async throws -> BenchResult {
        let pairs = try await self.pairs("limits on") {
            try await self.drained(Drain(jobs: jobs))
        } ours: {
            try await self.drained(Drain(jobs: jobs, isLimited: true))
        }
        return BenchResult(scenario: "limits on", reference: "no limit", pairs: pairs)
    }

    /// Enqueues, then starts the worker and waits until all is done.
    func drained(_ drain: Drain) async throws -> BenchSample {
        try await self.server.withDatabase { pool in
            let each = drain.jobs / drain.activeQueues
            try await pool.execute(BenchServer.fillQueues, Int64(drain.activeQueues), Int64(each))
            if drain.isLimited { try await pool.execute(Self.setLimit, Self.queue.first) }
            try await self.server.settle(pool)
            let jobs = each * drain.activeQueues
            if drain.isHeld {
                return try await pool.withTransaction("bench_snapshot", isolation: .repeatableRead) { transaction in
                    try await transaction.execute(BenchServer.readings)
                    return try await self.drained(jobs, drain, pool)
                }
            }
            return try await self.drained(jobs, drain, pool)
        }
    }

    private func drained(_ jobs: Int, _ drain: Drain, _ pool: PostgresPool) async throws -> BenchSample {
        let before = try await self.read(pool)
        let output = try BenchFile("worker")
        let child = try self.worker(["--jobs", String(jobs), "--queues", String(drain.queues)], output)
        let end = try await child.wait("the worker")
        let work = try self.report(output)
        var sample = BenchSample()
        try await self.take(&sample, from: before, on: pool, jobs: Double(jobs))
        guard let row = try await pool.execute(Self.span).first else {
            throw CommandFailure(.internalError, "the history told nothing")
        }
        let (count, all, tenth, rest) = try row.decode((Int64, Double?, Double?, Double?).self)
        guard Int(count) == jobs, let all, let tenth, let rest, all > 0 else {
            throw CommandFailure(.internalError, "of \(jobs) jobs \(count) were completed")
        }
        sample.rate = Double(jobs) / all
        sample.firstTenth = Double(jobs) / 10 / max(tenth, 1e-6)
        sample.lastTenth = Double(jobs) / 10 / max(rest, 1e-6)
        sample.clientMicroseconds = work.cpuSeconds / Double(jobs) * 1e6
        sample.statements = Double(work.statements) / Double(jobs)
        sample.roundTrips = Double(work.roundTrips) / Double(jobs)
        sample.peakMegabytes = end.peakMegabytes
        sample.latency = LatencySummary(
            milliseconds: try await pool.execute(Self.attempts).map { try $0.decode(Double.self) })
        return sample
    }
}
