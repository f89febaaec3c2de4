import PostgresClient
import Safeguarding
import TestSupport
import Testing

@Suite struct StatementTests {
    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in DisclosureLedger.statements + SealedPackageStore.statements + NetworkKeyStore.statements {
                let prepare = Statement(
                    name: "test_prepare_\(statement.name)", unchecked: "PREPARE \(statement.name) AS \(statement.sql)")
                try await database.pool.execute(prepare)
            }
        }
    }
}
