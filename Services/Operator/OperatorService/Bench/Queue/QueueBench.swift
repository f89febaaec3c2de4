import FoundationEssentials
import Glibc
import JobQueue
import PostgresClient

/// Measures one thing at a time: what it takes is read before and after.
struct QueueBench: Sendable {
    let server: BenchServer
    let pgbench: String
    let slots: Int
    let seconds: Int
    let rounds: Int
    let isQuiet: Bool

    static let queue = QueueNameOfBench()

    /// The first of the worker's queues.
    struct QueueNameOfBench: Sendable {
        let first = "bench-0"
        /// One that nobody works.
        let other = "others"
    }

    // MARK: - In turn

    /// Each side once a round, ours after theirs.
    func pairs(
        _ title: String, rounds: Int? = nil, theirs: () async throws -> BenchSample,
        ours: () async throws -> BenchSample
    ) async throws -> [(ours: BenchSample, theirs: BenchSample)] {
        var pairs: [(ours: BenchSample, theirs: BenchSample)] = []
        let rounds = rounds ?? self.rounds
        for round in 1...rounds {
            self.say("\(title), round \(round) of \(rounds)")
            let reference = try await theirs()
            pairs.append((try await ours(), reference))
        }
        return pairs
    }

    func say(_ text: String) {
        if !self.isQuiet { Terminal.line("… \(text)") }
    }

    // MARK: - What a run takes

    struct Reading: Sendable {
        let wal: Int64
        let commits: Int64
        let serverSeconds: Double?
    }

    func read(_ pool: PostgresPool) async throws -> Reading {
        guard let row = try await pool.execute(BenchServer.readings).first else {
            throw CommandFailure(.internalError, "the server told no figures")
        }
        let (wal, commits, backend) = try row.decode((Int64, Int64, Int32).self)
        let seconds = NetworkProcesses(directory: nil, backend: Int(backend)).cpuSeconds()["postgres"]
        return Reading(wal: wal, commits: commits, serverSeconds: seconds)
    }

    /// What lies between two readings, by job.
    func take(
        _ sample: inout BenchSample, from before: Reading, on pool: PostgresPool, jobs: Double
    ) async throws {
        let after = try await self.read(pool)
        sample.walBytes = Double(after.wal - before.wal) / jobs
        sample.commits = Double(after.commits - before.commits) / jobs
        if let end = after.serverSeconds, let begin = before.serverSeconds {
            sample.serverMicroseconds = (end - begin) / jobs * 1e6
        }
        sample.deadRows = try await self.deadRows(pool)
    }

    func deadRows(_ pool: PostgresPool) async throws -> [String: Int] {
        var rows: [String: Int] = [:]
        for row in try await pool.execute(BenchServer.deadRows) {
            let (relation, count) = try row.decode((String, Int64).self)
            rows[relation] = Int(count)
        }
        return rows
    }

    // MARK: - Processes

    /// Runs a script of the limit in a new database: transactions a second, and the processor time of pgbench.
    func runPgbench(_ script: String, clients: Int, transactions: Int? = nil, jobs: Int = 0, each: Double)
        async throws -> BenchSample
    {
        try await self.server.withDatabase { pool in
            try await self.server.runLimitSchema(on: pool)
            if jobs > 0 { try await pool.execute(BenchServer.fillLimit, Int64(jobs)) }
            try await self.server.settle(pool)
            let before = try await self.read(pool)
            let output = try BenchFile("pgbench")
            let log = PgbenchLog(clients: clients)
            let child = try BenchChild(
                self.pgbench,
                [
                    "-n", "-M", "prepared", "-D", "low=0", "-f", "\(self.server.limitDirectory)/\(script).sql",
                    "-c", String(clients), "-j", String(min(clients, 2)), "--log", "--log-prefix", log.prefix,
                    "--sampling-rate", transactions == nil ? "0.2" : "1",
                ] + (transactions.map { ["-t", String($0)] } ?? ["-T", String(self.seconds)]) + [self.server.dsn],
                output: output.path)
            let end = try await child.wait("pgbench")
            let text = output.text
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
                let rate = Double(line.dropFirst(6).prefix { $0 != " " }),
                let counted = text.split(separator: "\n").first(where: { $0.contains("actually processed: ") }),
                let count = Double(counted.split(separator: " ").last?.split(separator: "/").first ?? "")
            else { throw CommandFailure(.internalError, "pgbench told no rate") }
            var sample = BenchSample(rate: rate * each)
            sample.clientMicroseconds = end.cpuSeconds / (count * each) * 1e6
            sample.statements = Double(try self.statements(of: script)) / each
            sample.latency = log.latency(process: child.processIdentifier)
            try await self.take(&sample, from: before, on: pool, jobs: count * each)
            return sample
        }
    }

    /// Statements in a script: one a line.
    private func statements(of script: String) throws -> Int {
        try TextFile.read("\(self.server.limitDirectory)/\(script).sql").split(separator: "\n").count
    }

    func worker(_ arguments: [String], _ output: BenchFile) throws -> BenchChild {
        try BenchChild(
            "/proc/self/exe",
            ["bench", "queue-worker", "--database", self.server.dsn, "--slots", String(self.slots)] + arguments,
            output: output.path)
    }

    func report(_ output: BenchFile) throws -> BenchWork.Report {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(BenchWork.Report.self, from: Data(output.text.utf8))
        } catch {
            throw CommandFailure(.internalError, "the worker process told nothing that can be read")
        }
    }
}

/// A file that takes a process's output, and is gone with the value.
final class BenchFile: Sendable {
    let path: String

    init(_ name: String) throws {
        self.path = FileManager.default.temporaryDirectory.path + "/dandelion-bench-\(name)-\(UUID().uuidString)"
    }

    deinit {
        _ = unlink(self.path)
    }

    var text: String {
        String(decoding: FileManager.default.contents(atPath: self.path) ?? Data(), as: UTF8.self)
    }
}

/// What pgbench logs of its transactions, a file a thread.
struct PgbenchLog {
    let prefix = FileManager.default.temporaryDirectory.path + "/dandelion-bench-transactions-\(UUID().uuidString)"
    private let threads: Int

    init(clients: Int) {
        self.threads = min(clients, 2)
    }

    /// Reads the files and takes them away. The third field of a line is the transaction's time in microseconds.
    func latency(process: Int32) -> LatencySummary? {
        var times: [Double] = []
        for thread in 0..<self.threads {
            let path = "\(self.prefix).\(process)" + (thread == 0 ? "" : ".\(thread)")
            defer { _ = unlink(path) }
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(separator: UInt8(ascii: " "))
                guard fields.count > 2, let time = Double(String(decoding: fields[2], as: UTF8.self)) else { continue }
                times.append(time / 1000)
            }
        }
        return times.isEmpty ? nil : LatencySummary(milliseconds: times)
    }
}
