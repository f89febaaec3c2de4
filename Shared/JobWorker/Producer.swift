import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Claims jobs as slots come free, on bells and beats, hands them to the executor, and writes how they ended.
final class Producer: Sendable {
    private struct State {
        var flow: Flow
        var sleepers: [CheckedContinuation<Void, Never>] = []
        var waitingForPermit: Set<QueueName> = []
    }

    /// Exchanges with the database at a time: one is worked on by the server while this process works on the other.
    private static let exchanges = 2

    private let configuration: JobWorkerConfiguration
    private let pool: PostgresPool
    private let bell: JobBell
    private let workers = WorkerStore()
    private let heartbeat: Heartbeat
    private let executor: JobExecutor
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    init(
        configuration: JobWorkerConfiguration, pool: PostgresPool, bell: JobBell, heartbeat: Heartbeat,
        executor: JobExecutor, logger: Logger
    ) {
        self.configuration = configuration
        self.pool = pool
        self.bell = bell
        self.heartbeat = heartbeat
        self.executor = executor
        self.logger = logger
        self.state = NIOLockedValueBox(
            State(
                flow: Flow(
                    plan: ClaimPlan(
                        queues: configuration.queues, slots: configuration.slots, batch: configuration.claimBatch,
                        beatInterval: configuration.beatInterval))))
    }

    var running: Int {
        self.state.withLockedValue { $0.flow.plan.running }
    }

    func bellRang(_ queue: QueueName) {
        self.tell { $0.plan.bellRang(queue) }
    }

    /// What a beat tells: how many jobs run, and which claims are over since the last.
    func report() -> (running: Int, claimsOver: [Int64]) {
        self.state.withLockedValue { ($0.flow.plan.running, $0.flow.takeClaimsThatAreOver()) }
    }

    /// What the beat has found.
    func lookedAt(_ beat: Beat, _ shares: [QueueName: QueueShare]?) {
        self.tell { flow in
            if let shares { flow.plan.share(shares) }
            flow.plan.lookedAt(waiting: beat.waiting, limited: beat.limited)
        }
    }

    /// Claims no more; `run` returns when the jobs it has started are done.
    func drain() {
        self.tell(all: true) { $0.plan.drain() }
    }

