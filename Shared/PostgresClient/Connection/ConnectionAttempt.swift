import CLibPQ
import Glibc
import NIOConcurrencyHelpers

/// A libpq object on its way from the thread that connected it to the connection that owns it.
final class PendingConnection: @unchecked Sendable {
    // Sendable because exactly one party holds the pointer at a time: the connecting thread gives it away by returning,
    // and `take` empties the box.
    private(set) var database: OpaquePointer?
    let notices = NoticeBox()

    init(_ database: OpaquePointer?) {
        self.database = database
        self.notices.install(on: database)
    }

    func take() -> OpaquePointer? {
        defer { self.database = nil }
        return self.database
    }

    deinit {
        PQfinish(self.database)
    }
}

/// Connects on a thread of its own, since libpq resolves names, reads files and shakes hands in calls that block. The
/// caller is answered in time even when that thread is not.
final class ConnectionAttempt: Sendable {
    typealias Outcome = Result<PendingConnection, PostgresError>

    private enum State {
        /// Can transition to: `waiting`, `over`.
        case idle
        /// Can transition to: `over`.
        case waiting(CheckedContinuation<Void, Never>)
        /// Terminal.
        case over(Outcome)
    }

    private let state = NIOLockedValueBox(State.idle)
    private let parameters: ConnectionParameters
    private let limit: Duration

    init(_ parameters: ConnectionParameters, within limit: Duration) {
        self.parameters = parameters
        self.limit = limit
    }

    /// To be called once.
    func result() async -> Outcome {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await Task.sleep(for: self.limit)
                        self.end(.failure(Self.timeout))
                    } catch {
                        // The outcome is known.
                    }
                }
                await withCheckedContinuation { continuation in
                    let isOver = self.state.withLockedValue { state in
                        if case .over = state { return true }
                        state = .waiting(continuation)
                        return false
                    }
                    if isOver { return continuation.resume() }
                    BlockingThread.start { self.end(self.connect()) }
                }
                group.cancelAll()
                return self.outcome
            }
        } onCancel: {
            self.end(.failure(PostgresError(.cancelled)))
        }
    }

    /// The first outcome counts; a connection that comes later is closed.
    private func end(_ outcome: Outcome) {
        let continuation = self.state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            switch state {
            case .idle:
                state = .over(outcome)
                return nil
            case .waiting(let continuation):
                state = .over(outcome)
                return continuation
            case .over:
                return nil
            }
        }
        continuation?.resume()
    }

    private var outcome: Outcome {
        self.state.withLockedValue { state in
            if case .over(let outcome) = state { outcome } else { .failure(PostgresError(.cancelled)) }
        }
    }

    private var isOver: Bool {
        self.state.withLockedValue { state in
            if case .over = state { true } else { false }
        }
    }

    // MARK: - On the thread

    private static let timeout = PostgresError(.connectionFailed, detail: "no answer within the connect timeout")

    /// Each host gets its share of the time that is left, so that a dead first one leaves some for the next.
    private func connect() -> Outcome {
        let deadline = ContinuousClock.now + self.limit
        let targets = self.parameters.targets
        var outcome: Outcome = .failure(Self.timeout)
        for (index, target) in targets.enumerated() where !self.isOver {
            let share = (deadline - ContinuousClock.now) / (targets.count - index)
            outcome = self.connect(to: target, until: ContinuousClock.now + share)
            if case .success = outcome { break }
        }
        return outcome
    }

    private func connect(to target: ConnectionParameters.Target, until deadline: ContinuousClock.Instant) -> Outcome {
        let pending = PendingConnection(target.start())
        guard PQstatus(pending.database) != CONNECTION_BAD else { return .failure(Self.failure(pending.database)) }
        var wanted = PGRES_POLLING_WRITING
        while !self.isOver, ContinuousClock.now < deadline {
            // Asked for anew each time: libpq may have gone on to another address. A short wait, to notice the end.
            var descriptor = pollfd(
                fd: PQsocket(pending.database), events: Int16(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                revents: 0)
            guard poll(&descriptor, 1, 50) > 0 else { continue }
            wanted = PQconnectPoll(pending.database)
            if wanted == PGRES_POLLING_OK {
                return PQsetnonblocking(pending.database, 1) == 0 ? .success(pending) : .failure(Self.timeout)
            }
            if wanted == PGRES_POLLING_FAILED { return .failure(Self.failure(pending.database)) }
        }
        return .failure(Self.timeout)
    }

    /// The reasons worth telling apart, as constants: libpq's own text may quote host names and users.
    private static func failure(_ database: OpaquePointer?) -> PostgresError {
        if PQconnectionNeedsPassword(database) == 1 {
            return PostgresError(.connectionFailed, detail: "the server wants a password and none was given")
        }
        if PQconnectionUsedPassword(database) == 1 {
            return PostgresError(.connectionFailed, detail: "refused; a password was sent and may be wrong")
        }
        return PostgresError(
            .connectionFailed, detail: "check that the server runs and that host, port, database and role are right")
    }
}
