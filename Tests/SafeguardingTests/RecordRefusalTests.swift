import Foundation
import PostgresClient
import TestSupport
import Testing

/// The ledger's tables have no CHECK: its functions refuse what is no record and no package.
@Suite struct RecordRefusalTests {
    static let refused: [Statement] = [
        Self.record("'Court', ARRAY['purpose'], 'p', 'l', 'r'"),
        Self.record("'court', ARRAY[]::text[], 'p', 'l', 'r'"),
        Self.record("'court', NULL, 'p', 'l', 'r'"),
        Self.record("'court', ARRAY['purpose'], '', 'l', 'r'"),
        Self.record("'court', ARRAY['purpose'], 'p', NULL, 'r'"),
        Self.record("'court', ARRAY['purpose'], 'p', repeat('l', 501), 'r'"),
        Self.record("'court', ARRAY['purpose'], 'p', 'l', ''"),
        Self.package("'court', ARRAY['purpose'], decode(repeat('00', 32), 'hex'), '\\x01'::bytea"),
        Self.package(
            "'court', ARRAY['purpose'], decode(repeat('00', 32), 'hex'), decode('02' || repeat('00', 60), 'hex')"),
        Self.package("'', ARRAY['purpose'], decode(repeat('00', 32), 'hex'), decode('01' || repeat('00', 60), 'hex')"),
        Self.package("'court', ARRAY['purpose'], decode(repeat('00', 32), 'hex'), NULL::bytea"),
        Self.package("'court', ARRAY['purpose'], '\\x00'::bytea, decode('01' || repeat('00', 60), 'hex')"),
        Self.package("'court', ARRAY['purpose'], NULL::bytea, decode('01' || repeat('00', 60), 'hex')"),
    ]

    private static func record(_ arguments: String) -> Statement {
        Statement(
            name: "test_record",
            unchecked: "SELECT safeguarding.record_disclosure(gen_random_uuid(), gen_random_uuid(), \(arguments))")
    }

    private static func package(_ arguments: String) -> Statement {
        Statement(
            name: "test_package",
            unchecked: """
                SELECT safeguarding.put_sealed_packages(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ARRAY[p],
                    ARRAY[to_jsonb(f)], ARRAY[k], ARRAY[s]) FROM (VALUES (\(arguments))) AS v (p, f, k, s)
                """)
    }

    @Test func whatIsNoRecordIsRefused() async throws {
        try await withTestDatabase { database in
            for statement in Self.refused {
                try await database.withPool(user: "dandelion_owner") { pool in
                    let error = await #expect(throws: PostgresError.self) { try await pool.execute(statement) }
                    #expect(error?.sqlState == "23514", "\(statement.sql)")
                }
            }
        }
    }
}
