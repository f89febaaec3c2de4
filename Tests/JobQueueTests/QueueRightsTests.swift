import PostgresClient
import TestSupport
import Testing

/// What each of the queue's four roles may do, tried out: every function is called under every role with nulls for
/// arguments, and either the database lets the call in (whatever comes of nulls) or it says "permission denied".
struct QueueRightsTests {
    struct Rights: Sendable, CustomTestStringConvertible {
        let role: String
        let functions: Set<String>
        /// What it may SELECT from.
        var relations: Set<String> = []

        var testDescription: String { self.role }
    }

    static let producing: Set<String> = [
        "primary_epoch", "enqueue", "enqueue_many", "enqueue_each", "enqueue_unique", "ring_at_commit", "cancel_unique",
        "cancel_waiting", "lock_unique",
        "ring",
    ]
    static let watched: Set<String> = [
        "queue_overview", "job_overview", "limit_overview", "periodic_overview", "retention_overview", "share_overview",
        "worker", "leader",
    ]

    static let all: [Rights] = [
        Rights(role: "queue_producer", functions: producing),
        Rights(
            role: "queue_worker",
            functions: producing.union([
                "register_worker", "beat", "shares", "before_claim", "next_permit", "deregister_worker", "claim",
                "with_lease",
                "lease_by_alias", "extend",
                "complete", "complete_all", "complete_many", "hold_many", "fail", "discard", "cancel_leased", "snooze",
                "elect", "resign",
                "promote_due", "next_due", "rescue", "maintain_history", "release_unheld", "advance", "forget_lanes",
                "compact_claims",
                "progress", "complete_with", "stats", "worked_stats", "forget_unique_holds", "put_periodic",
                "due_periodic",
                "fire_periodic", "bell_key",
            ])),
        Rights(
            role: "queue_operator",
            functions: producing.union([
                "cancel", "retry", "pause", "resume", "set_limit", "clear_limit", "pause_periodic", "resume_periodic",
                "remove_periodic", "run_periodic", "set_retention", "stats", "health", "set_group", "set_share",
                "clear_share",
            ]),
            relations: watched),
        Rights(role: "queue_observer", functions: ["stats", "health"], relations: watched),
    ]

    @Test(arguments: all)
    func aRoleCallsItsOwnFunctionsAndNoOthers(rights: Rights) async throws {
        try await withTestDatabase { database in
            var allowed: Set<String> = []
            let functions = try await database.pool.execute(Self.functions)
            #expect(functions.count > 20)
            for function in functions {
                let (name, call) = try function.decode((String, String).self)
                if try await Self.letsIn(rights.role, Statement(name: name, unchecked: call), database.pool) {
                    allowed.insert(name)
                }
            }
            #expect(allowed == rights.functions)
        }
    }

    @Test(arguments: all)
    func aRoleReadsNoTableButTheOverviewsAndWritesNone(rights: Rights) async throws {
        try await withTestDatabase { database in
            var readable: Set<String> = []
            for relation in try await database.pool.execute(Self.relations) {
                let (name, isTable) = try relation.decode((String, Bool).self)
                let select = Statement(name: "\(name)_select", unchecked: "SELECT FROM queue.\(name)")
                if try await Self.letsIn(rights.role, select, database.pool) { readable.insert(name) }
                guard isTable else { continue }
                let insert = Statement(name: "\(name)_insert", unchecked: "INSERT INTO queue.\(name) DEFAULT VALUES")
                let delete = Statement(name: "\(name)_delete", unchecked: "DELETE FROM queue.\(name)")
                #expect(try await Self.letsIn(rights.role, insert, database.pool) == false, "\(name)")
                #expect(try await Self.letsIn(rights.role, delete, database.pool) == false, "\(name)")
            }
            #expect(readable == rights.relations)
        }
    }

    /// Whether the database lets the role run it. What it did is rolled back.
    private static func letsIn(_ role: String, _ statement: Statement, _ pool: PostgresPool) async throws -> Bool {
        struct LetIn: Error {}
        do {
            try await pool.withTransaction("test_rights") { transaction in
                try await transaction.execute(Statement(name: "set_\(role)", unchecked: "SET LOCAL ROLE \(role)"))
                try await transaction.execute(statement)
                throw LetIn()
            }
        } catch is LetIn {
            return true
        } catch let error as PostgresError where error.code == .server {
            // Let in, and then refused for the nulls it was given.
            return error.sqlState != "42501"
        }
        return true
    }

    /// Every function of the schema, with a call of it.
    private static let functions = Statement(
        name: "test_functions",
        """
        SELECT p.proname::text, format('SELECT queue.%I(%s)', p.proname,
            (SELECT string_agg('NULL::' || format_type(t.oid, NULL), ', ' ORDER BY t.position)
             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, position)))
        FROM pg_proc AS p WHERE p.pronamespace = 'queue'::regnamespace
        """)

    private static let relations = Statement(
        name: "test_relations",
        """
        SELECT c.relname::text, c.relkind IN ('r', 'p') FROM pg_class AS c
        WHERE c.relnamespace = 'queue'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        """)
}