    /// Claims and starts jobs until `drain`, then waits for those that run and writes how they end.
    func run() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<Self.exchanges { group.addTask { await self.exchange() } }
        }
    }

    // MARK: - Waiting

    private func tell(all: Bool = false, _ change: (inout Flow) -> Void) {
        let sleepers = self.state.withLockedValue { state in
            change(&state.flow)
            return Self.wake(&state, all: all)
        }
        for sleeper in sleepers { sleeper.resume() }
    }

    private static func wake(_ state: inout State, all: Bool) -> [CheckedContinuation<Void, Never>] {
        guard !all else {
            defer { state.sleepers = [] }
            return state.sleepers
        }
        return state.sleepers.popLast().map { [$0] } ?? []
    }

    /// The next step, which is not to wait.
    private func nextStep() async -> Flow.Step {
        while true {
            let step = self.state.withLockedValue { $0.flow.next() }
            guard case .wait = step else {
                // The other exchange may have something to do as well.
                self.tellIfBusy()
                return step
            }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mustWait = self.state.withLockedValue { state in
                    // What has happened since the look above found nobody to wake.
                    let mustWait = state.flow.isWaiting
                    if mustWait { state.sleepers.append(continuation) }
                    return mustWait
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    private func tellIfBusy() {
        let sleeper = self.state.withLockedValue { state in
            state.flow.isWaiting ? nil : state.sleepers.popLast()
        }
        sleeper?.resume()
    }

    // MARK: - Working

    private func exchange() async {
        await withDiscardingTaskGroup { group in
            while true {
                switch await self.nextStep() {
                case .end:
                    self.tell(all: true) { _ in }
                    return
                case .wait: continue
                case .handBack(let held): await self.handBack(held)
                case .settle(let batch):
                    for finished in batch {
                        group.addTask {
                            let isWritten = await self.executor.settle(
                                finished.job, .init(outcome: finished.outcome, result: finished.result))
                            self.tell { $0.settled([finished], isWritten: isWritten) }
                            self.ringIfLimited([(finished.job, finished.queue)])
                        }
                    }
                case .exchange(let batch, let claim):
                    let jobs = await self.exchange(batch, claim)
                    guard let claim else { continue }
                    let queue = claim.queue
                    if jobs.count < claim.limit, self.waitsForPermit(queue) {
                        group.addTask { await self.waitForPermit(queue) }
                    }
                    for job in jobs {
                        group.addTask {
                            let ending = await self.executor.execute(job, queue: queue)
                            self.tell { $0.finished(job, queue, ending?.outcome, result: ending?.result) }
                            // Committed by its handler: nothing of it is written here, so nothing else rings.
                            if ending == nil { self.ringIfLimited([(job, queue)]) }
                        }
                    }
                }
            }
        }
    }

    /// Writes completions and claims, in one round trip and one transaction where there are both.
    private func exchange(_ batch: [Flow.Finished], _ claim: ClaimPlan.Claim?) async -> [LeasedJob] {
        let started = ContinuousClock.now
        var claim = claim
        if let wanted = claim, !batch.isEmpty {
            do {
                let worker = try self.requireWorker()
                let (jobs, completed) = try await self.workers.exchange(
                    completing: batch.map(\.job), first: wanted.followsCompletions, queue: wanted.queue,
                    limit: wanted.limit, worker: worker, after: wanted.positions, on: self.pool)
                self.completed(batch, completed)
                return self.claimed(wanted, jobs, started)
            } catch {
                // Either may be at fault, and nothing of either is done: the completions are written alone.
                self.failed(wanted, error)
                claim = nil
            }
        }
        if !batch.isEmpty { await self.complete(batch) }
        guard let claim else { return [] }
        do {
            let worker = try self.requireWorker()
            let jobs = try await self.workers.claim(
                queue: claim.queue, limit: claim.limit, worker: worker, after: claim.positions, on: self.pool)
            return self.claimed(claim, jobs, started)
        } catch {
            self.failed(claim, error)
            return []
        }
    }

    private func requireWorker() throws(JobQueueError) -> UUID {
        guard let worker = self.heartbeat.worker else { throw JobQueueError(code: .unknownWorker) }
        return worker
    }

    private func claimed(
        _ claim: ClaimPlan.Claim, _ jobs: [LeasedJob], _ started: ContinuousClock.Instant
    ) -> [LeasedJob] {
        if !jobs.isEmpty {
            self.heartbeat.noteClaim()
            self.executor.surroundings.claimed(jobs, queue: claim.queue)
        }
        // The other exchange may go on where this one came to.
        self.tell { $0.claimed(claim, jobs, took: started.duration(to: .now)) }
        return jobs
    }

    private func failed(_ claim: ClaimPlan.Claim, _ error: any Error) {
        if let error = error as? JobQueueError, error.code == .unknownWorker {
            // Nothing was claimed. Not registered yet, or given up: the next beat finds that out, too.
            self.heartbeat.beatSoon()
            self.tell { $0.claimed(claim, [], took: .zero) }
        } else {
            self.logger.warning("Claim failed", metadata: ["queue": "\(claim.queue)", "error": "\(error)"])
            self.tell { $0.claimed(claim, nil, took: .zero) }
        }
    }

    /// Completes the batch, and keeps trying for a while when the database is away.
    private func complete(_ batch: [Flow.Finished]) async {
        for delay in JobExecutor.settleDelays {
            do {
                return self.completed(batch, try await self.workers.complete(batch.map(\.job), on: self.pool))
            } catch let error as PostgresError where error.isRetryable {
                self.logger.warning("Completions not written yet", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)  // Cancelled: the next try fails at once and the loop ends.
            } catch {
                self.logger.error(
                    "Completions not written; the jobs go back",
                    metadata: ["job.count": "\(batch.count)", "error": "\(error)"])
                return self.tell { $0.settled(batch, isWritten: false) }
            }
        }
        self.logger.error(
            "Completions not written while the database was away; the jobs go back",
            metadata: ["job.count": "\(batch.count)"])
        self.tell { $0.settled(batch, isWritten: false) }
    }

    private func completed(_ batch: [Flow.Finished], _ completed: Set<JobID>) {
        if completed.count < batch.count {
            for finished in batch where !completed.contains(finished.job.id) {
                JobContext.logger(self.logger, for: finished.job).info(
                    "Lease lost before the outcome was written; another consumer has the job or it has ended")
            }
        }
        self.tell { $0.settled(batch, isWritten: true) }
        self.ringIfLimited(batch.lazy.map { ($0.job, $0.queue) })
    }

    /// The end of a limited queue's job makes room for another, for whichever worker has a slot.
    private func ringIfLimited(_ ended: some Sequence<(LeasedJob, QueueName)>) {
        let queues = self.state.withLockedValue { state in
            var queues: Set<QueueName> = []
            for (job, queue) in ended where job.isLimited || state.flow.plan.isLimited(queue) { queues.insert(queue) }
            return queues
        }
        for queue in queues { self.bell.ring(queue) }
    }

    /// A limited queue came back short, and nobody waits for its next permit yet.
    private func waitsForPermit(_ queue: QueueName) -> Bool {
        self.state.withLockedValue { state in
            state.flow.plan.phase == .claiming && state.flow.plan.isLimited(queue)
                && state.waitingForPermit.insert(queue).inserted
        }
    }

    /// Looks again when the bucket has something in it. For the end of a job there is the bell.
    private func waitForPermit(_ queue: QueueName) async {
        var wait: Duration?
        do {
            wait = try await self.workers.nextPermit(queue, on: self.pool)
        } catch {
            self.logger.debug("Next permit not known; the beat looks again", metadata: ["error": "\(error)"])
        }
        if let wait, wait > .zero {
            // Not for each single one where they come fast; and a drain is not held up by one that comes late.
            let end = ContinuousClock.now.advanced(
                by: min(max(wait, .milliseconds(20)), self.configuration.beatInterval))
            try? await Task.sleep(until: end, clock: .continuous)  // Cancelled: the worker ends.
        }
        let sleepers = self.state.withLockedValue { state in
            state.waitingForPermit.remove(queue)
            guard let wait, wait > .zero else { return [CheckedContinuation<Void, Never>]() }
            state.flow.plan.bellRang(queue)
            return Self.wake(&state, all: false)
        }
        for sleeper in sleepers { sleeper.resume() }
    }

    private func handBack(_ held: Set<JobID>) async {
        guard let worker = self.heartbeat.worker else {
            // Given up: the rescuer takes back everything.
            return self.tell { $0.handedBack(isDone: true) }
        }
        do {
            let released = try await self.workers.releaseUnheld(worker, held: held, on: self.pool)
            self.tell { $0.handedBack(isDone: true) }
            if released > 0 {
                self.logger.notice("Jobs handed back that nobody held", metadata: ["job.count": "\(released)"])
            }
        } catch {
            self.logger.info("Jobs nobody holds not handed back yet", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .milliseconds(500))  // Cancelled: the worker ends, and its leases go back.
            self.tell { $0.handedBack(isDone: Task.isCancelled) }
        }
    }
}
