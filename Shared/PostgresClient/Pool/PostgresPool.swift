public import Logging
import NIOConcurrencyHelpers
public import ServiceLifecycle

/// A bounded set of connections shared by the tasks of a process.
///
/// A caller that finds room opens its connection itself, so there is nothing to start first; `run` only closes the pool
/// at shutdown. When all connections are busy callers wait in order, for `acquireTimeout` at most; when too many wait,
/// the next is refused at once (back-pressure). A connection that broke is replaced by the next caller.
public final class PostgresPool: PostgresExecutor, Service {
    /// How busy a pool is.
    public struct Statistics: Sendable, Equatable {
        /// Connections leased, idle or being opened.
        public let open: Int
        /// Those of them that nobody uses.
        public let idle: Int
        /// Callers that wait for a connection.
        public let waiting: Int
        /// What `open` never exceeds.
        public let maximum: Int
    }

    private typealias Grant = PoolStateMachine<PostgresConnection>.Grant

    private typealias Answer = Result<Grant, PostgresError>

    private struct State: Sendable {
        var machine: PoolStateMachine<PostgresConnection>
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Taken by their caller when it wakes, or when it is about to wait.
        var answers: [Int: Answer] = [:]
        var nextWaiter = 0

        /// The continuation to resume, or nil when the caller has not begun to wait.
        mutating func deliver(_ answer: Answer, to waiter: Int) -> CheckedContinuation<Void, Never>? {
            self.answers[waiter] = answer
            return self.waiting.removeValue(forKey: waiter)
        }
    }

