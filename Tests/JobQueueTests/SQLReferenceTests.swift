import Foundation
import PostgresClient
import TestSupport
import Testing

/// The SQL API is documented where it is defined (COMMENT ON FUNCTION), and the reference is made from that.
struct SQLReferenceTests {
    private let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Shared/JobQueue/JobQueue.docc/SQLReference.md").path()

    @Test func theReferenceIsWhatTheDatabaseSays() async throws {
        try await withTestDatabase { database in
            var text = """
                # SQL reference

                The functions of the schema `queue`: the API of the queue, whatever the client is written in.

                Each may be called by the roles named with it: `queue_producer` enqueues, `queue_worker` works,
                `queue_operator` steers, `queue_observer` looks. Refusals have an SQLSTATE of their own: `DQ001` the lease is
                lost, `DQ002` there is no such job or schedule, `DQ003` there is no such worker, `DQ004` the arguments are
                wrong. Written by a test from the comments in the database: `DANDELION_UPDATE_HELP=1 ./deploy/local/test
                --filter SQLReferenceTests`.


                """
            for row in try await database.pool.execute(Self.functions) {
                let (name, arguments, result, comment, roles) = try row.decode(
                    (String, String, String, String?, [String]).self)
                let said = try #require(comment, "queue.\(name) has no COMMENT")
                text += "## \(name)\n\n```sql\nqueue.\(name)(\(arguments))\n    RETURNS \(result)\n```\n\n"
                text += "\(said)\n\nFor: \(roles.map { "`\($0)`" }.joined(separator: ", ")).\n\n"
            }
            text.removeLast()
            if ProcessInfo.processInfo.environment["DANDELION_UPDATE_HELP"] == "1" {
                try text.write(toFile: self.path, atomically: true, encoding: .utf8)
            }
            let written = try String(contentsOfFile: self.path, encoding: .utf8)
            #expect(
                written == text,
                "SQLReference.md is out of date: DANDELION_UPDATE_HELP=1 ./deploy/local/test --filter SQLReferenceTests"
            )
        }
    }

    /// What some role of ours may call; the rest is internal.
    private static let functions = Statement(
        name: "test_reference",
        """
        SELECT p.proname::text, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
            obj_description(p.oid, 'pg_proc'), array_agg(r.rolname::text ORDER BY r.rolname)
        FROM pg_proc AS p JOIN pg_roles AS r
            ON r.rolname IN ('queue_producer', 'queue_worker', 'queue_operator', 'queue_observer')
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
        WHERE p.pronamespace = 'queue'::regnamespace GROUP BY p.oid ORDER BY p.proname COLLATE "C"
        """)
}
