import CLibPQ
import NIOConcurrencyHelpers

/// One connection to the server, in libpq's non-blocking mode.
///
/// Its executor is the reactor's thread, which alone touches the libpq object. Callers from any task queue behind each
/// other; nobody's thread waits.
public actor PostgresConnection: PostgresExecutor {
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        EpollReactor.shared.asUnownedSerialExecutor()
    }

    var database: OpaquePointer?
    var socket: Int32 = -1
    var wantsWrite = false
    let usesPreparedStatements: Bool
    let notices = NoticeBox()
    private var cancelHandle: CancelHandle?
    private var prepared: Set<String> = []
    private var queue: [Operation] = []
    private var active: ActiveOperation?
    private var isInCopy = false
    /// A cancel request is being made; the next statement waits until it can no longer be hit.
    private var isAwaitingCancel = false
    /// The cancel request for the active statement has been made already.
    private var wasCancelSent = false
    private var onNotification: (@Sendable (_ channel: String, _ payload: String) -> Void)?
    private var onClose: (@Sendable () -> Void)?
    var whenConnected: CheckedContinuation<Result<Void, PostgresError>, Never>?
    private let openness = NIOLockedValueBox(true)

    init(_ database: PendingConnection, usesPreparedStatements: Bool) {
        self.database = database.take()
        self.usesPreparedStatements = usesPreparedStatements
    }

    isolated deinit {
        self.closeNow()
    }

    // MARK: - What callers see

    /// False once the connection is closed or lost.
    public nonisolated var isOpen: Bool { self.openness.withLockedValue { $0 } }

    /// The server's version as a number, such as 150018.
    public var serverVersion: Int { Int(PQserverVersion(self.database)) }

    @discardableResult
    public nonisolated func execute(
        _ statement: Statement, parameters: [(any PostgresEncodable)?]
    ) async throws(PostgresError) -> PostgresRows {
        let bound = BoundStatement(statement, parameters: parameters)
        let results = try await self.perform(.query(bound), name: statement.name)
        guard let rows = results.last else {
            throw PostgresError(.connectionLost, statement: statement.name)
        }
        return rows
    }

    /// Runs the statements in one round trip. Outside a transaction they are one: the first error undoes all.
    public nonisolated func pipeline(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        return try await self.perform(.pipeline(statements), name: "pipeline")
    }

    /// Runs a migration's statements, which take no values, as one simple query.
    package nonisolated func run(script: String, name: String) async throws(PostgresError) {
        _ = try await self.perform(.script(script), name: name)
    }

    /// Closes the connection; statements under way fail.
    public func close() {
        self.fail(with: PostgresError(.shutdown))
    }

    func observe(
        onNotification: @escaping @Sendable (_ channel: String, _ payload: String) -> Void,
        onClose: @escaping @Sendable () -> Void
    ) {
        self.onNotification = onNotification
        self.onClose = onClose
        if !self.isOpen { onClose() }
    }

    /// Whether the session is outside any transaction and ready for the next caller.
    var isClean: Bool {
        self.isOpen && self.active == nil && !self.isInCopy
            && PQtransactionStatus(self.database) == PQTRANS_IDLE
    }

    /// Whether a COMMIT since the last call was answered without confirmation of the replicas.
    nonisolated func takeUnconfirmedCommit() -> Bool { self.notices.takeUnconfirmedCommit() }

    // MARK: - Operations

    /// Queues an operation and waits for its results; `isCancellable` ties it to the calling task's cancellation.
    nonisolated func perform(
        _ kind: Operation.Kind, name: String, isCancellable: Bool = true
    ) async throws(PostgresError) -> [PostgresRows] {
        let cancellation = isCancellable ? QueryCancellation() : nil
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { completion in
                let operation = Operation(
                    kind: kind, name: name, cancellation: cancellation, completion: completion)
                EpollReactor.shared.submit { self.assumeIsolated { $0.enqueue(operation) } }
            }
        } onCancel: {
            cancellation?.request()
        }
        return try result.get()
    }

    private func enqueue(_ operation: Operation) {
        guard self.isOpen else {
            operation.completion?.resume(returning: .failure(PostgresError(.connectionLost, statement: operation.name)))
            return
        }
        self.queue.append(operation)
        self.startNext()
    }

    private func startNext() {
        while self.active == nil, !self.isAwaitingCancel {
            let next = self.queue.firstIndex { $0.isPartOfCopy == self.isInCopy }
            guard let next else { return }
            self.start(self.queue.remove(at: next))
        }
    }

    private func start(_ operation: Operation) {
        if let cancellation = operation.cancellation, let handle = self.cancelHandle {
            let mayRun = cancellation.begin(handle) { [weak self] in
                EpollReactor.shared.submit { [weak self] in self?.assumeIsolated { $0.cancelWasSent() } }
            }
            guard mayRun else {
                operation.completion?.resume(returning: .failure(PostgresError(.cancelled, statement: operation.name)))
                return
            }
        }
        self.active = ActiveOperation(operation: operation, stage: .running)
        switch operation.kind {
        case .query(let bound): self.startQuery(bound)
        case .command(let sql), .script(let sql), .copyStart(let sql): self.sent(PQsendQuery(self.database, sql) == 1)
        case .pipeline(let statements): self.startPipeline(statements)
        case .copyData(let bytes):
            self.sent(bytes.withUnsafeBytes { buffer in
                PQputCopyData(
                    self.database, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count)) >= 0
            })
            self.finishCopyDataIfFlushed()
        case .copyEnd(let failure):
            self.isInCopy = false
            self.sent(PQputCopyEnd(self.database, failure) == 1)
        }
    }

    private func startQuery(_ bound: BoundStatement) {
        let statement = bound.statement
        guard self.usesPreparedStatements else {
            return self.sent(
                bound.parameters.withPointers { values, lengths, formats in
                    PQsendQueryParams(
                        self.database, statement.sql, Int32(bound.parameters.count), bound.parameters.types, values,
                        lengths, formats, 1) == 1
                })
        }
        guard self.prepared.contains(statement.name) else {
            self.active?.stage = .preparing(bound)
            return self.sent(self.sendPrepare(bound))
        }
        self.active?.stage = .running
        self.sent(self.sendPrepared(bound))
    }

    private func sendPrepare(_ bound: BoundStatement) -> Bool {
        PQsendPrepare(
            self.database, bound.statement.name, bound.statement.sql, Int32(bound.parameters.count),
            bound.parameters.types) == 1
    }

    private func sendPrepared(_ bound: BoundStatement) -> Bool {
        bound.parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(
                self.database, bound.statement.name, Int32(bound.parameters.count), values, lengths, formats, 1) == 1
        }
    }

    private func startPipeline(_ statements: [BoundStatement]) {
        guard PQenterPipelineMode(self.database) == 1 else { return self.sent(false) }
        self.active?.stage = .pipelining(index: 0)
        var isSent = true
        for bound in statements {
            isSent =
                isSent
                && bound.parameters.withPointers { values, lengths, formats in
                    PQsendQueryParams(
                        self.database, bound.statement.sql, Int32(bound.parameters.count), bound.parameters.types,
                        values, lengths, formats, 1) == 1
                }
        }
        self.sent(isSent && PQpipelineSync(self.database) == 1)
    }

    private func sent(_ isSent: Bool) {
        guard isSent else { return self.lost() }
        self.flush()
    }

    // MARK: - The socket

    func setCancelHandle() {
        self.cancelHandle = CancelHandle(self.database)
    }

    func flush() {
        switch PQflush(self.database) {
        case 0: self.setWriteInterest(false)
        case 1: self.setWriteInterest(true)
        default: self.lost()
        }
    }

    private func setWriteInterest(_ writable: Bool) {
        guard self.wantsWrite != writable, self.socket >= 0 else { return }
        self.wantsWrite = writable
        EpollReactor.shared.setWriteInterest(self.socket, writable)
    }

    func ready(_ readiness: EpollReactor.Readiness) {
        guard self.database != nil else { return }
        if self.whenConnected != nil { return self.pollConnecting() }
        if readiness.isReadable {
            // Decrypted bytes left inside the TLS library do not make the socket readable again; a record is at most
            // 16 KiB and each call takes at least 8.
            let rounds = PQsslInUse(self.database) == 1 ? 4 : 1
            for _ in 0..<rounds {
                guard PQconsumeInput(self.database) == 1 else { return self.lost() }
                self.pump()
                guard self.database != nil else { return }
            }
        }
        if readiness.isWritable, self.database != nil {
            self.flush()
            self.finishCopyDataIfFlushed()
        }
    }

    private func pump() {
        while self.active != nil, self.database != nil {
            if case .copyData = self.active?.operation.kind { break }
            guard PQisBusy(self.database) == 0 else { break }
            self.take(PQgetResult(self.database))
        }
        while let database = self.database, let notification = PQnotifies(database) {
            let channel = String(cString: notification.pointee.relname)
            let payload = String(cString: notification.pointee.extra)
            PQfreemem(notification)
            self.onNotification?(channel, payload)
        }
    }

    /// One result of the active operation; nil ends a statement.
    private func take(_ result: OpaquePointer?) {
        guard var active = self.active else { return PQclear(result) }
        let name = active.operation.name
        guard let result else {
            switch active.stage {
            case .pipelining: return  // The next statement's results or the Sync follow.
            case .running: return self.finish()
            case .preparing(let bound):
                guard active.error == nil else { return self.finish() }
                self.prepared.insert(bound.statement.name)
                return self.startQuery(bound)
            }
        }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
            if case .preparing = active.stage {
                PQclear(result)
            } else {
                active.rows.append(PostgresRows(result, statement: name))
            }
            self.active = active
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            PQexitPipelineMode(self.database)
            self.finish()
        case PGRES_COPY_IN:
            PQclear(result)
            self.isInCopy = true
            self.finish()
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
        case PGRES_NONFATAL_ERROR:
            PQclear(result)
        default:
            // Copying out is none of our business: it ends as an error like any other.
            if active.error == nil {
                active.error =
                    PQresultStatus(result) == PGRES_FATAL_ERROR
                    ? PostgresError.server(result, statement: self.failedName(active))
                    : PostgresError(.misuse, statement: name, detail: "the statement has no rows to read")
            }
            PQclear(result)
            self.active = active
            if PQstatus(self.database) == CONNECTION_BAD { self.lost() }
        }
    }

    /// In a pipeline, the name of the statement that failed.
    private func failedName(_ active: ActiveOperation) -> String {
        guard case .pipeline(let statements) = active.operation.kind, active.rows.count < statements.count else {
            return active.operation.name
        }
        return statements[active.rows.count].statement.name
    }

    private func finishCopyDataIfFlushed() {
        guard let active, case .copyData = active.operation.kind, !self.wantsWrite else { return }
        self.finish()
        // The server may have ended the copy with an error while we sent.
    }

    private func finish() {
        guard let active else { return }
        self.active = nil
        if active.operation.cancellation?.end() == true {
            if self.wasCancelSent {
                self.wasCancelSent = false
                // The signal may arrive late: an empty statement takes it in the next caller's stead.
                if active.error?.code != .cancelled { self.absorbCancel() }
            } else {
                self.isAwaitingCancel = true
            }
        }
        // SQLSTATE 26000: the server forgot a prepared statement (DISCARD ALL, a pooler). Prepare anew next time.
        if active.error?.sqlState == "26000" { self.prepared.removeAll() }
        active.operation.completion?.resume(returning: active.error.map { .failure($0) } ?? .success(active.rows))
        self.startNext()
    }

    /// The server has been told to cancel, before or after the statement's results came in.
    private func cancelWasSent() {
        guard self.isOpen else { return }
        guard self.isAwaitingCancel else {
            self.wasCancelSent = true
            return
        }
        self.isAwaitingCancel = false
        self.absorbCancel()
        self.startNext()
    }

    private func absorbCancel() {
        self.queue.insert(
            Operation(kind: .command("SELECT 1"), name: "absorb_cancel", cancellation: nil, completion: nil), at: 0)
    }

    // MARK: - The end

    func lost() {
        self.fail(with: PostgresError(.connectionLost))
    }

    private func fail(with error: PostgresError) {
        guard self.openness.withLockedValue({ $0 }) else { return }
        let active = self.active
        let queue = self.queue
        self.active = nil
        self.queue = []
        self.closeNow()
        var error = error
        if let active {
            _ = active.operation.cancellation?.end()
            // A FATAL answer says more than the broken link after it.
            error.statement = active.operation.name
            active.operation.completion?.resume(returning: .failure(active.error ?? error))
        }
        for operation in queue {
            error.statement = operation.name
            operation.completion?.resume(returning: .failure(error))
        }
        self.whenConnected?.resume(returning: .failure(PostgresError(.connectionFailed)))
        self.whenConnected = nil
    }

    private func closeNow() {
        self.openness.withLockedValue { $0 = false }
        if self.socket >= 0 { EpollReactor.shared.unwatch(self.socket) }
        self.socket = -1
        PQfinish(self.database)
        self.database = nil
        self.onClose?()
        self.onClose = nil
    }
}
