import AgencyDoors
import Foundation
import JobQueue
import PostgresClient
import TestSupport
import Testing

/// A hostile agency with a login of its own, all of SQL before it, and time.
@Suite struct AdversaryTests {
    /// Every function it may call, with arguments that ask for another agency's things: nothing of them is in any answer, and
    /// nothing is changed.
    @Test func noFunctionOfTheCatalogueShowsOrChangesWhatIsAnothers() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let victim = try await network.agency("victim")
            let hostile = try await network.agency("hostile")
            let offer = try await network.offer(to: victim)
            let before = try await self.rows(database)
            let calls = try await database.pool.execute(Self.calls, hostile.login).map { try $0.decode(String.self) }
            #expect(calls.count > 1500)
            try await network.asAgency(hostile) { pool async throws in
                for (index, call) in calls.enumerated() {
                    let statement = Statement(
                        name: "adversary_\(index)",
                        unchecked: "SELECT left(x::text, 4000) FROM (SELECT \(call) AS x LIMIT 20) AS s")
                    let answers: [String?]
                    do {
                        answers = try await pool.execute(statement).map { try $0.decode(String?.self) }
                    } catch is PostgresError {
                        continue  // Refused, or not to be called so.
                    }
                    let shown = answers.compactMap(\.self).joined()
                    #expect(!shown.contains(offer.number), "\(call)")
                    #expect(!shown.contains(offer.id.uuidString.lowercased()), "\(call)")
                }
            }
            #expect(try await self.rows(database) == before)
            #expect(try await network.status(of: offer) == "requested")
            #expect(try await self.count(database, Self.locks) == 0)
            #expect(try await self.count(database, Self.largeObjects) == 0)
        }
    }

    /// What it is not to have at all, each refused as "insufficient privilege".
    @Test(arguments: [
        "SELECT pg_advisory_lock(1903519093, hashtext('routing'))", "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT pg_advisory_unlock_all()", "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "DO $$ BEGIN END $$",
        "CREATE TEMPORARY TABLE mine (a int)", "CREATE TEMPORARY SEQUENCE mine", "CREATE TABLE public.mine (a int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE SCHEMA mine",
        "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))", "SELECT pg_export_snapshot()",
        "SELECT usename, query FROM pg_stat_activity", "SELECT * FROM pg_locks", "SELECT * FROM pg_prepared_xacts",
        "SELECT n_tup_ins FROM pg_stat_user_tables", "SELECT * FROM pg_stat_database", "SELECT * FROM pg_stat_wal",
        "SELECT pg_relation_size((SELECT oid FROM pg_class WHERE relname = 'referral'))",
        "SELECT pg_total_relation_size((SELECT oid FROM pg_class WHERE relname = 'cases'))",
        "SELECT pg_database_size(current_database())", "SELECT pg_current_xact_id()", "SELECT txid_current()",
        "SELECT pg_current_snapshot()", "SELECT pg_current_wal_lsn()",
        "SELECT age(relfrozenxid) FROM pg_class WHERE relname = 'cases'", "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_statistic", "SELECT query_to_xml('SELECT number FROM casework.referral', true, true, '')",
        "SELECT table_to_xml((SELECT oid FROM pg_class WHERE relname = 'referral'), true, true, '')",
        "SELECT pg_read_file('pg_hba.conf')", "SELECT * FROM pg_ls_waldir()", "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_terminate_backend(pid) FROM generate_series(1, 2) AS pid, casework.agency",
        "SET ROLE dandelion_gateway", "SET ROLE dandelion_owner", "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica", "SET log_statement = 'all'", "SET temp_file_limit = -1",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000", "ALTER ROLE ALL SET statement_timeout = 1",
        "GRANT dandelion_gateway TO CURRENT_USER", "SELECT 1 FROM casework.referral FOR UPDATE",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION door.mine()",
        "ALTER FUNCTION partner.bell() SECURITY INVOKER", "SELECT number FROM casework.referral",
        "SELECT * FROM door.agency_login", "SELECT * FROM door.login_overview", "SELECT * FROM gateway.bells()",
        "SELECT * FROM gateway.watch_partners()", "SELECT door.put_special_days('{}', '{}')",
        "SELECT queue.next_permit('routing')", "SELECT queue.bell_key()", "SELECT queue.bell_payload('routing')",
        "SELECT secret FROM queue.bell_secret", "SELECT queue.ring_at_commit('{routing}')",
        "SELECT nextval('queue.job_position')",
    ])
    func thisIsRefused(text: String) async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let hostile = try await network.agency("hostile")
            try await network.asAgency(hostile) { pool async throws in
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await pool.execute(Statement(name: "adversary_try", unchecked: text))
                }
                #expect(error?.sqlState == "42501", "\(text)")
            }
        }
    }

    /// What statistics and sequences there are about tables of ours is not for it.
    @Test func neitherStatisticsNorSequencesSpeak() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let hostile = try await network.agency("hostile")
            _ = try await network.offer(to: hostile)
            try await database.pool.execute(Statement(name: "adversary_analyze", unchecked: "ANALYZE"))
            try await network.asAgency(hostile) { pool async throws in
                #expect(try await pool.execute(Self.statistics).isEmpty)
                #expect(try await pool.execute(Self.lastValues).isEmpty)
            }
        }
    }

    /// What PostgreSQL shows every login, and nobody can take away without breaking others: `deploy/THREATS.md` names each. When
    /// this test fails, a server has learnt to hide it.
    @Test func whatCannotBeHiddenIsWrittenDown() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let other = try await network.agency("other")
            let hostile = try await network.agency("hostile")
            _ = try await network.offer(to: other)
            try await database.pool.execute(Statement(name: "adversary_analyze", unchecked: "ANALYZE"))
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let threats = try String(contentsOf: root.appending(path: "deploy/THREATS.md"), encoding: .utf8)
            try await network.asAgency(hostile) { pool async throws in
                for (index, (query, word)) in Self.visible.enumerated() {
                    let rows = try await pool.execute(Statement(name: "adversary_visible_\(index)", unchecked: query))
                    #expect(!rows.isEmpty && threats.contains(word), "\(word)")
                }
            }
        }
    }

    @Test func itsConnectionsAreCountedAndOthersHaveTheirs() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let hostile = try await network.agency("hostile")
            let other = try await network.agency("other")
            let tries = try await withThrowingTaskGroup(of: PostgresConnection?.self) { group in
                var opened: [PostgresConnection] = []
                for index in 0..<1000 {
                    // Ten at a time: the server's own limit is not what is tried here.
                    if index >= 10, let done = try await group.next() { opened += done.map { [$0] } ?? [] }
                    group.addTask {
                        do throws(PostgresError) {
                            return try await PostgresConnection.connect(database.configuration(user: hostile.login))
                        } catch {
                            return nil  // Too many for this role.
                        }
                    }
                }
                for try await done in group { opened += done.map { [$0] } ?? [] }
                return opened
            }
            #expect(tries.count == 4)
            try await network.asAgency(other) { pool async throws in
                _ = try await pool.execute(PartnerCalls.referrals)
            }
            for connection in tries { await connection.close() }
        }
    }

    private func rows(_ database: TestDatabase) async throws -> [String] {
        try await database.pool.execute(Self.allRows).map { try $0.decode(String.self) }
    }

    private func count(_ database: TestDatabase, _ statement: Statement) async throws -> Int64 {
        try #require(await database.pool.execute(statement).first).decode(Int64.self)
    }
}

