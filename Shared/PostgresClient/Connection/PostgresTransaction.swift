import NIOConcurrencyHelpers

/// A transaction under way; made by `PostgresPool.withTransaction` and valid inside its body only.
///
/// BEGIN travels with the first statement, and what was posted with the next one or with COMMIT, so a transaction that
/// reads once and then only posts costs two round trips.
public final class PostgresTransaction: PostgresExecutor {
    private struct State {
        var isOpen = true
        /// BEGIN has been sent.
        var hasBegun = false
        /// Something was lost on its way: whatever the body makes of that, this transaction cannot be committed.
        var failure: PostgresError?
        var posted: [BoundStatement] = []
        var actions: [@Sendable () -> Void] = []
    }

    private let connection: PostgresConnection
    /// BEGIN, and what goes with every one.
    private let begin: [BoundStatement]
    private let state = NIOLockedValueBox(State())

    /// Sends nothing yet.
    init(_ connection: PostgresConnection, isolation: PostgresPool.Isolation, prologue: BoundStatement? = nil) {
        self.connection = connection
        self.begin = [Self.command(isolation.rawValue, name: "begin")] + (prologue.map { [$0] } ?? [])
    }

    /// Runs one statement, after those posted before it; refused once the transaction is over.
    ///
    /// The error may be that of a posted statement; `PostgresError.statement` names it.
    @discardableResult
    public func execute(
        _ statement: Statement, parameters: [(any PostgresEncodable)?]
    ) async throws(PostgresError) -> PostgresRows {
        try self.requireOpen(statement.name)
        return try await self.send(BoundStatement(statement, parameters: parameters))
    }

    /// Runs the statements in one round trip, after those posted before them.
    public func pipeline(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        try self.requireOpen("pipeline")
        return Array(try await self.send(statements).suffix(statements.count))
    }

    /// Leaves a statement whose rows nobody needs for the next round trip: that of the next statement or of COMMIT. Its
    /// error comes up there, and undoes the transaction like any other.
    public func post(_ statement: Statement, parameters: [(any PostgresEncodable)?]) throws(PostgresError) {
        try self.requireOpen(statement.name)
        let bound = BoundStatement(statement, parameters: parameters)
        self.state.withLockedValue { $0.posted.append(bound) }
    }

    /// Whether it can still be committed, as far as is known here: the link is there, and nothing was lost on it.
    public var isAlive: Bool {
        self.connection.isOpen && self.state.withLockedValue { $0.isOpen && $0.failure == nil }
    }

    /// Has the action run once COMMIT has succeeded; never after a rollback or an unknown outcome.
    public func afterCommit(_ action: @escaping @Sendable () -> Void) {
        self.state.withLockedValue { $0.actions.append(action) }
    }

    /// Runs `body` so that its failure undoes its own statements only. What it left for after the commit stays.
    public func savepoint<Value>(_ body: (PostgresTransaction) async throws -> Value) async throws -> Value {
        try self.requireOpen("savepoint")
        _ = try await self.send(Self.command("SAVEPOINT inner_step", name: "savepoint"))
        do {
            let value = try await body(self)
            _ = try await self.send(Self.command("RELEASE SAVEPOINT inner_step", name: "release_savepoint"))
            return value
        } catch {
            self.state.withLockedValue { $0.posted = [] }
            _ = try await self.connection.perform(
                .command("ROLLBACK TO SAVEPOINT inner_step; RELEASE SAVEPOINT inner_step"), name: "rollback_savepoint",
                isCancellable: false)
            // What was lost on its way was of the step that is undone.
            self.state.withLockedValue { $0.failure = nil }
            throw error
        }
    }

    // MARK: -

