import JobQueue
import JobTypes
import Logging
import Metrics
import PostgresClient

/// What the elected worker does for all: makes due jobs available (scheduler), takes lost leases back (rescuer), and
/// keeps the history's partitions (cleaner).
struct Maintenance: Sendable {
    private static let batch = 1000
    /// A lane that has had no job for so long is forgotten.
    private static let laneIdleTime = Duration.seconds(24 * 3600)

    let pool: PostgresPool
    let bell: JobBell
    let retention: Duration
    let logger: Logger
    private let workers = WorkerStore()

    init(pool: PostgresPool, bell: JobBell, retention: Duration, logger: Logger) {
        self.pool = pool
        self.bell = bell
        self.retention = retention
        self.logger = logger
    }

    /// Works while this worker leads; until cancelled. Two leaders for a moment would do no harm: every maintenance
    /// function locks what it touches and skips what is locked.
    func run(leads: @Sendable () -> Bool) async {
        let ticker = PeriodicTicker(pool: self.pool, bell: self.bell, logger: self.logger)
        var gauges = QueueGauges()
        var nextGauge = ContinuousClock.now
        var nextTick = ContinuousClock.now
        var nextRescue = ContinuousClock.now
        var nextCleaning = ContinuousClock.now
        while !Task.isCancelled {
            let isLeader = leads()
            if isLeader {
                await self.schedule()
                // Schedules have minutes; an idle fleet's statements are counted.
                if nextTick <= .now {
                    await ticker.tick()
                    nextTick = .now.advanced(by: .seconds(1))
                }
                if nextRescue <= .now {
                    await self.rescue()
                    nextRescue = .now.advanced(by: .seconds(1))
                }
                if nextGauge <= .now {
                    await self.measure(&gauges)
                    nextGauge = .now.advanced(by: .seconds(15))
                }
                if nextCleaning <= .now {
                    nextCleaning = .now.advanced(by: await self.clean() ? .seconds(3600) : .seconds(60))
                }
            }
            if !isLeader { gauges.clear() }
            do {
                try await Task.sleep(for: isLeader ? .milliseconds(250) : .seconds(1))
            } catch {
                break
            }
        }
    }

    /// Makes due jobs available until none is left.
    func schedule() async {
        await self.repeating("Due jobs not made available yet") {
            try await self.workers.promoteDue(limit: Self.batch, on: self.pool)
        }
    }

    /// Takes back the leases of dead workers and those that ran out.
    func rescue() async {
        await self.repeating("Lost leases not taken back yet") {
            let rescued = try await self.workers.rescue(limit: Self.batch, on: self.pool)
            for (queue, count) in rescued {
                self.logger.notice("Leases taken back", metadata: ["queue": "\(queue)", "job.count": "\(count)"])
                Counter(label: "job.rescued", dimensions: [("queue", queue.rawValue)]).increment(by: count)
            }
            return rescued
        }
    }

    private func measure(_ gauges: inout QueueGauges) async {
        do {
            gauges.show(try await self.workers.workedStats(on: self.pool))
        } catch {
            self.logger.debug("Queues not measured", metadata: ["error": "\(error)"])
        }
    }

    /// False when something was locked by a reader: then it is tried again soon.
    private func clean() async -> Bool {
        do {
            while try await self.workers.forgetUniqueHolds(limit: Self.batch, on: self.pool) == Self.batch {}
            while try await self.workers.forgetLanes(idle: Self.laneIdleTime, limit: Self.batch, on: self.pool)
                == Self.batch
            {}
            let dropped = try await self.workers.maintainHistory(keep: self.retention, on: self.pool)
            if dropped > 0 {
                self.logger.info("Old history dropped", metadata: ["partition.count": "\(dropped)"])
            }
            return true
        } catch {
            self.logger.warning("History not maintained", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func repeating(_ failure: Logger.Message, _ step: () async throws -> [QueueName: Int]) async {
        do {
            while !Task.isCancelled {
                let counts = try await step()
                for queue in counts.keys { self.bell.ring(queue) }
                if counts.values.reduce(0, +) < Self.batch { return }
            }
        } catch {
            self.logger.info(failure, metadata: ["error": "\(error)"])
        }
    }
}
