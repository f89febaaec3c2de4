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

    typealias Completion = CheckedContinuation<Result<[PostgresRows], PostgresError>, Never>

    let kind: Kind
    /// What errors and logs show.
    let name: String
    let cancellation: QueryCancellation?
    let completion: Completion?

    var isPartOfCopy: Bool {
        switch self.kind {
        case .copyData, .copyEnd: true
        case .query, .command, .pipeline, .script, .copyStart: false
        }
    }
}

/// The operation under way, with what has come back of it.
struct ActiveOperation {
    enum Stage {
        case preparing(BoundStatement)
        case running
        /// Results still to come, each ended by a NULL, then the Sync.
        case pipelining(index: Int)
    }

    let operation: Operation
    var stage: Stage
    var rows: [PostgresRows] = []
    var error: PostgresError?
}
