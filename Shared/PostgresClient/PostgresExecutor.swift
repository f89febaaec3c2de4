/// What can run a statement: the pool, a connection, a transaction.
public protocol PostgresExecutor: Sendable {
    /// Runs one statement and returns its rows.
    ///
    /// Cancelling the calling task cancels the statement on the server.
    /// - Throws: `PostgresError`.
    @discardableResult
    func execute(_ statement: Statement, parameters: [(any PostgresEncodable)?]) async throws(PostgresError)
        -> PostgresRows
}

extension PostgresExecutor {
    /// Runs one statement with its values, in the order of `$1`, `$2`, ….
    @discardableResult
    public func execute(
        _ statement: Statement, _ parameters: (any PostgresEncodable)?...
    ) async throws(PostgresError) -> PostgresRows {
        try await self.execute(statement, parameters: parameters)
    }
}
