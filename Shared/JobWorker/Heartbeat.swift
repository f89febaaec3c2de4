import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Keeps this process known to the fleet, learns what there is to do and which of its jobs are to stop, and stops all of them
/// when it can no longer be sure of its leases.
final class Heartbeat: Sendable {
    private let configuration: JobWorkerConfiguration
    private let pool: PostgresPool
    private let workers = WorkerStore()
    private let running: RunningJobs
    private let logger: Logger
    private let state: NIOLockedValueBox<State>
    /// Time to look whether a beat is due.
    private let (ticks, ticker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private struct State {
        var worker: UUID?
        var isDraining = false
        /// The next beat comes at once.
        var mustBeat = false
        /// This worker leads until then, if it does.
        var leadsUntil: ContinuousClock.Instant?
        var shareVersion: Int64 = 0
        /// Jobs were claimed since the claims were last compacted.
        var hasClaimed = false
        /// The row the claims were last folded into.
        var claims: Int64?
        var compactions = 0
        var beatsWithClaims = 0
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

    /// Whether this worker does the maintenance.
    var leads: Bool {
        self.state.withLockedValue { $0.leadsUntil.map { $0 > .now } ?? false }
    }

    /// Jobs were claimed: with the next beat the worker's list of claims is shortened.
    func noteClaim() {
        self.state.withLockedValue { $0.hasClaimed = true }
    }

    /// The next beat comes at once: somebody wants a job cancelled, or a bell may have been missed.
    func beatSoon() {
        self.state.withLockedValue { $0.mustBeat = true }
        self.ticker.yield()
    }

    func beginDraining() {
        self.state.withLockedValue { $0.isDraining = true }
    }

    /// Beats until cancelled. `report` says what the beat is to tell; `looked` is told what a beat has found, and the queues' shares when they have changed.
    func run(
        report: @Sendable () -> (running: Int, claimsOver: [Int64]),
        looked: @Sendable (Beat, [QueueName: QueueShare]?) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    self.ticker.yield()
                    let pause = min(.milliseconds(500), self.configuration.beatInterval)
                    do { try await Task.sleep(for: pause) } catch { break }
                }
                self.ticker.finish()
            }
            await self.beatWhenDue(report, looked)
            group.cancelAll()
        }
    }

    private func beatWhenDue(
        _ report: @Sendable () -> (running: Int, claimsOver: [Int64]),
        _ looked: @Sendable (Beat, [QueueName: QueueShare]?) -> Void
    ) async {
        var lastBeat = ContinuousClock.now
        var nextBeat = ContinuousClock.now
        for await _ in self.ticks {
            self.running.stopOverdue()
            let mustBeat = self.state.withLockedValue { state in
                defer { state.mustBeat = false }
                return state.mustBeat
            }
            guard mustBeat || nextBeat <= .now else { continue }
            // Processes that started together do not beat together.
            nextBeat = .now.advanced(by: self.configuration.beatInterval * Double.random(in: 0.9...1.1))
            do {
                if let beat = try await self.beat(report()) {
                    lastBeat = .now
                    looked(beat, try await self.changedShares(beat))
                    await self.compactClaims()
                }
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
    }

    /// One beat, after registering if that is needed; nil when the worker was given up.
    private func beat(_ report: (running: Int, claimsOver: [Int64])) async throws -> Beat? {
        let (known, isDraining) = self.state.withLockedValue { ($0.worker, $0.isDraining) }
        guard known != nil || !isDraining else { return nil }
        let worker: UUID
        if let known { worker = known } else { worker = try await self.register() }
        do {
            let beat = try await self.workers.beat(
                worker, running: report.running, isDraining: isDraining, aliveFor: self.configuration.aliveFor,
                stands: self.configuration.maintains && !isDraining, claimsOver: report.claimsOver, on: self.pool)
            self.running.stop(beat.cancelled, because: .cancelRequested)
            // The term in the database is ten seconds, and renewed when half of it is over.
            self.state.withLockedValue { $0.leadsUntil = beat.leads ? .now.advanced(by: .seconds(5)) : nil }
            return beat
        } catch let error as JobQueueError where error.code == .unknownWorker {
            self.logger.warning("Worker was given up; its leases are lost", metadata: ["worker.id": "\(worker)"])
            self.state.withLockedValue { state in
                state.worker = nil
                state.mustBeat = true
            }
            self.running.stopAll(because: .leaseLost)
            self.ticker.yield()
            return nil
        }
    }

    private func register() async throws -> UUID {
        let worker = UUID()
        try await self.workers.register(
            worker, name: self.configuration.name, queues: Array(self.configuration.queues.keys),
            slots: self.configuration.slots ?? self.configuration.queues.values.reduce(0, +),
            aliveFor: self.configuration.aliveFor, on: self.pool)
        self.state.withLockedValue { state in
            state.worker = worker
            state.claims = nil
        }
        self.logger.info("Worker registered", metadata: ["worker.id": "\(worker)"])
        return worker
    }

    private func changedShares(_ beat: Beat) async throws -> [QueueName: QueueShare]? {
        guard self.state.withLockedValue({ $0.shareVersion }) != beat.shareVersion else { return nil }
        let shares = try await self.workers.shares(on: self.pool)
        self.state.withLockedValue { $0.shareVersion = beat.shareVersion }
        return shares
    }

    /// Forgets the claims whose jobs have ended. What is not forgotten only costs whoever looks for lost leases.
    private func compactClaims() async {
        let next: (worker: UUID, after: Int64?)? = self.state.withLockedValue { state in
            guard state.hasClaimed, let worker = state.worker else { return nil }
            // The beat has taken away those that are known to be over: most.
            state.beatsWithClaims += 1
            guard state.beatsWithClaims % 4 == 0 else { return nil }
            state.hasClaimed = false
            state.compactions += 1
            // Once in a while from the start: a claim may have got its number before the last compaction and committed
            // after it.
            return (worker, state.compactions % 8 == 0 ? nil : state.claims)
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

    /// Gives back the registration, and the lead. Leases still held go back at the rescuer's next round.
    func deregister() async {
        let (worker, leads) = self.state.withLockedValue { ($0.worker, $0.leadsUntil != nil) }
        guard let worker else { return }
        do {
            try await self.workers.deregister(worker, on: self.pool)
            if leads { try await self.workers.resign("job_maintenance", holder: worker, on: self.pool) }
        } catch {
            self.logger.info("Worker not deregistered; it expires by itself", metadata: ["error": "\(error)"])
        }
    }
}
