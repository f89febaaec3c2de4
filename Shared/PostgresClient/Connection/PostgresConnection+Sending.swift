import CLibPQ

/// The queue, and how each kind of operation is put on the wire.
extension PostgresConnection {
    func enqueue(_ operation: Operation) {
        guard self.isOpen else { return operation.refuse(.connectionLost) }
        guard !operation.isPartOfCopy || self.isInCopy else {
            return operation.refuse(.misuse, detail: "no COPY is under way")
        }
        self.queue.append(operation)
        self.startNext()
    }

    /// Turns away those in the queue whose task was cancelled: they need not wait for the ones before them.
    func dropCancelled() {
        let dropped = self.queue.filter { $0.cancellation?.isRequested == true && !$0.isCopyEnd }
        guard !dropped.isEmpty else { return }
        self.queue.removeAll { $0.cancellation?.isRequested == true && !$0.isCopyEnd }
        for operation in dropped { operation.refuse(.cancelled) }
    }

    func startNext() {
        while self.active == nil, !self.isAwaitingCancel {
            guard let next = self.queue.firstIndex(where: { $0.isPartOfCopy == self.isInCopy }) else { return }
            self.start(self.queue.remove(at: next))
        }
    }

    private func start(_ operation: Operation) {
        let mayRun = operation.cancellation?.begin(self.cancelHandle) { [weak self] in
            EpollReactor.shared.submit { [weak self] in self?.assumeIsolated { $0.cancelWasSent() } }
        }
        guard mayRun != false || operation.isCopyEnd else { return operation.refuse(.cancelled) }
        self.active = ActiveOperation(operation: operation)
        PostgresTraffic.sent(operation.kind)
        switch operation.kind {
        case .query(let bound): self.startQuery(bound)
        case .command(let sql), .script(let sql), .copyStart(let sql): self.sent(PQsendQuery(self.database, sql) == 1)
        case .pipeline(let statements): self.startPipeline(statements)
        case .copyData(let bytes): self.startCopyData(bytes)
        case .copyEnd(let failure):
            self.isInCopy = false
            let failure = mayRun == false ? "cancelled by the client" : failure
            self.sent(PQputCopyEnd(self.database, failure) == 1)
            // A refusal that came during the copy has been read, but libpq keeps it back until now.
            self.pump()
        }
    }

    /// Also called once the statement was prepared.
    func startQuery(_ bound: BoundStatement) {
        guard bound.parameters.areWithinLimits else { return self.refuseActive("too many values, or too large") }
        self.active?.stage = .running
        guard self.usesPreparedStatements else {
            return self.sent(self.send(bound))
        }
        switch self.prepared.find(bound.statement, types: bound.parameters.types) {
        case .prepared(let name): self.sent(self.send(bound, preparedAs: name))
        case .unprepared(let preparation):
            self.active?.stage = .preparing(bound, preparation)
            let types = preparation.types
            self.sent(
                PQsendPrepare(
                    self.database, preparation.serverName, bound.statement.sql, Int32(types.count), types) == 1)
        case .nameTaken: self.refuseActive("another statement has the same name")
        }
    }

    private func startPipeline(_ statements: [BoundStatement]) {
        guard statements.allSatisfy(\.parameters.areWithinLimits) else {
            return self.refuseActive("too many values, or too large")
        }
        guard PQenterPipelineMode(self.database) == 1 else { return self.lost() }
        var steps: [PipelineStep] = []
        for bound in statements {
            guard self.pipe(bound, &steps) else { return self.lost() }
        }
        self.active?.stage = .pipelining(steps)
        self.sent(PQpipelineSync(self.database) == 1)
    }

    /// Puts one statement of a pipeline on the wire, and its preparation before it where the session does not know it yet.
    private func pipe(_ bound: BoundStatement, _ steps: inout [PipelineStep]) -> Bool {
        let types = bound.parameters.types
        let statement = bound.statement
        var serverName: String?
        if self.usesPreparedStatements, !statement.isCommand {
            // Prepared by an earlier step of this very pipeline?
            let earlier = steps.last { $0.statement == statement && $0.preparation?.types == types }
            if let preparation = earlier?.preparation {
                serverName = preparation.serverName
            } else {
                switch self.prepared.find(statement, types: types) {
                case .prepared(let name): serverName = name
                case .unprepared(let preparation):
                    // A name that another step of this pipeline is about to take is not free: run it unprepared.
                    guard !steps.contains(where: { $0.preparation?.serverName == preparation.serverName }) else {
                        break
                    }
                    let count = Int32(preparation.types.count)
                    guard
                        PQsendPrepare(
                            self.database, preparation.serverName, statement.sql, count, preparation.types) == 1
                    else { return false }
                    steps.append(PipelineStep(statement: statement, preparation: preparation))
                    serverName = preparation.serverName
                case .nameTaken: break
                }
            }
        }
        steps.append(PipelineStep(statement: statement, preparation: nil))
        return serverName.map { self.send(bound, preparedAs: $0) } ?? self.send(bound)
    }

    private func startCopyData(_ bytes: [UInt8]) {
        self.sent(
            bytes.withUnsafeBytes { buffer in
                let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                // 0 means that there is no memory for them: they would be missing.
                return buffer.isEmpty || PQputCopyData(self.database, start, Int32(clamping: buffer.count)) == 1
            })
        self.finishCopyDataIfFlushed()
    }

    /// The server takes the rows without an answer; the next are wanted when these have left.
    func finishCopyDataIfFlushed() {
        guard let active, case .copyData = active.operation.kind, !self.wantsWrite else { return }
        self.finish()
    }

    private func send(_ bound: BoundStatement) -> Bool {
        bound.parameters.withPointers { values, lengths, formats in
            PQsendQueryParams(
                self.database, bound.statement.sql, Int32(bound.parameters.count), bound.parameters.types, values,
                lengths, formats, 1) == 1
        }
    }

    private func send(_ bound: BoundStatement, preparedAs name: String) -> Bool {
        bound.parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(
                self.database, name, Int32(bound.parameters.count), values, lengths, formats, 1) == 1
        }
    }

    /// Ends the active operation before anything of it was sent.
    private func refuseActive(_ detail: StaticString) {
        guard let active else { return }
        self.active?.error = PostgresError(.misuse, statement: active.operation.name, detail: detail)
        self.finish()
    }

    private func sent(_ isSent: Bool) {
        guard isSent else { return self.lost() }
        self.flush()
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
}
