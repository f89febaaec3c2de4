import FoundationEssentials
import Ledger
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// One measurement of the ledger, with a signer of its own in this process.
struct BenchLedgerRun: Sendable {
    let rate: Int
    let seconds: Int
    let writers: Int
    let backlog: Int
    let pool: PostgresPool

    static let write = Statement(
        name: "bench_ledger_write",
        """
        SELECT safeguarding.record_disclosure(gen_random_uuid(), gen_random_uuid(), 'bench', '{purpose}', 'bench', 'bench',
            'bench')
        """)
    static let fill = Statement(
        name: "bench_ledger_fill",
        """
        INSERT INTO safeguarding.disclosure (referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by)
        SELECT gen_random_uuid(), gen_random_uuid(), 'bench', '{purpose}', 'bench', 'bench', 'bench'
        FROM generate_series(1, $1::integer)
        """)
    static let inclusion = Statement(
        name: "bench_ledger_inclusion",
        """
        SELECT extract(epoch FROM c.published_at - d.recorded_at)::float8
        FROM safeguarding.disclosure AS d JOIN ledger.entry AS n ON n.source = 'disclosure' AND n.source_id = d.number
        CROSS JOIN LATERAL (
            SELECT c.published_at FROM ledger.checkpoint AS c WHERE c.size > n.position ORDER BY c.size LIMIT 1) AS c
        """)

    /// Every statement of the measurement, for the test that prepares each.
    static let statements = [write, fill, inclusion]

    func run() async throws -> BenchLedgerReport {
        guard try await LedgerStore().health(on: self.pool).publishedAt == nil else {
            throw CommandFailure(.badData, "this ledger is signed already; measure a database of its own")
        }
        let directory = FileManager.default.temporaryDirectory.path + "/ledger-bench-\(UUID().uuidString)"
        _ = try LedgerKeyFile.create(directory: directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover there harms nobody.
        let signer = LogSigner(
            key: try LedgerKeyFile.signer(path: "\(directory)/\(LedgerKeyFile.secretName)"),
            file: SignedFile(path: "\(directory)/signed"), pool: self.pool)
        let began = ContinuousClock.now
        let written = try await self.atRate(signer)
        let span = (ContinuousClock.now - began) / .seconds(1)
        let times = try await self.pool.execute(Self.inclusion).map { Duration.seconds(try $0.decode(Double.self)) }
        let taken = try await self.atOnce(signer)
        try await signer.resign()
        return BenchLedgerReport(
            rate: self.rate, seconds: self.seconds, written: written, writtenPerSecond: Double(written) / span,
            inclusion: Percentiles(times), backlog: self.backlog, backlogPerSecond: taken)
    }

    /// Writers at a fixed rate beside a signer that works as the process does; ends when everything is signed.
    private func atRate(_ signer: LogSigner) async throws -> Int {
        let total = self.rate * self.seconds
        let next = NIOLockedValueBox(0)
        let isWritten = NIOLockedValueBox(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // A round that takes nothing may have come to the end of what an earlier snapshot saw.
                var idle = 0
                while idle < 2 {
                    let wasWritten = isWritten.withLockedValue { $0 }
                    let round = try await signer.round()
                    idle = wasWritten && round.taken == 0 ? idle + 1 : 0
                    if idle == 0 { try await Task.sleep(for: .seconds(1)) }
                }
            }
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for _ in 0..<self.writers {
                    writers.addTask {
                        while true {
                            let index = next.withLockedValue { next in
                                defer { next += 1 }
                                return next
                            }
                            guard index < total else { return }
                            try await Task.sleep(until: start + .seconds(Double(index) / Double(self.rate)))
                            try await self.pool.execute(Self.write)
                        }
                    }
                }
                try await writers.waitForAll()
            }
            isWritten.withLockedValue { $0 = true }
            try await group.waitForAll()
        }
        return total
    }

    /// How many entries a second are taken, bound, hashed, signed and published when there are enough.
    private func atOnce(_ signer: LogSigner) async throws -> Double {
        guard self.backlog > 0 else { return 0 }
        try await self.pool.execute(Self.fill, Int32(clamping: self.backlog))
        let began = ContinuousClock.now
        var taken = 0
        while taken < self.backlog {
            let round = try await signer.round()
            guard round.taken > 0 else { throw CommandFailure(.internalError, "the signer stopped taking entries") }
            taken += round.taken
        }
        return Double(taken) / ((ContinuousClock.now - began) / .seconds(1))
    }
}

/// What the measurement showed.
struct BenchLedgerReport: Encodable, Equatable, Sendable {
    let rate: Int
    let seconds: Int
    let written: Int
    let writtenPerSecond: Double
    /// From the record to the first checkpoint over it, in milliseconds.
    let inclusion: Percentiles
    let backlog: Int
    let backlogPerSecond: Double

    var text: String {
        var table = TextTable(["ms", "p50", "p95", "p99", "max"], right: ["p50", "p95", "p99", "max"])
        table.add(
            ["written to signed"]
                + [self.inclusion.p50, self.inclusion.p95, self.inclusion.p99, self.inclusion.max].map(Numbers.tenths))
        var lines = [
            "\(self.written) disclosures at \(self.rate) a second: \(Numbers.tenths(self.writtenPerSecond))/s to the end",
            table.text(),
        ]
        if self.backlog > 0 {
            lines.append(
                "a backlog of \(self.backlog) was signed at \(Numbers.tenths(self.backlogPerSecond)) entries/s")
        }
        return lines.joined(separator: "\n")
    }
}
