import FoundationEssentials
import PostgresClient

/// One measurement of the notification service.
struct BenchNotifyRun: Sendable {
    let messages: Int
    let urgent: Int
    let people: BenchNotifyPeople
    let arrivals: NotifyArrivals
    let timeout: Duration
    let pool: PostgresPool

    private static let batch = 5000

    static let toPeople = Statement(
        name: "bench_notify_to_people",
        """
        SELECT count(casework.insert_message('person', t.case_id, t.person_id, NULL, NULL, NULL, 'please_call_back', NULL,
            0, 2, interval '8 days', NULL))
        FROM unnest($1::uuid[], $2::uuid[]) AS t (case_id, person_id)
        """)
    static let toDesk = Statement(
        name: "bench_notify_to_desk",
        """
        SELECT count(casework.insert_message('station', $1, NULL, $2, NULL, NULL, 'escalated', NULL, 0, 2,
            interval '8 days', NULL))
        FROM generate_series(1, $3::integer)
        """)
    static let inDanger = Statement(
        name: "bench_notify_in_danger",
        """
        SELECT casework.insert_message('station', $1, NULL, $2, NULL, NULL, 'escalated', NULL, 0, 0,
            interval '2 minutes', NULL)
        """)
    static let ring = Statement(name: "bench_notify_ring", "SELECT queue.ring($1)")
    static let backend = Statement(name: "bench_notify_backend", "SELECT pg_backend_pid()")

    /// Every statement of the measurement, for the test that prepares each.
    static let statements = [
        toPeople, toDesk, inDanger, ring, backend, BenchNotifyPeople.desk, NotifyArrivals.trail,
        NotifyArrivals.lastEvent,
    ]

    func run() async throws -> BenchNotifyReport {
        let backend = try await self.pool.execute(Self.backend).first?.decode(Int32.self) ?? 0
        let processes = NetworkProcesses(directory: nil, backend: Int(backend))
        try await self.arrivals.skip()
        try await self.fill()
        var seen: [NotifyArrivals.Arrival] = []
        var latencies: [Duration] = []
        for _ in 0..<self.urgent {
            latencies.append(try await self.sendUrgent(&seen))
            // Not in step with whatever else goes on in a rhythm.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<20)))
        }
        let waiting = max(0, self.messages + self.urgent - seen.count)
        let (before, began, first) = (processes.cpuSeconds(), ContinuousClock.now, seen.count)
        let deadline = began + self.timeout
        while seen.count < self.messages + self.urgent {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    .unavailable,
                    "\(self.messages + self.urgent - seen.count) messages did not arrive; does notification run?")
            }
            try await Task.sleep(for: .milliseconds(50))
            seen += try await self.arrivals.new()
        }
        let after = processes.cpuSeconds()
        let drained = max(1, seen.count - first)
        return BenchNotifyReport(
            messages: self.messages, urgent: self.urgent, stillWaitingAfterUrgent: waiting,
            perSecond: Self.rate(seen.dropFirst(first).map(\.instant)), urgentMilliseconds: Percentiles(latencies),
            cpuMillisecondsPerMessage: after.reduce(into: [:]) { use, entry in
                use[entry.key] = (entry.value - (before[entry.key] ?? 0)) * 1000 / Double(drained)
            })
    }

    /// From the first to the last of them.
    static func rate(_ instants: [Double]) -> Double {
        guard instants.count > 1, let first = instants.min(), let last = instants.max() else { return 0 }
        return Double(instants.count - 1) / max(last - first, 0.001)
    }

    private func fill() async throws {
        var left = self.messages
        while left > 0 {
            let count = min(left, Self.batch)
            if self.people.people.isEmpty {
                try await self.pool.execute(Self.toDesk, self.people.caseID, self.people.station, Int32(count))
            } else {
                let chosen = (0..<count).map { (left - $0) % self.people.people.count }
                try await self.pool.execute(
                    Self.toPeople, chosen.map { self.people.cases[$0] }, chosen.map { self.people.people[$0] })
            }
            left -= count
        }
        try await self.pool.execute(Self.ring, ["notification"])
    }

    /// From the commit to the provider. Others that arrive meanwhile are noted.
    private func sendUrgent(_ seen: inout [NotifyArrivals.Arrival]) async throws -> Duration {
        guard let row = try await self.pool.execute(Self.inDanger, self.people.caseID, self.people.station).first
        else { throw CommandFailure(.internalError, "the message was not made") }
        let id = try row.decode(UUID.self).uuidString.lowercased()
        let committed = Date().timeIntervalSince1970
        try await self.pool.execute(Self.ring, ["notification-urgent"])
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let new = try await self.arrivals.new()
            seen += new
            if let arrival = new.first(where: { $0.message == id }) {
                return .seconds(max(0, arrival.instant - committed))
            }
            try await Task.sleep(for: self.arrivals.pause)
        }
        throw CommandFailure(.unavailable, "a message in danger to life did not arrive in 30 seconds")
    }
}

/// What a measurement of the notification service found.
struct BenchNotifyReport: Encodable, Sendable {
    let messages: Int
    let urgent: Int
    let stillWaitingAfterUrgent: Int
    let perSecond: Double
    let urgentMilliseconds: Percentiles
    /// While the ordinary messages went, by process.
    let cpuMillisecondsPerMessage: [String: Double]

    var text: String {
        let use = self.cpuMillisecondsPerMessage.sorted { $0.key < $1.key }
            .filter { $0.value >= 0.005 }.map { "\($0.key) \(Numbers.fixed($0.value, 2))" }
        let times = self.urgentMilliseconds
        return """
            \(self.messages) messages: \(Numbers.tenths(self.perSecond)) per second; CPU ms each: \(use.joined(separator: ", "))
            \(self.urgent) in danger to life, from commit to provider, \(self.stillWaitingAfterUrgent) others still waiting after \
            them: p50 \(Numbers.tenths(times.p50)) ms, p99 \(Numbers.tenths(times.p99)) ms, slowest \(Numbers.tenths(times.max)) ms
            """
    }
}
