import NIOConcurrencyHelpers

/// A transaction under way; made by `PostgresPool.withTransaction` and valid inside its body only.
public final class PostgresTransaction: PostgresExecutor {
    private struct State {
        var isOpen = true
        var actions: [@Sendable () -> Void] = []
    }

    private let connection: PostgresConnection
    private let state = NIOLockedValueBox(State())

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    /// Runs one statement; refused once the transaction is over.
    @discardableResult
    public func execute(
        _ statement: Statement, parameters: [(any PostgresEncodable)?]
    ) async throws(PostgresError) -> PostgresRows {
        try self.requireOpen(statement.name)
        return try await self.connection.execute(statement, parameters: parameters)
    }

    private func requireOpen(_ name: String) throws(PostgresError) {
        guard self.state.withLockedValue({ $0.isOpen }) else {
            throw PostgresError(.misuse, statement: name, detail: "the transaction is over")
        }
    }

    /// Has the action run once COMMIT has succeeded; never after a rollback or an unknown outcome.
    public func afterCommit(_ action: @escaping @Sendable () -> Void) {
        self.state.withLockedValue { $0.actions.append(action) }
    }

    /// Runs `body` so that its failure undoes its own statements only. What it left for after the commit stays.
    public func savepoint<Value>(_ body: (PostgresTransaction) async throws -> Value) async throws -> Value {
        try self.requireOpen("savepoint")
        _ = try await self.connection.perform(.command("SAVEPOINT inner_step"), name: "savepoint")
        do {
            let value = try await body(self)
            _ = try await self.connection.perform(.command("RELEASE SAVEPOINT inner_step"), name: "release_savepoint")
            return value
        } catch {
            _ = try await self.connection.perform(
                .command("ROLLBACK TO SAVEPOINT inner_step; RELEASE SAVEPOINT inner_step"), name: "rollback_savepoint",
                isCancellable: false)
            throw error
        }
    }

    /// Sends COMMIT. Not cancelled with the task: a COMMIT on its way is always waited for.
    func commit() async throws(PostgresError) {
        let actions = self.state.withLockedValue { state in
            state.isOpen = false
            return state.actions
        }
        let results: [PostgresRows]
        do {
            results = try await self.connection.perform(.command("COMMIT"), name: "commit", isCancellable: false)
        } catch {
            // A refusal (a deferred constraint, a serialisation failure) is certain, and so is a COMMIT that was never
            // sent; a link that broke under it is not.
            guard error.leavesOutcomeOpen else { throw error }
            throw PostgresError(.commitOutcomeUnknown, sqlState: error.sqlState, statement: "commit")
        }
        guard results.last?.commandStatus == "COMMIT" else {
            throw PostgresError(
                .server, sqlState: "25P02", statement: "commit", detail: "an earlier error had aborted the transaction")
        }
        for action in actions { action() }
    }

    func rollback() async {
        self.state.withLockedValue { $0.isOpen = false }
        do {
            _ = try await self.connection.perform(.command("ROLLBACK"), name: "rollback", isCancellable: false)
        } catch {
            // The connection is of no use to anybody; closing it rolls back as well.
            await self.connection.close()
        }
    }
}
