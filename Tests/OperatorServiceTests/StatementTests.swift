import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

struct StatementTests {
    static let all: [Statement] =
        NetworkQueries.statements + QueueQueries.statements + TimelineFeed.statements + ServerChecks.statements
        + RightsCheck.statements + PartnerChecks.statements + WorkChecks.statements + QueueHealth.statements
        + BenchRun.statements
        + BenchServer.statements

    static let owners: [Statement] =
        BenchNotifyRun.statements + BenchLedgerRun.statements + DoorsBench.statements

    /// With an operator's rights, who has to run them.
    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: "dandelion_operator") { pool in
                for statement in Self.all {
                    _ = try await pool.execute(
                        Statement(
                            name: "test_prepare_\(statement.name)",
                            unchecked: "PREPARE \(statement.name) AS \(statement.sql)"))
                }
            }
        }
    }

    /// As the owner of the database, as whom `bench notify` runs.
    @Test func everyStatementOfTheOwnersMeasurementsPrepares() async throws {
        try await withTestDatabase { database in
            for statement in Self.owners {
                _ = try await database.pool.execute(
                    Statement(
                        name: "test_prepare_\(statement.name)",
                        unchecked: "PREPARE \(statement.name) AS \(statement.sql)"))
            }
        }
    }

    @Test func noTwoStatementsShareAName() {
        let all = Self.all + Self.owners
        #expect(Set(all.map(\.name)).count == all.count)
    }
}
