import DandelionAgency
import FoundationEssentials
import PostgresClient

/// Drives requests through intake at a fixed rate, whatever comes back (an open loop), while agencies lease and accept.
struct BenchRun: Sendable {
    static let referralsSince = Statement(
        name: "bench_referrals",
        """
        SELECT c.number, r.number FROM casework.referral_overview AS r
        JOIN casework.case_overview AS c ON c.id = r.case_id WHERE c.opened_at >= $1
        """)
    static let now = Statement(name: "bench_now", "SELECT clock_timestamp(), pg_backend_pid()")

    static let messagesWaiting = Statement(
        name: "bench_messages_waiting",
        """
        SELECT coalesce(sum(messages), 0)::int8 FROM casework.message_counts($1) WHERE state IN ('pending', 'sending')
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [referralsSince, now, messagesWaiting]

    let rate: Double
    let seconds: Int
    let warmUp: Int
    /// Agencies also report an outcome, so that each case goes all the way to its end.
    let completes: Bool
    let network: BenchNetwork
    let intake: IntakeCaller
    let pool: PostgresPool
    let pidsDirectory: String?

    func run() async throws -> BenchReport {
        guard let row = try await self.pool.execute(Self.now).first else {
            throw CommandFailure(.internalError, "the database told no time")
        }
        let (begin, backend) = try row.decode((Date, Int32).self)
        let processes = NetworkProcesses(directory: self.pidsDirectory, backend: Int(backend))
        let recorder = BenchRecorder()
        let idle = processes.megabytes()
        let cpu = processes.cpuSeconds()
        let start = ContinuousClock.now
        let waiting = try await withThrowingTaskGroup(of: Void.self) { group in
            for desk in self.network.desks {
                group.addTask { try await self.consume(desk, recorder) }
            }
            // Every agency's poll waits at the gateway before the first case.
            try await Task.sleep(for: .milliseconds(500))
            await self.send(recorder)
            await self.waitUntilDone(recorder)
            let waiting = try await self.pool.execute(Self.messagesWaiting, begin).first?.decode(Int64.self) ?? 0
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return Int(waiting)
        }
        let used = processes.cpuSeconds().reduce(into: [String: Double]()) { result, entry in
            result[entry.key] = entry.value - (cpu[entry.key] ?? 0)
        }
        let cases = try await self.referrals(since: begin)
        return await BenchReport(
            run: self, recorder: recorder, referrals: cases, messagesWaiting: waiting,
            elapsed: ContinuousClock.now - start, cpu: used,
            idle: idle,
            peak: processes.megabytes())
    }

    // MARK: - Sending

    private func send(_ recorder: BenchRecorder) async {
        let total = Int(self.rate * Double(self.seconds + self.warmUp))
        let measuredFrom = Int(self.rate * Double(self.warmUp))
        let run = UUID().uuidString.lowercased()
        let first = Int.random(in: 0..<9000) * 1_000_000
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            for index in 0..<total {
                let planned = start + .seconds(Double(index) / self.rate)
                do { try await Task.sleep(until: planned, clock: .continuous) } catch { return }
                let desk = self.network.desks[index % self.network.desks.count]
                group.addTask {
                    do {
                        let opened = try await self.intake.openOnce(
                            desk.request.body(first + index), "bench:\(run):\(index)")
                        await recorder.answered(
                            .init(
                                number: opened.number, planned: planned, answered: .now,
                                isMeasured: index >= measuredFrom))
                    } catch {
                        await recorder.refused(CommandFailure(error).reason)
                    }
                }
            }
        }
    }

    private func waitUntilDone(_ recorder: BenchRecorder) async {
        let deadline = ContinuousClock.now + .seconds(30)
        while await !recorder.isDone, ContinuousClock.now < deadline {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
    }

    // MARK: - Receiving

    /// One agency: a poll is always at the gateway; what it brings is answered beside it.
    private func consume(_ desk: BenchNetwork.Desk, _ recorder: BenchRecorder) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let leases: [AgencyLease]
                do {
                    leases = try await desk.client.lease(max: 20, wait: .seconds(20), lease: .seconds(60))
                } catch let error as AgencyError {
                    guard error.code != .unauthenticated else {
                        throw CommandFailure(.configuration, "the gateway does not know the key of \(desk.code)")
                    }
                    await recorder.failed("lease: \(error.code)")
                    try await Task.sleep(for: .milliseconds(200))
                    continue
                }
                await recorder.leased(leases.map(\.referral.number), at: .now)
                for lease in leases {
                    group.addTask { await self.answer(lease, desk, recorder) }
                }
            }
        }
    }

    private func answer(_ lease: AgencyLease, _ desk: BenchNetwork.Desk, _ recorder: BenchRecorder) async {
        do {
            try await desk.client.accept(lease.lease)
            if self.completes {
                try await desk.client.report(.completed, outcome: "legal_aid_granted", on: lease.referral.number)
            }
            await recorder.accepted(lease.referral.number)
        } catch {
            await recorder.failed("answer: \((error as? AgencyError)?.code.description ?? "cancelled")")
        }
    }

    // MARK: - What the database says

    /// The referrals of each case opened since, by its number.
    private func referrals(since begin: Date) async throws -> [String: [String]] {
        var referrals: [String: [String]] = [:]
        for row in try await self.pool.execute(Self.referralsSince, begin) {
            let (number, referral) = try row.decode((String, String).self)
            referrals[number, default: []].append(referral)
        }
        return referrals
    }
}
