import CLibPQ

/// What comes back from the server.
extension PostgresConnection {
    func watch() {
        let isWatched = EpollReactor.shared.watch(self.socket) { [weak self] readiness in
            self?.assumeIsolated { $0.ready(readiness) }
        }
        if !isWatched { self.lost() }
    }

    /// May be called without need: it only looks.
    private func ready(_ readiness: EpollReactor.Readiness) {
        if readiness.isReadable {
            // Decrypted bytes left inside the TLS library do not make the socket readable again; a record is at most
            // 16 KiB and each call takes at least 8.
            let isEncrypted = PQsslInUse(self.database) == 1 || PQgssEncInUse(self.database) == 1
            for _ in 0..<(isEncrypted ? 4 : 1) where self.database != nil {
                let isConnected = PQconsumeInput(self.database) == 1
                // Last words too: what came before the end says why.
                self.pump()
                if !isConnected { self.lost() }
            }
        }
        if readiness.isWritable, self.database != nil {
            self.flush()
            self.finishCopyDataIfFlushed()
        }
    }

    /// Takes what has arrived.
    func pump() {
        while let active, self.database != nil {
            if case .copyData = active.operation.kind { break }
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
        guard let active = self.active else { return PQclear(result) }
        guard let result else { return self.statementEnded(active) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            if case .preparing = active.stage { return PQclear(result) }
            if let step = active.step, let preparation = step.preparation {
                self.prepared.prepared(step.statement, preparation)
                return PQclear(result)
            }
            self.active?.rows.append(PostgresRows(result, statement: active.statementName))
        case PGRES_FATAL_ERROR:
            let error = self.error(result, of: active)
            // Without a state it is libpq's own word for a link that broke.
            if active.error == nil, error.sqlState != nil { self.active?.error = error }
            if error.isStalePreparation, let step = active.step { self.prepared.forget(step.statement) }
            PQclear(result)
            if error.sqlState == nil { self.lost() }
            if PQstatus(self.database) == CONNECTION_BAD { self.lost() }
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            guard PQexitPipelineMode(self.database) == 1 else { return self.lost() }
            self.finish()
        case PGRES_COPY_IN:
            PQclear(result)
            self.copyInStarted(active)
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            // Its rows would have to be read to be rid of them.
            self.fail(with: PostgresError(.misuse, detail: "copying out is not supported"))
        default:
            // PGRES_PIPELINE_ABORTED (a statement after the one that failed), and notices, which have a way of their own.
            PQclear(result)
        }
    }

    private func error(_ result: OpaquePointer, of active: ActiveOperation) -> PostgresError {
        let error = PostgresError.server(result, statement: active.statementName)
        guard error.sqlState == "57014", active.operation.cancellation?.isRequested == true else { return error }
        return PostgresError(.cancelled, sqlState: error.sqlState, statement: error.statement)
    }

    private func statementEnded(_ active: ActiveOperation) {
        switch active.stage {
        case .pipelining:
            self.active?.stepsEnded += 1
            // The next statement's results or the Sync follow, unless libpq has lost count.
            if PQtransactionStatus(self.database) != PQTRANS_ACTIVE { self.lost() }
        case .preparing(let bound, let preparation):
            if self.preparesAnew(bound, active) { return self.startQuery(bound) }
            guard active.error == nil else { return self.finish() }
            self.prepared.prepared(bound.statement, preparation)
            self.startQuery(bound)
        case .running:
            if case .query(let bound) = active.operation.kind, self.preparesAnew(bound, active) {
                return self.startQuery(bound)
            }
            if case .copyStart = active.operation.kind, active.error == nil {
                self.active?.error = PostgresError(
                    .misuse, statement: active.operation.name, detail: "the statement is not COPY FROM STDIN")
            }
            self.finish()
        }
    }

    /// Whether the statement failed for its preparation only, and may be sent again: nothing of it was executed, and no
    /// transaction was aborted by it. Inside one, the next attempt of the whole will find it prepared anew.
    private func preparesAnew(_ bound: BoundStatement, _ active: ActiveOperation) -> Bool {
        guard self.usesPreparedStatements, let error = active.error, error.isStalePreparation else { return false }
        self.prepared.forget(bound.statement)
        guard !active.wasPreparedAnew, PQtransactionStatus(self.database) == PQTRANS_IDLE else { return false }
        self.active?.wasPreparedAnew = true
        self.active?.error = nil
        self.active?.rows = []
        return true
    }

    private func copyInStarted(_ active: ActiveOperation) {
        if case .copyStart = active.operation.kind {
            self.isInCopy = true
            return self.finish()
        }
        let error = PostgresError(.misuse, statement: active.statementName, detail: "COPY FROM STDIN needs copyIn")
        if case .pipelining = active.stage { return self.fail(with: error) }
        self.active?.error = active.error ?? error
        guard PQputCopyEnd(self.database, "no rows") == 1 else { return self.lost() }
        self.flush()
    }
}
