import Contracts
import FoundationEssentials
import JobTypes
import PostgresClient

/// The work: whether queues are worked, leases move and clocks fire.
struct WorkChecks: Sendable {
    static let workers = Statement(
        name: "doctor_workers",
        """
        SELECT queues, expires_at < clock_timestamp() - interval '5 s' FROM queue.worker
        """)
    static let backlog = Statement(
        name: "doctor_backlog",
        """
        SELECT queue, available, extract(epoch FROM clock_timestamp() - oldest_available_at)::float8, paused
        FROM queue.queue_overview
        """)
    static let clocks = Statement(
        name: "doctor_clocks",
        """
        SELECT
            (SELECT count(*) FROM casework.clock_overview
                WHERE state = 'running' AND due_at < clock_timestamp() - interval '60 s'),
            (SELECT count(*) FROM casework.case_overview AS c WHERE c.status = 'open' AND NOT EXISTS (
                SELECT 1 FROM casework.clock_overview AS k WHERE k.case_id = c.id AND k.state = 'running')),
            (SELECT count(*) FROM casework.case_overview WHERE status = 'open')
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [workers, backlog, clocks]

    func findings(on executor: some PostgresExecutor) async throws -> [Finding] {
        var worked: Set<String> = []
        var late = 0
        for row in try await executor.execute(Self.workers) {
            let (queues, isLate) = try row.decode(([String], Bool).self)
            if isLate { late += 1 } else { worked.formUnion(queues) }
        }
        return try await self.queues(worked, on: executor)
            + self.leases(late: late, isWorked: !worked.isEmpty, on: executor)
            + [self.clocks(on: executor)]
    }

    private func queues(_ worked: Set<String>, on executor: some PostgresExecutor) async throws -> [Finding] {
        let services = [Queues.routing, Queues.notification, Queues.urgentNotification, Queues.gateway].map(\.rawValue)
        let idle = services.filter { !worked.contains($0) }
        var abandoned: [String] = []
        var slow: [String] = []
        var paused: [String] = []
        for row in try await executor.execute(Self.backlog) {
            let (queue, available, age, isPaused) = try row.decode((String, Int64, Double?, Bool).self)
            if isPaused { paused.append(queue) }
            // An agency that leases nothing is the clocks' business.
            guard available > 0, Queues.agencyID(of: QueueName(rawValue: queue)) == nil, !isPaused else { continue }
            if !worked.contains(queue) { abandoned.append("\(queue) (\(available))") }
            if let age, age > 60 { slow.append("\(queue) (\(BeijingTime.span(age)))") }
        }
        var findings: [Finding] = []
        if !abandoned.isEmpty {
            findings.append(
                .failed(
                    "queues", "jobs wait and nobody works: \(abandoned.joined(separator: ", "))",
                    "start the service that works the queue"))
        } else if !idle.isEmpty {
            findings.append(
                .warning("queues", "no worker for \(idle.joined(separator: ", "))", "start the services of those names")
            )
        } else if !slow.isEmpty {
            findings.append(
                .warning(
                    "queues", "the oldest job has waited long in \(slow.joined(separator: ", "))",
                    "start more replicas, or look at their logs"))
        } else {
            findings.append(.ok("queues", "every queue of a service has a worker"))
        }
        if !paused.isEmpty {
            findings.append(
                .warning(
                    "paused queues", paused.joined(separator: ", "),
                    "`dandelion queues resume QUEUE` when the reason is gone"))
        }
        return findings
    }

    private func leases(late: Int, isWorked: Bool, on executor: some PostgresExecutor) async throws -> [Finding] {
        // What the queue itself keeps at hand: nothing of it is a count over jobs.
        var measures: [String: Double] = [:]
        for row in try await executor.execute(QueueHealth.health) {
            let (thing, _, amount) = try row.decode((String, String?, Double).self)
            measures[thing] = max(measures[thing] ?? 0, amount)
        }
        func count(_ thing: String) -> String {
            let number = Int(measures[thing] ?? 0)
            return number >= 1000 ? "1000 or more" : String(number)
        }
        let (orphans, held) = (measures["orphan_leases"] ?? 0, measures["long_leases"] ?? 0)
        let (overdue, dead) = (measures["overdue_job"] ?? 0, measures["dead_letters"] ?? 0)
        let leaders = measures["leaders"] ?? 0
        var findings: [Finding] = []
        if isWorked && leaders == 0 {
            findings.append(
                .failed(
                    "maintenance", "no worker leads: nothing is rescued or made due",
                    "look at the workers' logs; one takes over within seconds"))
        } else {
            findings.append(.ok("maintenance", leaders > 0 ? "a worker leads" : "no worker runs"))
        }
        if orphans > 0 || late > 0 {
            findings.append(
                .failed(
                    "leases",
                    "\(count("orphan_leases")) jobs are leased to workers that are gone, \(late) workers are late",
                    "start a worker: the leader takes the jobs back in seconds"))
        } else if held > 0 {
            findings.append(
                .warning(
                    "leases", "\(count("long_leases")) hand-overs have been leased for over six hours",
                    "ask the agencies; `dandelion jobs list --state running`"))
        } else {
            findings.append(.ok("leases", "none is stuck"))
        }
        if overdue > 30 {
            findings.append(
                .failed(
                    "due jobs", "the first has been due for \(BeijingTime.span(overdue)) and is not available",
                    "start a worker of any queue: its leader makes them available"))
        } else {
            findings.append(.ok("due jobs", "none is late"))
        }
        if dead > 0 {
            findings.append(
                .warning(
                    "dead letters", "\(count("dead_letters")) jobs were given up",
                    "`dandelion jobs list --state discarded`, then `dandelion jobs retry JOB`"))
        } else {
            findings.append(.ok("dead letters", "none"))
        }
        return findings
    }

    private func clocks(on executor: some PostgresExecutor) async throws -> Finding {
        guard let row = try await executor.execute(Self.clocks).first else {
            return .failed("clocks of cases", "the database told nothing", "look at the server's log")
        }
        let (late, without, open) = try row.decode((Int64, Int64, Int64).self)
        if without > 0 {
            return .failed(
                "clocks of cases", "\(without) of \(open) open cases have no running clock",
                "this must not happen: keep the database as it is and report it")
        }
        if late > 0 {
            return .failed(
                "clocks of cases", "\(late) clocks ran out over a minute ago and did not fire",
                "start routing; if it runs, look at its log")
        }
        return .ok("clocks of cases", "each of \(open) open cases has a running clock, and none is late")
    }
}
