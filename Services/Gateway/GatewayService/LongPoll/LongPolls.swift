import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import PostgresClient
import Contracts
import ServiceKit
import ServiceLifecycle

/// Lets long polls wait for the bell of their agency's queue. Runs the actions of ``LongPollRegistry``.
///
/// In a service group it comes after the HTTP door, so that it is shut down first: that answers every waiting poll with
/// what it has, nothing, and the door can close at once.
final class LongPolls: Service {
    /// What a look found, and whether it left nothing.
    struct Look<Found: Sendable>: Sendable {
        var found: [Found]
        var tookAll: Bool
    }

    private struct State {
        var registry: LongPollRegistry<QueueTag>
        var asleep:
            [LongPollRegistry<QueueTag>.PollID: CheckedContinuation<LongPollRegistry<QueueTag>.WaitAction, Never>] = [:]
    }

    private let state: NIOLockedValueBox<State>
    private let rings: BellRings
    private let waiting = Meter(label: "gateway_waiting_polls")
    private let logger: Logger

    init(limits: LongPollLimits, listener: PostgresListener, pool: PostgresPool, logger: Logger) {
        self.state = NIOLockedValueBox(State(registry: LongPollRegistry(limits: limits)))
        self.rings = BellRings(listener: listener, pool: pool, logger: logger)
        self.logger = logger
    }

    /// How many polls wait or look at present.
    var count: Int { self.state.withLockedValue { $0.registry.count } }

    /// Looks until there is something, the time is up, the client has gone or the process is going away. `look` says
    /// whether it took all there was; it is not called at once when one just did and no bell has rung since.
    /// - Throws: `HTTPProblem` 429 when the agency has too many polls waiting, 503 when the process has; what `look` throws.
    func poll<Found: Sendable>(
        agency: UUID, wait: Duration, connection: any Channel, look: () async throws -> Look<Found>
    ) async throws -> [Found] {
        guard wait > .zero else { return try await look().found }
        let agency = QueueTag(Queues.agency(agency))
        let id: LongPollRegistry<QueueTag>.PollID
        switch self.state.withLockedValue({ $0.registry.admit(agency, deadline: .now + wait) }) {
        case .admitted(let admitted): id = admitted
        case .agencyHasTooMany: throw HTTPProblem.tooManyPolls
        case .tooMany: throw HTTPProblem(.unavailable, "Too many polls wait here. Try again.", retryAfter: .seconds(2))
        case .closed: return []
        }
        defer { self.leave(id) }
        if !self.state.withLockedValue({ $0.registry.isQuiet(agency, now: .now) }) {
            let found = try await self.look(id, of: agency, look)
            if !found.isEmpty { return found }
        }
        // Only who has to wait needs to know about the other end.
        return try await DisconnectWatch.run(on: connection, onDisconnect: { self.end(id) }) {
            while case .look = await self.wait(id) {
                let found = try await self.look(id, of: agency, look)
                if !found.isEmpty { return found }
            }
            return []
        }
    }

    /// One look. Who leaves something passes the bell on.
    private func look<Found: Sendable>(
        _ id: LongPollRegistry<QueueTag>.PollID, of agency: QueueTag, _ look: () async throws -> Look<Found>
    ) async throws -> [Found] {
        let look = try await look()
        if look.tookAll {
            self.state.withLockedValue { $0.registry.tookAll(id, now: .now) }
        } else {
            self.ring(agency)
        }
        return look.found
    }

    /// Takes bells, and wakes who should look without one. Ends on graceful shutdown, with every poll answered.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await cancelWhenGracefulShutdown {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { await self.takeBells() }
                        group.addTask { await self.keepTime() }
                    }
                }
            } onCancel: {
                self.close()
            }
        } onGracefulShutdown: {
            self.close()
        }
    }

    /// Answers every waiting poll; later ones do not wait.
    func close() {
        self.wake(self.state.withLockedValue { $0.registry.close() }, .end)
    }

    /// One poll of the agency looks.
    func ring(_ agency: QueueTag) {
        if let id = self.state.withLockedValue({ $0.registry.ring(agency) }) { self.wake([id], .look) }
    }

    private func takeBells() async {
        for await ring in self.rings {
            switch ring {
            case .rang(let tag): self.ring(tag)
            case .mayHaveMissed:
                self.wake(self.state.withLockedValue { $0.registry.ringAll() }, .look)
            }
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                return  // Cancelled.
            }
            let woken = self.state.withLockedValue { state in
                state.registry.tick(now: .now).map { (state.asleep.removeValue(forKey: $0.id), $0.action) }
            }
            for (continuation, action) in woken { continuation?.resume(returning: action) }
            self.waiting.set(self.count)
        }
    }

    private func wait(_ id: LongPollRegistry<QueueTag>.PollID) async -> LongPollRegistry<QueueTag>.WaitAction {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let action = self.state.withLockedValue { state in
                    let action = state.registry.wait(id, now: .now)
                    if action == .sleep { state.asleep[id] = continuation }
                    return action
                }
                if action != .sleep { continuation.resume(returning: action) }
            }
        } onCancel: {
            self.end(id)
        }
    }

    private func end(_ id: LongPollRegistry<QueueTag>.PollID) {
        if self.state.withLockedValue({ $0.registry.end(id) }) { self.wake([id], .end) }
    }

    private func leave(_ id: LongPollRegistry<QueueTag>.PollID) {
        self.state.withLockedValue { $0.registry.leave(id) }
    }

    private func wake(_ ids: [LongPollRegistry<QueueTag>.PollID], _ action: LongPollRegistry<QueueTag>.WaitAction) {
        let continuations = self.state.withLockedValue { state in
            ids.compactMap { state.asleep.removeValue(forKey: $0) }
        }
        for continuation in continuations { continuation.resume(returning: action) }
    }
}
