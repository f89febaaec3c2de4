import PostgresClient

extension PostgresExecutor {
    /// One call of a casework function; its refusals become ``CaseworkError``.
    @discardableResult
    func call(_ statement: Statement, _ parameters: [(any PostgresEncodable)?]) async throws -> PostgresRows {
        do {
            return try await self.execute(statement, parameters: parameters)
        } catch {
            throw CaseworkError(error) ?? error
        }
    }

    /// A call that returns one row in every case.
    func callForRow(_ statement: Statement, _ parameters: [(any PostgresEncodable)?]) async throws -> PostgresRow {
        guard let row = try await self.call(statement, parameters).first else {
            throw CaseworkError(code: .unreadableRow, place: statement.name)
        }
        return row
    }
}
