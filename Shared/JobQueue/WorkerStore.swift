package import FoundationEssentials
package import JobTypes
package import PostgresClient

/// The job table for worker processes: registration, heartbeat, claims by heartbeat, batch completion, maintenance.
package struct WorkerStore: Sendable {
    package init() {}

    package func register(
        _ worker: UUID, name: String, queues: [QueueName], slots: Int, aliveFor: Duration,
        on executor: some PostgresExecutor
    ) async throws {
        _ = try await JobStore.run(
            Self.registerWorker, on: executor,
            [worker, name, queues.map(\.rawValue), Int32(slots), PostgresInterval(aliveFor)])
    }

    /// Beats, and hears what there is to know.
    /// - Parameters:
    ///   - stands: whether the worker would lead.
    ///   - claimsOver: claims, by the lowest number of their leases, of which each lease is over as the database has confirmed:
    ///     nobody will look for their jobs again.
    /// - Throws: `JobQueueError.unknownWorker` when the worker was given up meanwhile.
    package func beat(
        _ worker: UUID, running: Int, isDraining: Bool, aliveFor: Duration, stands: Bool = false,
        claimsOver: [Int64] = [], on executor: some PostgresExecutor
    ) async throws -> Beat {
        let rows = try await JobStore.run(
            Self.beat, on: executor,
            [
                worker, Int32(running), isDraining, PostgresInterval(aliveFor), stands,
                claimsOver.isEmpty ? nil : claimsOver,
            ])
        let (cancelled, waiting, limited, leads, version) = try JobStore.only(rows)
            .decode(([Int64], [String], [String], Bool, Int64).self)
        return Beat(
            cancelled: cancelled.map { JobID($0) }, waiting: waiting.map { QueueName(rawValue: $0) },
            limited: limited.map { QueueName(rawValue: $0) }, leads: leads, shareVersion: version)
    }

    /// How queues share slots; those that are not named have the usual share.
    package func shares(on executor: some PostgresExecutor) async throws -> [QueueName: QueueShare] {
        var shares: [QueueName: QueueShare] = [:]
        for row in try await JobStore.run(Self.shares, on: executor, []) {
            let (queue, weight, group, groupWeight, minimum) =
                try row.decode((String, Double, String?, Double, Int32).self)
            shares[QueueName(rawValue: queue)] = QueueShare(
                weight: weight, group: group, groupWeight: groupWeight, minimum: Int(minimum))
        }
        return shares
    }

    /// How long until a queue's limit lets another job start; nil when only the end of a job can help, or there is no limit.
    package func nextPermit(_ queue: QueueName, on executor: some PostgresExecutor) async throws -> Duration? {
        let rows = try await JobStore.run(Self.nextPermit, on: executor, [queue.rawValue])
        return try JobStore.only(rows).decode(Double?.self).map { .seconds($0) }
    }

    package func deregister(_ worker: UUID, on executor: some PostgresExecutor) async throws {
        _ = try await JobStore.run(Self.deregisterWorker, on: executor, [worker])
    }

    /// Forgets which of the worker's claims are over. `after` is what the last call returned, or nil now and then.
    package func compactClaims(
        _ worker: UUID, after: Int64?, on executor: some PostgresExecutor
    ) async throws -> Int64 {
        let rows = try await JobStore.run(Self.compactClaims, on: executor, [worker, after])
        return try JobStore.only(rows).decode(Int64.self)
    }

    /// Hands back what is leased to the worker and not among `held`. Returns the number of jobs.
    package func releaseUnheld(
        _ worker: UUID, held: some Sequence<JobID>, on executor: some PostgresExecutor
    ) async throws -> Int {
        let rows = try await JobStore.run(Self.releaseUnheld, on: executor, [worker, held.map(\.rawValue)])
        return Int(try JobStore.only(rows).decode(Int64.self))
    }

    /// Leases jobs that stand after the positions; with nil, from where the lanes are known to be done, which also finds
    /// jobs that were committed late or came back.
    package func claim(
        queue: QueueName, limit: Int, worker: UUID, after positions: LanePositions? = nil,
        on executor: some PostgresExecutor
    ) async throws -> [LeasedJob] {
        let rows = try await JobStore.run(
            JobStore.claimJobs, on: executor,
            [
                queue.rawValue, Int32(limit), worker, Optional<PostgresInterval>.none, Optional<String>.none,
                positions?.after,
            ])
        return try rows.map(LeasedJob.init(row:))
    }

    /// Completes a batch in one statement. A job that is missing from the answer had lost its lease.
    package func complete(_ jobs: [LeasedJob], on executor: some PostgresExecutor) async throws -> Set<JobID> {
        let rows = try await JobStore.run(JobStore.completeMany, on: executor, LeasedJob.tokenParameters(jobs))
        return Set(try rows.map { JobID(try $0.decode(Int64.self)) })
    }

    /// Claims, and completes a batch, in one round trip and one transaction. When it throws, neither is done.
    /// - Parameter completesFirst: the claim finds the permits that the completions give back.
    package func exchange(
        completing jobs: [LeasedJob], first completesFirst: Bool = false, queue: QueueName, limit: Int, worker: UUID,
        after positions: LanePositions?, on pool: PostgresPool
    ) async throws -> (claimed: [LeasedJob], completed: Set<JobID>) {
        let claim = BoundStatement(
            JobStore.claimJobs, queue.rawValue, Int32(limit), worker, Optional<PostgresInterval>.none,
            Optional<String>.none, positions?.after)
        let completion = BoundStatement(JobStore.completeMany, parameters: LeasedJob.tokenParameters(jobs))
        do {
            // Else the claim first: it begins the transaction, which moving the low water up relies on.
            let steps =
                completesFirst
                ? [BoundStatement(Self.beforeClaim, queue.rawValue), completion, claim] : [claim, completion]
            let results = try await pool.withConnection { try await $0.pipeline(steps) }
            guard results.count == steps.count else { throw JobQueueError(code: .badArgument) }
            let (claimed, completed) = completesFirst ? (results[2], results[1]) : (results[0], results[1])
            return (
                try claimed.map(LeasedJob.init(row:)), Set(try completed.map { JobID(try $0.decode(Int64.self)) })
            )
        } catch let error as PostgresError {
            throw JobQueueError(error) ?? error
        }
    }

    // MARK: - Maintenance

    /// The term of leadership, or nil when another worker leads.
    package func elect(
        _ name: String, holder: UUID, holdFor: Duration, on executor: some PostgresExecutor
    ) async throws -> Int64? {
        let rows = try await JobStore.run(Self.electLeader, on: executor, [name, holder, PostgresInterval(holdFor)])
        return try rows.first?.decode(Int64?.self)
    }

    package func resign(_ name: String, holder: UUID, on executor: some PostgresExecutor) async throws {
        _ = try await JobStore.run(Self.resignLeader, on: executor, [name, holder])
    }

    /// Makes due jobs available. Returns their number by queue.
    package func promoteDue(limit: Int, on executor: some PostgresExecutor) async throws -> [QueueName: Int] {
        try Self.counts(try await JobStore.run(Self.promoteDue, on: executor, [Int32(limit)]))
    }

    /// Takes back leases that ran out and those of dead workers. Returns their number by queue.
    package func rescue(limit: Int, on executor: some PostgresExecutor) async throws -> [QueueName: Int] {
        try Self.counts(try await JobStore.run(Self.rescueLeases, on: executor, [Int32(limit)]))
    }

    /// Keeps the history's partitions. Returns how many old ones were dropped.
    package func maintainHistory(keep: Duration, on executor: some PostgresExecutor) async throws -> Int {
        let rows = try await JobStore.run(Self.maintainHistory, on: executor, [PostgresInterval(keep)])
        return Int(try JobStore.only(rows).decode(Int32.self))
    }

    /// Forgets lanes without jobs that nobody has used for `idle`. Returns how many; as many as `limit` means: call again.
    package func forgetLanes(idle: Duration, limit: Int, on executor: some PostgresExecutor) async throws -> Int {
        let rows = try await JobStore.run(
            Self.forgetLanes, on: executor, [PostgresInterval(idle), Int32(limit)])
        return try Int(JobStore.only(rows).decode(Int64.self))
    }

    /// Forgets unique keys whose time is over. Returns how many.
    package func forgetUniqueHolds(limit: Int, on executor: some PostgresExecutor) async throws -> Int {
        let rows = try await JobStore.run(Self.forgetUniqueHolds, on: executor, [Int32(limit)])
        return Int(try JobStore.only(rows).decode(Int64.self))
    }

    /// Depth and lag of the queues that have a worker.
    package func workedStats(on executor: some PostgresExecutor) async throws -> [QueueStats] {
        try await JobStore.run(Self.workedStats, on: executor, []).map { row in
            let (queue, available, scheduled, running, retryable, lag) = try row.decode(
                (String, Int64, Int64, Int64, Int64, Double?).self)
            return QueueStats(
                queue: QueueName(rawValue: queue), available: Int(available), scheduled: Int(scheduled),
                running: Int(running), retryable: Int(retryable), lag: .seconds(max(lag ?? 0, 0)))
        }
    }

    private static func counts(_ rows: PostgresRows) throws -> [QueueName: Int] {
        var counts: [QueueName: Int] = [:]
        for row in rows {
            let (queue, jobs) = try row.decode((String, Int64).self)
            counts[QueueName(rawValue: queue)] = Int(jobs)
        }
        return counts
    }
}

/// What waits in a queue. Numbers above a thousand are estimates; see `queue.stats`.
package struct QueueStats: Sendable, Equatable {
    package let queue: QueueName
    package let available: Int
    package let scheduled: Int
    package let running: Int
    package let retryable: Int
    /// How long the first available job has waited; zero when none does.
    package let lag: Duration

    package init(queue: QueueName, available: Int, scheduled: Int, running: Int, retryable: Int, lag: Duration) {
        self.queue = queue
        self.available = available
        self.scheduled = scheduled
        self.running = running
        self.retryable = retryable
        self.lag = lag
    }
}