    public let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.state = NIOLockedValueBox(
            State(
                machine: PoolStateMachine(
                    maximum: configuration.maximumConnections, maximumWaiters: configuration.maximumWaiters)))
    }

    public var statistics: Statistics {
        self.state.withLockedValue { state in
            Statistics(
                open: state.machine.places, idle: state.machine.idleCount, waiting: state.machine.waitingCount,
                maximum: self.configuration.maximumConnections)
        }
    }

    /// Keeps the pool until graceful shutdown or cancellation, then closes it.
    public func run() async throws {
        try? await gracefulShutdown()  // Cancelled instead: the end is the same.
        await self.close()
    }

    /// Closes idle connections at once and leased ones as they come back. Callers that wait are turned away.
    public func close() async {
        let (connections, waiters) = self.state.withLockedValue { state in
            let (connections, turnedAway) = state.machine.shutDown()
            return (connections, turnedAway.compactMap { state.deliver(.success(.shutDown), to: $0) })
        }
        for waiter in waiters { waiter.resume() }
        for connection in connections { await connection.close() }
    }

    // MARK: - Using connections

    @discardableResult
    public func execute(
        _ statement: Statement, parameters: [(any PostgresEncodable)?]
    ) async throws(PostgresError) -> PostgresRows {
        let connection = try await self.acquire()
        let result: Result<PostgresRows, PostgresError>
        do {
            result = .success(try await connection.execute(statement, parameters: parameters))
        } catch {
            result = .failure(error)
        }
        await self.release(connection)
        return try result.get()
    }

    /// Lends a connection to `body`. A transaction it leaves open is rolled back by closing the connection.
    public func withConnection<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await self.acquire()
        do {
            let value = try await body(connection)
            await self.release(connection)
            return value
        } catch {
            await self.release(connection)
            throw error
        }
    }

    public enum Isolation: String, Sendable {
        case readCommitted = "BEGIN"
        case repeatableRead = "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    }

    /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws.
    ///
    /// The COMMIT is not cancelled with the task.
    /// - Throws: what `body` throws; `PostgresError.commitOutcomeUnknown` when the transaction may or may not have been
    ///   committed; other errors only when it was not.
    @discardableResult
    public func withTransaction<Value>(
        _ name: StaticString, isolation: Isolation = .readCommitted,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection { connection in
            _ = try await connection.perform(.command(isolation.rawValue), name: "begin_\(name)")
            let transaction = PostgresTransaction(connection)
            let value: Value
            do {
                value = try await body(transaction)
            } catch {
                await transaction.rollback()
                throw error
            }
            do throws(PostgresError) {
                try await transaction.commit()
            } catch {
                if error.code == .commitOutcomeUnknown {
                    self.logger.error(
                        "Outcome of a COMMIT is unknown", metadata: ["transaction": "\(name)", "error": "\(error)"])
                }
                throw error
            }
            return value
        }
    }

    // MARK: - Leasing

    func acquire() async throws(PostgresError) -> PostgresConnection {
        let (waiter, acquisition) = self.state.withLockedValue { state in
            state.nextWaiter += 1
            return (state.nextWaiter, state.machine.acquire(waiter: state.nextWaiter))
        }
        switch acquisition {
        case .lease(let connection, let idleSince):
            if await self.isFit(connection, idleSince: idleSince) { return connection }
            // Its place is ours: open the replacement here.
            await connection.close()
            return try await self.open()
        case .open: return try await self.open()
        case .refuse: throw PostgresError(.poolExhausted)
        case .shutDown: throw PostgresError(.shutdown)
        case .wait:
            switch try await self.wait(waiter).get() {
            case .lease(let connection): return connection.isOpen ? connection : try await self.open()
            case .open: return try await self.open()
            case .shutDown: throw PostgresError(.shutdown)
            }
        }
    }

    private func isFit(_ connection: PostgresConnection, idleSince: ContinuousClock.Instant) async -> Bool {
        guard connection.isOpen else { return false }
        guard idleSince.advanced(by: self.configuration.healthCheckAfter) < .now else { return true }
        return await connection.isAlive(within: min(.seconds(5), self.configuration.acquireTimeout))
    }

    private func open() async throws(PostgresError) -> PostgresConnection {
        do {
            return try await PostgresConnection.connect(self.configuration)
        } catch {
            self.settle(self.state.withLockedValue { $0.machine.abandonPlace() })
            throw error
        }
    }

    /// Waits for a grant; the three ways it can end (grant, timeout, cancellation) meet in the state machine.
    private func wait(_ waiter: Int) async -> Answer {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await Task.sleep(for: self.configuration.acquireTimeout)
                        self.giveUp(waiter, PostgresError(.acquireTimeout))
                    } catch {
                        // The wait is over.
                    }
                }
                await withCheckedContinuation { continuation in
                    let isAnswered = self.state.withLockedValue { state in
                        if state.answers[waiter] != nil { return true }
                        state.waiting[waiter] = continuation
                        return false
                    }
                    if isAnswered { continuation.resume() }
                }
                group.cancelAll()
                let answer = self.state.withLockedValue { $0.answers.removeValue(forKey: waiter) }
                return answer ?? .failure(PostgresError(.shutdown))
            }
        } onCancel: {
            self.giveUp(waiter, PostgresError(.cancelled))
        }
    }

    private func giveUp(_ waiter: Int, _ error: PostgresError) {
        let continuation: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
            guard state.machine.giveUp(waiter: waiter) else { return nil }
            return state.deliver(.failure(error), to: waiter)
        }
        continuation?.resume()
    }

    func release(_ connection: PostgresConnection) async {
        let isClean = await connection.isClean
        if !isClean { await connection.close() }
        self.settle(
            self.state.withLockedValue { state in
                isClean ? state.machine.release(connection, now: .now) : state.machine.abandonPlace()
            })
    }

    private func settle(_ release: PoolStateMachine<PostgresConnection>.Release) {
        switch release {
        case .none: return
        case .close(let connection):
            EpollReactor.shared.submit { connection.assumeIsolated { $0.close() } }
        case .grant(let waiter, let grant):
            let continuation = self.state.withLockedValue { $0.deliver(.success(grant), to: waiter) }
            continuation?.resume()
        }
    }
}
