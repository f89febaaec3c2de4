extension PostgresConnection {
    /// Opens a connection, to the first host of the DSN that answers and is what the DSN asks for.
    /// - Throws: `PostgresError.connectionFailed` after `connectTimeout` at the latest; `.misuse` for a malformed DSN;
    ///   `.cancelled` at once when the task is.
    public static func connect(_ configuration: PostgresConfiguration) async throws(PostgresError) -> PostgresConnection
    {
        let attempt = ConnectionAttempt(try ConnectionParameters(configuration), within: configuration.connectTimeout)
        let pending = try await attempt.result().get()
        let connection = PostgresConnection(pending, usesPreparedStatements: configuration.preparesStatements)
        await connection.watch()
        return connection
    }
}
