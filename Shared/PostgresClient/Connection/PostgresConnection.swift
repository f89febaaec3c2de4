import CLibPQ
import NIOConcurrencyHelpers

/// One connection to the server, in libpq's non-blocking mode.
///
/// Its executor is the reactor's thread, which alone touches the libpq object. Callers from any task queue behind each
/// other; nobody's thread waits.
public actor PostgresConnection: PostgresExecutor {
    /// The reactor's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        EpollReactor.shared.asUnownedSerialExecutor()
    }

    /// nil once the connection is over.
    var database: OpaquePointer?
    var socket: Int32
    var wantsWrite = false
    let usesPreparedStatements: Bool
    let notices: NoticeBox
    let cancelHandle: CancelHandle
    var prepared = PreparedStatements()
    var queue: [Operation] = []
    var active: ActiveOperation?
    /// Between the server's answer to COPY and our end of it, only that copy's operations run.
    var isInCopy = false
    /// Whether the last operation left the session outside any transaction.
    var isOutsideTransaction = true
    /// A cancel request is being made; the next statement waits until it can no longer be hit.
    var isAwaitingCancel = false
    /// The cancel request for the active statement has been made already.
    var wasCancelSent = false
    var onNotification: (@Sendable (_ channel: String, _ payload: String) -> Void)?
    var onClose: (@Sendable () -> Void)?
    let openness = NIOLockedValueBox(true)

    init(_ pending: PendingConnection, usesPreparedStatements: Bool) {
        let database = pending.take()
        self.database = database
        self.socket = PQsocket(database)
        self.cancelHandle = CancelHandle(database)
        self.notices = pending.notices
        self.usesPreparedStatements = usesPreparedStatements
    }

    isolated deinit {
        self.closeNow()
    }

    // MARK: - What callers see

    /// False once the connection is closed or lost.
    public nonisolated var isOpen: Bool { self.openness.withLockedValue { $0 } }

    /// The server's version as a number, such as 150018; 0 once the connection is over.
    public var serverVersion: Int { Int(PQserverVersion(self.database)) }

    /// Runs one statement and returns its rows. Cancelling the calling task cancels it on the server.
    @discardableResult
    public nonisolated func execute(
        _ statement: Statement, parameters: [(any PostgresEncodable)?]
    ) async throws(PostgresError) -> PostgresRows {
        let bound = BoundStatement(statement, parameters: parameters)
        let results = try await self.perform(.query(bound), name: statement.name)
        guard let rows = results.last else {
            throw PostgresError(.misuse, statement: statement.name, detail: "the statement has no result")
        }
        return rows
    }

    /// Runs the statements in one round trip. Outside a transaction they are one: the first error undoes all, and names
    /// the statement that failed.
    public nonisolated func pipeline(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        return try await self.perform(.pipeline(statements), name: "pipeline")
    }

    /// Runs a migration's statements, which take no values, as one simple query.
    package nonisolated func run(script: String, name: String) async throws(PostgresError) {
        _ = try await self.perform(.script(script), name: name)
    }

    /// Closes the connection; statements under way fail with `PostgresError.shutdown`.
    public func close() {
        self.fail(with: PostgresError(.shutdown))
    }

    // MARK: - What the pool, the transaction and the listener see

    /// `onClose` is called once, at the end, however it comes.
    func observe(
        onNotification: @escaping @Sendable (_ channel: String, _ payload: String) -> Void,
        onClose: @escaping @Sendable () -> Void
    ) {
        guard self.isOpen else { return onClose() }
        self.onNotification = onNotification
        self.onClose = onClose
    }

    /// Whether the session is outside any transaction and ready for the next caller.
    var isClean: Bool {
        let isBusy = self.active?.operation.completion != nil || self.queue.contains { $0.completion != nil }
        return self.isOpen && self.isOutsideTransaction && !self.isInCopy && !isBusy
    }

    /// Asks for a sign of life, and closes the connection when none comes in time or the task is cancelled.
    nonisolated func isAlive(within limit: Duration) async -> Bool {
        let isAnswered = NIOLockedValueBox(false)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(PostgresError) {
                    _ = try await self.perform(.command("SELECT 1"), name: "health_check", isCancellable: false)
                    isAnswered.withLockedValue { $0 = true }
                } catch {
                    // No answer: the link is gone.
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)  // Ends early when the answer is in.
                if !isAnswered.withLockedValue({ $0 }) { await self.close() }
            }
            await group.next()
            group.cancelAll()
        }
        return isAnswered.withLockedValue { $0 }
    }

    /// Queues an operation and waits for its results; `isCancellable` ties it to the calling task's cancellation.
    nonisolated func perform(
        _ kind: Operation.Kind, name: String, isCancellable: Bool = true
    ) async throws(PostgresError) -> [PostgresRows] {
        let cancellation = isCancellable ? QueryCancellation() : nil
        let result = await withTaskCancellationHandler {
            await Completion.wait { completion in
                let operation = Operation(kind: kind, name: name, cancellation: cancellation, completion: completion)
                EpollReactor.shared.submit { self.assumeIsolated { $0.enqueue(operation) } }
            }
        } onCancel: {
            guard let cancellation, cancellation.request() else { return }
            EpollReactor.shared.submit { self.assumeIsolated { $0.dropCancelled() } }
        }
        return try result.get()
    }
}
