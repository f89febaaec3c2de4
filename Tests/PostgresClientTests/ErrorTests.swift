import Testing

@testable import PostgresClient

@Suite struct ErrorTests {
    private static let secret = "Ms-Chen-0912345678"

    /// The server's messages quote values and the query's text; ours must not.
    @Test(arguments: [
        "INSERT INTO pg_temp.people VALUES ($1), ($1)",  // detail: Key (name)=(…) already exists
        "SELECT $1::text::int8",  // invalid input syntax for type bigint: "…"
        "SELECT 'Ms-Chen-0912345678' FROM WHERE",  // the text itself
        "SELECT $1::text::jsonb", "INSERT INTO pg_temp.people SELECT repeat($1, 100)",
        "SELECT set_config('Ms-Chen-0912345678', $1, false)",
        "DO $$ BEGIN RAISE EXCEPTION 'no Ms-Chen-0912345678' USING DETAIL = 'Ms-Chen-0912345678'; END $$",
    ])
    func neitherTextNorValuesAreShown(sql: String) async throws {
        try await withConnection { connection async throws in
            try await connection.run(
                script: "CREATE TEMP TABLE people (name varchar(50) PRIMARY KEY)", name: "create_people")
            let statement = TestAddress.statement(sql, name: "some_statement")
            let parameters: [(any PostgresEncodable)?] = sql.contains("$1") ? [Self.secret] : []
            let error = try await failure { try await connection.execute(statement, parameters: parameters) }
            #expect(error.code == .server)
            #expect(error.statement == "some_statement")
            var dumped = ""
            dump(error, to: &dumped)
            for text in ["\(error)", String(reflecting: error), dumped] {
                #expect(!text.contains("Chen"))
                #expect(!text.contains("0912345678"))
                #expect(!text.contains("SELECT"))
            }
        }
    }

    @Test func aStatementIsPrintedByItsName() {
        let statement = Statement(name: "some_statement", "SELECT 'secret'")
        #expect("\(statement)" == "some_statement")
        let bound = BoundStatement(statement, "value")
        var dumped = ""
        dump(bound, to: &dumped)
        #expect("\(bound)" == "some_statement")
        #expect(!dumped.contains("118"))  // The code of "v".
    }

    @Test func theConstraintAndTheTableAreNamed() async throws {
        try await withConnection { connection async throws in
            try await connection.run(
                script: "CREATE TEMP TABLE pairs (n int8 CONSTRAINT n_is_small CHECK (n < 5))", name: "create_pairs")
            let error = try await failure { try await connection.run("INSERT INTO pairs VALUES ($1)", 7) }
            #expect(error.constraint == "n_is_small")
            #expect(error.table == "pairs")
            #expect(error.sqlState == "23514")
            #expect(!error.isRetryable)
            #expect(!error.leavesOutcomeOpen)
        }
    }

    @Test func whatMayBeTriedAgain() {
        #expect(PostgresError(.server, sqlState: "40001").isRetryable)
        #expect(PostgresError(.server, sqlState: "40P01").isRetryable)
        #expect(PostgresError(.server, sqlState: "57P03").isUnavailable)
        #expect(PostgresError(.connectionLost).isRetryable)
        #expect(!PostgresError(.commitOutcomeUnknown).isRetryable)
        #expect(!PostgresError(.server, sqlState: "23505").isRetryable)
        #expect(!PostgresError(.cancelled, sqlState: "57014").isRetryable)
        #expect(!PostgresError(.decoding).isRetryable)
    }
}
