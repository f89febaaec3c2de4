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

    /// As given.
    public let configuration: PostgresConfiguration
    private let logger: Logger
    let state: NIOLockedValueBox<State>

    /// Opens nothing yet.
    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.state = NIOLockedValueBox(
            State(
                machine: PoolStateMachine(
                    maximum: configuration.maximumConnections, maximumWaiters: configuration.maximumWaiters)))
    }

    /// As of now.
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

    /// Runs one statement on a connection of its own, outside any transaction.
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

    /// What a transaction sees of the others.
    public enum Isolation: String, Sendable {
        /// What was committed before each of its statements.
        case readCommitted = "BEGIN"
        /// What was committed before its first statement; a conflicting write fails with 40001, and may be tried again.
        case repeatableRead = "BEGIN ISOLATION LEVEL REPEATABLE READ"
        /// As if the others ran before or after it; else it fails with 40001, and may be tried again.
        case serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    }

    /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws. One that runs nothing sends nothing.
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
            let transaction = PostgresTransaction(
                connection, isolation: isolation, prologue: self.configuration.transactionPrologue?())
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
}
