import PostgresClient
import TestSupport
import Testing

/// What a login could do with the whole catalogue before it, and all the time it wants.
@Suite struct RightsClosureTests {
    private static let relations = Statement(
        name: "closure_relations",
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
            AND CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f')
                THEN has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                    OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') END
        """)
    private static let functions = Statement(
        name: "closure_functions",
        """
        SELECT DISTINCT n.nspname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema)' AND has_function_privilege(p.oid, 'EXECUTE')
            AND has_schema_privilege(n.oid, 'USAGE')
        """)
    private static let schemas = Statement(
        name: "closure_schemas",
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')")
    private static let pinned = Statement(
        name: "closure_pinned",
        """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace IN ('partner'::regnamespace, 'gateway'::regnamespace)
            AND (NOT p.prosecdef OR NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=door, pg_temp'])
        """)

    private static let attempts = [
        Statement(name: "closure_jobs", "SELECT count(*) FROM queue.job"),
        Statement(name: "closure_cases", "SELECT count(*) FROM casework.cases"),
        Statement(name: "closure_logins", "SELECT count(*) FROM door.agency_login"),
        Statement(name: "closure_packages", "SELECT count(*) FROM safeguarding.sealed_package"),
        Statement(name: "closure_claim", "SELECT * FROM queue.claim('routing', 1, NULL, '1 min', 'x')"),
        Statement(name: "closure_gateway", "SELECT * FROM gateway.lease(gen_random_uuid(), 1, '1 min', 'x')"),
        Statement(name: "closure_door", "SELECT * FROM door.lease(gen_random_uuid(), 1, '1 min', 'x', true)"),
        Statement(name: "closure_login", "SELECT door.create_login('a', 'agency_a', 'x')"),
        Statement(name: "closure_role", "SET ROLE dandelion_gateway"),
        Statement(name: "closure_session", "SET SESSION AUTHORIZATION postgres"),
        Statement(name: "closure_table", "CREATE TABLE public.mine (a int)"),
        Statement(name: "closure_verifier", "SELECT count(*) FROM pg_authid"),
    ]

    @Test func aPartnerReachesItsFunctionsAndNothingElse() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            try await network.asAgency(agency) { pool async throws in
                let words: (Statement) async throws -> [String] = { statement in
                    try await pool.execute(statement).map { try $0.decode(String.self) }
                }
                #expect(try await words(Self.relations) == [])
                #expect(try await words(Self.functions) == ["partner"])
                #expect(try await words(Self.schemas).filter { $0 != "public" } == [])
                for attempt in Self.attempts {
                    let error = await #expect(throws: PostgresError.self) { _ = try await pool.execute(attempt) }
                    #expect(error?.sqlState == "42501", "\(attempt.name)")
                }
            }
            let open = try await database.pool.execute(Self.pinned)
            #expect(open.isEmpty, "every function of a door is SECURITY DEFINER with a pinned path")
        }
    }
}
