@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// The signer's login signs and sees hashes; nobody else takes, publishes or erases.
@Suite struct LedgerRightsTests {
    private static let functions = Statement(
        name: "test_ledger_functions",
        """
        SELECT n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema)' AND has_schema_privilege(n.oid, 'USAGE')
            AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1
        """)
    private static let relations = Statement(
        name: "test_ledger_relations",
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE')
                ELSE has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') END
            AND c.relname <> 'applied'
        """)

    @Test func theSignersLoginHasItsFunctionsAndNothingElse() async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: "dandelion_ledger") { pool async throws in
                let functions = try await pool.execute(Self.functions).map { try $0.decode(String.self) }
                #expect(
                    functions.filter { !$0.hasPrefix("public.") } == [
                        "ledger.checkpoints_after", "ledger.commitments", "ledger.head", "ledger.latest_checkpoint",
                        "ledger.lead", "ledger.publish", "ledger.resign", "ledger.sequence", "ledger.tile_hashes",
                    ])
                #expect(try await pool.execute(Self.relations).map { try $0.decode(String.self) } == [])
            }
        }
    }

    @Test(arguments: ["dandelion_intake", "dandelion_routing", "dandelion_notification", "dandelion_gateway"])
    func aServiceHasWhatItNeedsOfTheLedgerAtMost(role: String) async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: role) { pool async throws in
                let functions = try await pool.execute(Self.functions).map { try $0.decode(String.self) }
                let allowed = [
                    "dandelion_gateway": ["ledger.latest_checkpoint"], "dandelion_routing": ["ledger.erase"],
                ]
                #expect(functions.filter { $0.hasPrefix("ledger.") } == allowed[role] ?? [])
            }
        }
    }

    /// With its own login alone: the whole way from a committed row to a checkpoint.
    @Test func theSignerWorksWithItsOwnLogin() async throws {
        try await LedgerFixture.with { ledger, database in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            try await database.withPool(user: "dandelion_ledger") { pool async throws in
                #expect(try await ledger.signer(pool).round().signedSize == 4)
                #expect(try await ledger.signer(pool, file: "other").round().isLeader == false)
            }
            #expect(try ledger.report(try await ledger.export()).problems == [])
        }
    }

    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in LedgerStore.statements {
                try await database.pool.execute(
                    Statement(
                        name: "test_prepare_\(statement.name)",
                        unchecked: "PREPARE \(statement.name) AS \(statement.sql)"))
            }
        }
    }
}
