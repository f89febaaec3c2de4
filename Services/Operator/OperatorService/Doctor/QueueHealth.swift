import PostgresClient

/// The queue's own state of health: what `queue.health` and the overview tell, judged.
struct QueueHealth: Sendable {
    static let health = Statement(name: "doctor_health", "SELECT thing, name, amount FROM queue.health()")
    static let overview = Statement(
        name: "doctor_overview",
        """
        SELECT queue, available, running, workers,
            extract(epoch FROM clock_timestamp() - oldest_available_at)::float8, paused
        FROM queue.queue_overview
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [health, overview]

    /// A row of `queue.health`.
    struct Measure: Sendable, Equatable {
        let thing: String
        var name: String?
        let amount: Double
    }

    /// A queue with what waits in it and who works it.
    struct Depth: Sendable, Equatable {
        let queue: String
        let available: Int
        let workers: Int
        /// Seconds that the first available job has waited.
        let lag: Double?
        let isPaused: Bool
    }

    let measures: [Measure]
    let depths: [Depth]

    static func findings(on executor: some PostgresExecutor) async throws -> [Finding] {
        let measures = try await executor.execute(Self.health).map { row in
            let (thing, name, amount) = try row.decode((String, String?, Double).self)
            return Measure(thing: thing, name: name, amount: amount)
        }
        let depths = try await executor.execute(Self.overview).map { row in
            let (queue, available, _, workers, lag, isPaused) = try row.decode(
                (String, Int64, Int64, Int64, Double?, Bool).self)
            return Depth(
                queue: queue, available: Int(available), workers: Int(workers), lag: lag, isPaused: isPaused)
        }
        return QueueHealth(measures: measures, depths: depths).findings
    }

    var findings: [Finding] {
        [
            self.workers, self.lag, self.leases, self.maintenance, self.dueJobs, self.schedules, self.lanes, self.bloat,
            self.history, self.deadLetters,
        ]
    }

    private func all(_ thing: String, above amount: Double = -.infinity) -> [Measure] {
        self.measures.filter { $0.thing == thing && $0.amount > amount }
    }

    private func worst(_ thing: String) -> Double { self.all(thing).map(\.amount).max() ?? 0 }

    private static func names(_ names: [String]) -> String {
        names.count <= 5
            ? names.joined(separator: ", ") : names.prefix(5).joined(separator: ", ") + " and \(names.count - 5) more"
    }

    /// Jobs wait, and nobody is there to take them. A queue that consumers behind a door lease from has no workers: that is
    /// told from a queue without one only by its age.
    private var workers: Finding {
        let idle = self.depths.filter { $0.available > 0 && $0.workers == 0 && !$0.isPaused && ($0.lag ?? 0) > 60 }
        guard !idle.isEmpty else { return .ok("workers", "every queue whose jobs wait has one") }
        return .warning(
            "workers", "jobs wait in \(Self.names(idle.map(\.queue))) and no worker takes them",
            "start a worker of the queue; a queue that is leased from through a door needs none")
    }

    private var lag: Finding {
        let slow = self.depths.filter { ($0.lag ?? 0) > 60 && $0.workers > 0 && !$0.isPaused }
        guard let worst = slow.max(by: { ($0.lag ?? 0) < ($1.lag ?? 0) }), let lag = worst.lag else {
            return .ok("lag", "no worked queue keeps a job waiting for over a minute")
        }
        return .warning(
            "lag", "\(Self.names(slow.map(\.queue))): up to \(BeijingTime.span(lag))",
            "start more workers, or look at their logs and limits")
    }

    private var leases: Finding {
        let silent = self.all("silent_worker", above: 15).compactMap(\.name)
        if self.worst("expired_lease") > 15 || self.worst("lost_worker") > 60 || !silent.isEmpty {
            let who = silent.isEmpty ? "" : "; silent: \(Self.names(silent))"
            return .failed(
                "leases", "some are over and were not taken back\(who)",
                "start a worker: the leader takes them back in seconds; look for a handler that holds its job in a "
                    + "long transaction")
        }
        return .ok("leases", "none is stuck")
    }

    private var maintenance: Finding {
        let hasWorkers = self.depths.contains { $0.workers > 0 }
        guard hasWorkers, self.worst("leaders") == 0 else {
            return .ok("maintenance", hasWorkers ? "a worker leads" : "no worker runs")
        }
        return .failed(
            "maintenance", "workers run and none leads: nothing is rescued, made due or fired",
            "look at the workers' logs; one takes over within seconds")
    }

    private var dueJobs: Finding {
        let late = self.worst("overdue_job")
        guard late > 30 else { return .ok("due jobs", "none is late") }
        return .failed(
            "due jobs", "the first has been due for \(BeijingTime.span(late)) and is not available",
            "start a worker of any queue: its leader makes them available")
    }

    private var schedules: Finding {
        let late = self.all("late_schedule", above: 60).compactMap(\.name)
        if !late.isEmpty {
            return .failed(
                "schedules", "\(Self.names(late)) did not fire",
                "look at the leader's log: it may not be able to read them; or remove them with "
                    + "`dandelion periodic remove`")
        }
        let ahead = self.all("schedule_ahead").compactMap(\.name)
        if !ahead.isEmpty {
            return .warning(
                "schedules", "\(Self.names(ahead)) fired for times that are still to come: the clock was ahead",
                "`dandelion periodic resume NAME` lets it go on from now")
        }
        return .ok("schedules", "none is late")
    }

    private var lanes: Finding {
        let held = self.all("held_lane", above: 300)
        guard !held.isEmpty else { return .ok("lanes", "no old transaction holds one back") }
        return .warning(
            "lanes", "\(Self.names(Set(held.compactMap(\.name)).sorted())): held back by a transaction that writes",
            "end it: `SELECT pid, xact_start, state FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY 2`")
    }

    private var bloat: Finding {
        let live = Dictionary(self.all("live_rows").map { ($0.name ?? "", $0.amount) }) { first, _ in first }
        let bloated = self.all("dead_rows", above: 100_000).filter { $0.amount > 4 * (live[$0.name ?? ""] ?? 0) }
        guard !bloated.isEmpty else { return .ok("bloat", "no table is mostly dead rows") }
        let said = bloated.map { "\($0.name ?? "") (\(Int($0.amount)) dead rows)" }
        return .warning(
            "bloat", Self.names(said), "end what holds an old snapshot (below); autovacuum then takes them away")
    }

    private var history: Finding {
        let stray = self.worst("default_history")
        if stray > 0 {
            return .warning(
                "history", "\(Int(stray)) jobs or more are in no month's partition and are never dropped",
                "they ended while no worker kept the partitions: move them, or DELETE those that are old enough")
        }
        guard self.worst("history_ahead") > 0 || !self.depths.contains(where: { $0.workers > 0 }) else {
            return .failed(
                "history", "the next month has no partition", "look at the leader's log; it makes one every hour")
        }
        return .ok("history", "every job is in a partition that will be dropped")
    }

    private var deadLetters: Finding {
        let dead = Int(self.worst("dead_letters"))
        guard dead > 0 else { return .ok("dead letters", "none") }
        return .warning(
            "dead letters", "\(dead)\(dead == 1000 ? " or more" : "") jobs were given up",
            "`dandelion jobs list --state discarded`, then `dandelion jobs retry JOB`")
    }
}
