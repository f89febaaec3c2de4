import JobQueue
import PostgresClient
import TestSupport
import Testing

struct StatementTests {
    static let all: [Statement] = JobStore.statements + WorkerStore.statements + PeriodicStore.statements

    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in Self.all {
                let prepare = Statement(
                    name: "test_prepare_\(statement.name)", unchecked: "PREPARE \(statement.name) AS \(statement.sql)")
                _ = try await database.pool.execute(prepare)
            }
        }
    }
}
