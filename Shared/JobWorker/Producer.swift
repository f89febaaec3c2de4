import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Claims jobs as slots come free, on bells and by poll, and hands them to the executor.
final class Producer: Sendable {
    private struct State {
        var plan: ClaimPlan
        /// Every job leased to this worker that it knows of.
        var inHand: Set<JobID> = []
        /// The answer of a claim was lost, or an outcome could not be written: jobs may be leased to this worker that
        /// nobody works on, and a live worker's leases are never taken from it.
        var mustReconcile = false
    }

    private let configuration: JobWorkerConfiguration
    private let pool: PostgresPool
    private let workers = WorkerStore()
    private let heartbeat: Heartbeat
    private let surroundings: Surroundings
    private let logger: Logger
    private let state: NIOLockedValueBox<State>
    private let (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        configuration: JobWorkerConfiguration, pool: PostgresPool, heartbeat: Heartbeat, surroundings: Surroundings,
        logger: Logger
    ) {
        self.surroundings = surroundings
        self.configuration = configuration
        self.pool = pool
        self.heartbeat = heartbeat
        self.logger = logger
        self.state = NIOLockedValueBox(
            State(
                plan: ClaimPlan(
                    queues: configuration.queues, batch: configuration.claimBatch,
                    pollInterval: configuration.pollInterval)))
    }

    var running: Int {
        self.state.withLockedValue { $0.plan.running }
    }

    func bellRang(_ queue: QueueName) {
        self.state.withLockedValue { $0.plan.bellRang(queue) }
        self.waker.yield()
    }

    func pollDue() {
        self.state.withLockedValue { $0.plan.pollDue() }
        self.waker.yield()
    }

    /// Claims no more; `run` returns when the jobs it has started are done.
    func drain() {
        self.state.withLockedValue { $0.plan.drain() }
        self.waker.finish()
    }

    /// Claims and starts jobs until `drain`, then waits for those that run. `execute` says whether the job was settled.
    func run(_ execute: @escaping @Sendable (LeasedJob, QueueName) async -> Bool) async {
        await withDiscardingTaskGroup { group in
            for await _ in self.wakes {
                await self.reconcile()
                while let claim = self.state.withLockedValue({ $0.plan.nextClaim() }) {
                    let started = ContinuousClock.now
                    let jobs = await self.claim(claim)
                    self.state.withLockedValue { state in
                        state.plan.claimed(claim, jobs, took: started.duration(to: .now))
                        state.inHand.formUnion(jobs.map(\.id))
                    }
                    for job in jobs {
                        group.addTask {
                            let isSettled = await execute(job, claim.queue)
                            self.finished(job, claim.queue, isSettled: isSettled)
                        }
                    }
                }
            }
        }
    }

    private func finished(_ job: LeasedJob, _ queue: QueueName, isSettled: Bool) {
        self.state.withLockedValue { state in
            state.plan.finished(queue)
            state.inHand.remove(job.id)
            if !isSettled { state.mustReconcile = true }
        }
        self.waker.yield()
    }

    private func claim(_ claim: ClaimPlan.Claim) async -> [LeasedJob] {
        guard let worker = self.heartbeat.worker else { return [] }
        do {
            let jobs = try await self.workers.claim(
                queue: claim.queue, limit: claim.limit, worker: worker, after: claim.positions, on: self.pool)
            if !jobs.isEmpty {
                self.heartbeat.noteClaim()
                self.surroundings.claimed(jobs, queue: claim.queue)
            }
            return jobs
        } catch let error as JobQueueError where error.code == .unknownWorker {
            self.heartbeat.forgetWorker()
        } catch {
            self.state.withLockedValue { $0.mustReconcile = true }
            self.logger.warning("Claim failed", metadata: ["queue": "\(claim.queue)", "error": "\(error)"])
        }
        return []
    }

    /// No claim is under way here, so what is leased to this worker and not in hand is in nobody's.
    private func reconcile() async {
        let (mustReconcile, held) = self.state.withLockedValue { ($0.mustReconcile, $0.inHand) }
        guard mustReconcile, let worker = self.heartbeat.worker else { return }
        do {
            let released = try await self.workers.releaseUnheld(worker, held: held, on: self.pool)
            self.state.withLockedValue { $0.mustReconcile = false }
            if released > 0 {
                self.logger.notice("Jobs handed back that nobody held", metadata: ["job.count": "\(released)"])
            }
        } catch {
            self.logger.info("Jobs nobody holds not handed back yet", metadata: ["error": "\(error)"])
        }
    }
}
