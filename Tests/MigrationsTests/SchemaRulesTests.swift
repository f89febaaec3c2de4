import PostgresClient
import TestSupport
import Testing

/// What every object of every migration must keep to, read from the catalogue of a migrated database.
@Suite struct SchemaRulesTests {
    private func strings(_ statement: Statement) async throws -> [String] {
        try await withTestDatabase { db in
            try await db.pool.execute(statement).map { try $0.decode(String.self) }
        }
    }

    /// A function with its owner's rights must not look names up along the caller's search path.
    @Test func definerFunctionsPinTheirSearchPath() async throws {
        let unpinned = Statement(
            name: "test_unpinned",
            """
            SELECT function.oid::regprocedure::text
            FROM pg_proc AS function JOIN pg_namespace AS schema ON schema.oid = function.pronamespace
            WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema') AND function.prosecdef
                AND NOT EXISTS (
                    SELECT FROM unnest(function.proconfig) AS setting
                    WHERE setting LIKE 'search\\_path=%' AND setting LIKE '%pg\\_temp')
            ORDER BY 1
            """)
        #expect(try await self.strings(unpinned) == [])
    }

    @Test func definerFunctionsAreNotForEverybody() async throws {
        let open = Statement(
            name: "test_open",
            """
            SELECT function.oid::regprocedure::text
            FROM pg_proc AS function JOIN pg_namespace AS schema ON schema.oid = function.pronamespace,
                LATERAL aclexplode(coalesce(function.proacl, acldefault('f', function.proowner))) AS entry
            WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema') AND function.prosecdef
                AND entry.grantee = 0
            ORDER BY 1
            """)
        #expect(try await self.strings(open) == [])
    }

    /// Tables are written only through their owner's functions.
    @Test func noServiceMayWriteATable() async throws {
        let writable = Statement(
            name: "test_writable",
            """
            SELECT DISTINCT relation.oid::regclass::text || ' by ' || coalesce(entry.grantee::regrole::text, 'PUBLIC')
            FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace,
                LATERAL aclexplode(relation.relacl) AS entry
            WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema') AND relation.relkind IN ('r', 'p', 'v', 'm')
                AND entry.grantee <> relation.relowner AND entry.privilege_type <> 'SELECT'
            ORDER BY 1
            """)
        #expect(try await self.strings(writable) == [])
    }
}
