import CLibPQ

/// One exchange with the server: what is sent, and who waits for the results.
struct Operation: Sendable {
    enum Kind: Sendable {
        /// A prepared statement (prepared first when the connection has not yet).
        case query(BoundStatement)
        /// A command of this library's own: BEGIN, COMMIT, LISTEN and the like.
        case command(String)
        /// All in one round trip and, unless a transaction is open, one implicit transaction.
        case pipeline([BoundStatement])
        /// Several statements of a migration file, in one simple query.
        case script(String)
        case copyStart(String)
        case copyData([UInt8])
        /// nil: all rows were sent; otherwise the copy is called off.
        case copyEnd(failure: String?)
    }

    let kind: Kind
    /// What errors and logs show.
    let name: String
    /// nil: the operation is not cancelled with the task that waits for it.
    let cancellation: QueryCancellation?
    /// nil: the connection's own, nobody waits.
    let completion: Completion?

    var isPartOfCopy: Bool {
        switch self.kind {
        case .copyData, .copyEnd: true
        case .query, .command, .pipeline, .script, .copyStart: false
        }
    }

    /// A copy must be ended even when nobody wants its result any more.
    var isCopyEnd: Bool {
        switch self.kind {
        case .copyEnd: true
        case .query, .command, .pipeline, .script, .copyStart, .copyData: false
        }
    }

    func refuse(_ code: PostgresError.Code, detail: StaticString? = nil) {
        self.completion?.resume(.failure(PostgresError(code, statement: self.name, detail: detail)))
    }
}

/// The operation under way, with what has come back of it.
struct ActiveOperation {
    enum Stage {
        case preparing(BoundStatement, Preparation)
        case running
        /// Results still to come, one for each of these, each ended by a NULL; then the Sync.
        case pipelining([PipelineStep])
    }

    let operation: Operation
    var stage: Stage = .running
    var rows: [PostgresRows] = []
    /// How many steps of a pipeline have ended.
    var stepsEnded = 0
    /// The first error: later ones follow from it.
    var error: PostgresError?
    /// The statement had to be prepared anew; that is done once.
    var wasPreparedAnew = false

    /// The step of a pipeline whose result is next.
    var step: PipelineStep? {
        guard case .pipelining(let steps) = self.stage, self.stepsEnded < steps.count else { return nil }
        return steps[self.stepsEnded]
    }

    /// The name of the statement whose result is next: in a pipeline, one of many.
    var statementName: String { self.step?.statement.name ?? self.operation.name }
}

/// One of the messages of a pipeline that is answered.
struct PipelineStep: Sendable {
    let statement: Statement
    /// The step only makes the statement known to the session, and has no rows.
    let preparation: Preparation?
}
