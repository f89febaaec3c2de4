import FoundationEssentials
import NIOConcurrencyHelpers
import PostgresClient
import Testing

/// What a drill must have left behind, and what not.
extension ChaosDrill {
    func query<Value: PostgresDecodable>(_ statement: Statement) async throws -> Value {
        try await Self.withConnection(self.dsn) { connection in
            try #require(try await connection.execute(statement).first).decode(Value.self)
        }
    }

    /// How much of what was acknowledged is gone.
    func lost() async throws -> Int {
        let numbers = self.acknowledged.withLockedValue { Array($0) }
        let kept: Int64 = try await Self.withConnection(self.dsn) { connection in
            try #require(try await connection.execute(Self.kept, numbers).first).decode(Int64.self)
        }
        return numbers.count - Int(kept)
    }

    static let live = Statement(name: "chaos_live", "SELECT count(*) FROM queue.job")
    static let asked = Statement(name: "chaos_asked", "SELECT count(*) FROM drill.asked")
    static let report = Statement(
        name: "chaos_report",
        """
        SELECT count(*) || ' jobs asked for and done, ' || (SELECT sum(attempt) FROM queue.job_history) || ' attempts, '
            || (SELECT count(*) FROM queue.job_history WHERE errors::text LIKE '%lease_lost%') || ' with a lost lease'
        FROM drill.asked
        """)
    /// What must not be: each with its number, if there is one.
    static let wrongs = Statement(
        name: "chaos_wrongs",
        """
        WITH job AS (
            SELECT (args ->> 'number')::bigint AS number, state FROM queue.job_history WHERE kind = 'drill_errand'
        ), wrong AS (
            SELECT 'asked for and no job' AS what, count(*) AS times FROM drill.asked AS a
            WHERE NOT EXISTS (SELECT 1 FROM job AS j WHERE j.number = a.number)
            UNION ALL SELECT 'a job that nobody asked for', count(*) FROM job AS j
            WHERE NOT EXISTS (SELECT 1 FROM drill.asked AS a WHERE a.number = j.number)
            UNION ALL SELECT 'two jobs for one', count(*) FROM (SELECT number FROM job GROUP BY 1 HAVING count(*) > 1) AS t
            UNION ALL SELECT 'not completed', count(*) FROM job WHERE state <> 'completed'
            UNION ALL SELECT 'completed without its effect', count(*) FROM job AS j
            WHERE NOT EXISTS (SELECT 1 FROM drill.effect AS e WHERE e.number = j.number)
            UNION ALL SELECT 'an effect of no job', count(*) FROM drill.effect AS e
            WHERE NOT EXISTS (SELECT 1 FROM job AS j WHERE j.number = e.number)
            UNION ALL SELECT 'done twice', count(*) FROM (
                SELECT number FROM drill.effect GROUP BY 1 HAVING count(*) > 1) AS t
            UNION ALL SELECT 'a key left behind', count(*) FROM queue.unique_job
        )
        SELECT coalesce(string_agg(what || ': ' || times, ', '), '') FROM wrong WHERE times > 0
        """)
    private static let kept = Statement(
        name: "chaos_kept", "SELECT count(*) FROM drill.asked WHERE number = ANY ($1)")
    static let tables = """
        CREATE SCHEMA drill;
        CREATE TABLE drill.asked (number bigint PRIMARY KEY);
        CREATE TABLE drill.effect (number bigint NOT NULL, attempt integer NOT NULL);
        \(JobLife.log)
        """
}
