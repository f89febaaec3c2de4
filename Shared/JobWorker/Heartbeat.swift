import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Keeps this process known to the fleet, learns which of its jobs are to stop, and stops all of them when it can no
/// longer be sure of its leases.
final class Heartbeat: Sendable {
    private let configuration: JobWorkerConfiguration
    private let pool: PostgresPool
    private let workers = WorkerStore()
    private let running: RunningJobs
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    private struct State {
        var worker: UUID?
        var isDraining = false
        /// Somebody wants a running job cancelled, perhaps one of this worker's.
        var mustBeat = false
        /// Jobs were claimed since the claims were last compacted.
        var hasClaimed = false
        /// The row the claims were last folded into.
        var claims: Int64?
        var compactions = 0
    }

    init(configuration: JobWorkerConfiguration, pool: PostgresPool, running: RunningJobs, logger: Logger) {
        self.configuration = configuration
        self.pool = pool
        self.running = running
        self.logger = logger
        self.state = NIOLockedValueBox(State())
    }

    /// The id the worker is registered under; nil while it is not.
    var worker: UUID? {
        self.state.withLockedValue { $0.worker }
    }

    /// Jobs were claimed: with the next beat the worker's list of claims is shortened.
    func noteClaim() {
        self.state.withLockedValue { $0.hasClaimed = true }
    }

    /// The next beat comes at once: it tells which jobs are to stop.
    func beatSoon() {
        self.state.withLockedValue { $0.mustBeat = true }
    }

    func beginDraining() {
        self.state.withLockedValue { $0.isDraining = true }
    }

    /// A claim was told that the worker is unknown: every lease is lost, and the next beat registers anew.
    func forgetWorker() {
        self.state.withLockedValue { $0.worker = nil }
        self.running.stopAll(because: .leaseLost)
    }

    /// Beats until cancelled.
    func run(jobsRunning: @Sendable () -> Int, registered: @Sendable () -> Void) async {
        var lastBeat = ContinuousClock.now
        var nextBeat = ContinuousClock.now
        while !Task.isCancelled {
            self.running.stopOverdue()
            let mustBeat = self.state.withLockedValue { state in
                defer { state.mustBeat = false }
                return state.mustBeat
            }
            if mustBeat || nextBeat <= .now {
                nextBeat = .now.advanced(by: self.configuration.heartbeatInterval)
                do {
                    try await self.beat(jobsRunning: jobsRunning(), registered: registered)
                    lastBeat = .now
                    await self.compactClaims()
                } catch is CancellationError {
                    return
                } catch {
                    self.logger.warning("Heartbeat failed", metadata: ["error": "\(error)"])
                    if lastBeat.advanced(by: self.configuration.aliveFor) < .now {
                        // By the database's clock this worker is dead: whatever it still does is another's work.
                        self.running.stopAll(because: .leaseLost)
                    }
                }
            }
            do {
                try await Task.sleep(for: min(.milliseconds(500), self.configuration.heartbeatInterval))
            } catch {
                return
            }
        }
    }

    private func beat(jobsRunning: Int, registered: () -> Void) async throws {
        let (worker, isDraining) = self.state.withLockedValue { ($0.worker, $0.isDraining) }
        guard let worker else {
            guard !isDraining else { return }
            let id = UUID()
            try await self.workers.register(
                id, name: self.configuration.name, queues: Array(self.configuration.queues.keys),
                slots: self.configuration.queues.values.reduce(0, +), aliveFor: self.configuration.aliveFor,
                on: self.pool)
            self.state.withLockedValue { state in
                state.worker = id
                state.claims = nil
            }
            self.logger.info("Worker registered", metadata: ["worker.id": "\(id)"])
            registered()
            return
        }
        do {
            let cancelled = try await self.workers.beat(
                worker, running: jobsRunning, isDraining: isDraining, aliveFor: self.configuration.aliveFor,
                on: self.pool)
            self.running.stop(cancelled, because: .cancelRequested)
        } catch let error as JobQueueError where error.code == .unknownWorker {
            self.logger.warning("Worker was given up; its leases are lost", metadata: ["worker.id": "\(worker)"])
            self.forgetWorker()
        }
    }

    /// Forgets the claims whose jobs have ended. What is not forgotten only costs whoever looks for lost leases.
    private func compactClaims() async {
        let next: (worker: UUID, after: Int64?)? = self.state.withLockedValue { state in
            guard state.hasClaimed, let worker = state.worker else { return nil }
            state.hasClaimed = false
            state.compactions += 1
            // Once in a while from the start: a claim may have got its number before the last compaction and committed
            // after it.
            return (worker, state.compactions % 30 == 0 ? nil : state.claims)
        }
        guard let next else { return }
        do {
            let row = try await self.workers.compactClaims(next.worker, after: next.after, on: self.pool)
            self.state.withLockedValue { if $0.worker == next.worker { $0.claims = row } }
        } catch {
            self.state.withLockedValue { $0.hasClaimed = true }
            self.logger.debug("Claims not compacted yet", metadata: ["error": "\(error)"])
        }
    }

    /// Gives back the registration. Leases still held go back at the rescuer's next round.
    func deregister() async {
        guard let worker = self.worker else { return }
        do {
            try await self.workers.deregister(worker, on: self.pool)
        } catch {
            self.logger.info("Worker not deregistered; it expires by itself", metadata: ["error": "\(error)"])
        }
    }
}