    /// Sends COMMIT with what was posted. Not cancelled with the task: a COMMIT on its way is always waited for.
    func commit() async throws(PostgresError) {
        let (failure, hasBegun, posted, actions) = self.state.withLockedValue { state in
            state.isOpen = false
            return (state.failure, state.hasBegun, state.posted, state.actions)
        }
        if let failure {
            await self.rollback()
            throw Self.aborted(by: failure)
        }
        if hasBegun || !posted.isEmpty {
            try await self.commit((hasBegun ? [] : self.begin) + posted)
        }
        for action in actions { action() }
    }

    private func commit(_ posted: [BoundStatement]) async throws(PostgresError) {
        let results: [PostgresRows]
        do {
            let kind: Operation.Kind =
                posted.isEmpty ? .command("COMMIT") : .pipeline(posted + [Self.command("COMMIT", name: "commit")])
            results = try await self.connection.perform(kind, name: "commit", isCancellable: false)
        } catch {
            // A refusal (of a posted statement, a deferred constraint, a serialisation failure) is certain, and so is a
            // COMMIT that was never sent; a link that broke under it is not.
            guard error.leavesOutcomeOpen else {
                if await !self.connection.isOutsideTransaction { await self.rollback() }
                throw error
            }
            throw PostgresError(.commitOutcomeUnknown, sqlState: error.sqlState, statement: "commit")
        }
        guard results.last?.commandStatus == "COMMIT" else { throw Self.aborted() }
    }

    func rollback() async {
        let hasBegun = self.state.withLockedValue { state in
            state.isOpen = false
            state.posted = []
            return state.hasBegun
        }
        if !hasBegun, await self.connection.isOutsideTransaction { return }
        do {
            _ = try await self.connection.perform(.command("ROLLBACK"), name: "rollback", isCancellable: false)
        } catch {
            // The connection is of no use to anybody; closing it rolls back as well.
            await self.connection.close()
        }
    }

    private func send(_ bound: BoundStatement) async throws(PostgresError) -> PostgresRows {
        guard let rows = try await self.send([bound]).last else {
            throw PostgresError(.misuse, statement: bound.statement.name, detail: "the statement has no result")
        }
        return rows
    }

    private func send(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        let batch = self.state.withLockedValue { state in
            defer {
                state.hasBegun = true
                state.posted = []
            }
            return (state.hasBegun ? [] : self.begin) + state.posted + statements
        }
        let kind: Operation.Kind =
            if batch.count == 1, let only = batch.first, !only.statement.isCommand { .query(only) } else {
                .pipeline(batch)
            }
        do throws(PostgresError) {
            return try await self.connection.perform(kind, name: statements.last?.statement.name ?? "pipeline")
        } catch {
            // The server aborts a transaction with an error in it, but of what was never sent it knows nothing.
            self.state.withLockedValue { $0.failure = $0.failure ?? error }
            throw error
        }
    }

    private func requireOpen(_ name: String) throws(PostgresError) {
        let (isOpen, failure) = self.state.withLockedValue { ($0.isOpen, $0.failure) }
        guard isOpen else { throw PostgresError(.misuse, statement: name, detail: "the transaction is over") }
        if let failure { throw Self.aborted(by: failure) }
    }

    private static func command(_ sql: String, name: String) -> BoundStatement {
        BoundStatement(Statement(command: sql, name: name), parameters: [])
    }

    /// What is left to say after an error of the server; a link that broke, or a cancelled task, speaks for itself.
    private static func aborted(by failure: PostgresError? = nil) -> PostgresError {
        if let failure, failure.leavesOutcomeOpen {
            return PostgresError(.connectionLost, sqlState: failure.sqlState, statement: failure.statement)
        }
        if let failure, failure.code != .server { return failure }
        return PostgresError(
            .server, sqlState: "25P02", statement: "commit", detail: "an earlier error had aborted the transaction")
    }
}

extension PostgresTransaction {
    /// Posts one statement with its values, in the order of `$1`, `$2`, ….
    public func post(_ statement: Statement, _ parameters: (any PostgresEncodable)?...) throws(PostgresError) {
        try self.post(statement, parameters: parameters)
    }
}