extension AdversaryTests {
    /// Calls of every function that the login may call, PostgreSQL's own among them; those that wait for a time left out.
    private static let calls = Statement(
        name: "adversary_calls",
        """
        SELECT format('%I.%I(%s)', n.nspname, p.proname, (
            SELECT string_agg(CASE format_type(t.oid, NULL)
                WHEN 'text' THEN '''SELECT number FROM casework.referral'''
                WHEN 'name' THEN '''casework'''
                WHEN 'oid' THEN (SELECT c.oid::text FROM pg_class AS c WHERE c.relname = 'referral' LIMIT 1)
                WHEN 'regclass' THEN (
                    SELECT c.oid::text || '::oid::regclass' FROM pg_class AS c WHERE c.relname = 'referral' LIMIT 1)
                WHEN 'integer' THEN (
                    SELECT min(pid)::text FROM pg_stat_activity WHERE datname = current_database())
                WHEN 'bigint' THEN '1'
                WHEN 'smallint' THEN '1::smallint'
                WHEN 'boolean' THEN 'true'
                WHEN 'anyelement' THEN '1'
                ELSE format('NULL::%s', format_type(t.oid, NULL)) END, ', ' ORDER BY t.place)
            FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place)))
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.prokind = 'f' AND has_function_privilege($1::name, p.oid, 'EXECUTE')
            AND has_schema_privilege($1::name, n.oid, 'USAGE') AND p.proname !~ '^(pg_sleep|set_config)'
            AND NOT EXISTS (SELECT 1 FROM unnest(p.proargtypes::oid[]) AS i WHERE i = 'internal'::regtype)
        ORDER BY n.nspname, p.proname, p.oid
        """)
    /// Every table of ours with what is in it, as a number.
    private static let allRows = Statement(
        name: "adversary_rows",
        """
        SELECT c.oid::regclass::text || ' ' || (xpath('/row/h/text()', query_to_xml(
            format('SELECT coalesce(sum(hashtext(t::text)::bigint), 0) AS h FROM %s AS t', c.oid::regclass), false, true,
            '')))[1]::text
        FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
        ORDER BY 1
        """)
    private static let locks = Statement(
        name: "adversary_locks",
        """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
    private static let largeObjects = Statement(
        name: "adversary_large_objects", "SELECT count(*) FROM pg_largeobject_metadata")
    private static let statistics = Statement(
        name: "adversary_statistics",
        "SELECT tablename FROM pg_stats WHERE schemaname IN ('casework', 'queue', 'safeguarding', 'door')")
    private static let lastValues = Statement(
        name: "adversary_last_values", "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL")

    /// What is seen all the same, and the word by which the threats name it.
    private static let visible = [
        ("SELECT 1 FROM pg_class WHERE relname = 'cases' AND reltuples >= 1", "reltuples"),
        ("SELECT 1 FROM pg_roles WHERE rolname LIKE 'agency\\_other\\_%'", "role names"),
        ("SELECT prosrc FROM pg_proc WHERE proname = 'lock_agency_referral'", "source of the functions"),
        ("SELECT datname FROM pg_database WHERE datname = current_database()", "names of databases"),
        ("SELECT name FROM pg_settings WHERE name = 'max_connections'", "settings"),
    ]
}
