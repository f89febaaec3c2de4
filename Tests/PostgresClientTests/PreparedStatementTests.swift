import Testing

@testable import PostgresClient

@Suite struct PreparedStatementTests {
    private let statement = TestAddress.statement("SELECT $1::int8 + 1", name: "add_one")

    private func addOne(_ executor: some PostgresExecutor, _ number: Int) async throws -> Int {
        try await executor.execute(self.statement, number)[0].decode(Int.self)
    }

    @Test func aStatementIsPreparedOnce() async throws {
        try await withConnection { connection async throws in
            for number in 0..<5 { #expect(try await self.addOne(connection, number) == number + 1) }
            #expect(
                try await connection.value(
                    "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE name = 'add_one'") == 5)
        }
    }

    @Test func oneThatTheServerHasForgottenIsPreparedAnew() async throws {
        try await withConnection { connection async throws in
            for sql in ["DISCARD ALL", "DEALLOCATE ALL"] {
                #expect(try await self.addOne(connection, 1) == 2)
                try await connection.run(script: sql, name: "forget")
                #expect(try await self.addOne(connection, 2) == 3)
                #expect(try await self.addOne(connection, 3) == 4)
            }
        }
    }

    @Test func oneThatTheServerKnowsAlreadyGetsAnotherName() async throws {
        try await withConnection { connection async throws in
            try await connection.run(script: "PREPARE add_one AS SELECT 'something else'", name: "prepare")
            #expect(try await self.addOne(connection, 1) == 2)
        }
    }

    @Test func insideATransactionTheNextAttemptSucceeds() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            #expect(try await self.addOne(pool, 1) == 2)
            try await pool.withConnection { try await $0.run(script: "DISCARD ALL", name: "forget") }
            let error = try await failure {
                try await pool.withTransaction("add") { try await self.addOne($0, 1) }
            }
            #expect(error.sqlState == "26000")
            #expect(error.isRetryable)
            #expect(try await pool.withTransaction("add") { try await self.addOne($0, 1) } == 2)
            #expect(pool.statistics.open == 1)
        }
    }

    @Test func aStatementWhoseColumnsHaveChangedIsPreparedAnew() async throws {
        try await withTable("n int8") { table async throws in
            try await withConnection { connection async throws in
                let all = TestAddress.statement("SELECT * FROM \(table)", name: "read_all")
                #expect(try await connection.execute(all).columnCount == 1)
                try await connection.run(script: "ALTER TABLE \(table) ADD COLUMN t text", name: "add_column")
                #expect(try await connection.execute(all).columnCount == 2)
            }
        }
    }

    /// A NULL has no type of its own: the server takes that of the column, which the next value need not have.
    @Test func aNullFirstDoesNotSettleTheTypeOfTheValuesAfterIt() async throws {
        try await withTable("small int4, moment timestamptz, t text") { table in
            try await withConnection { connection in
                let insert = TestAddress.statement("INSERT INTO \(table) VALUES ($1, $2, $3)", name: "insert_row")
                let rows: [[(any PostgresEncodable)?]] = [
                    [nil, nil, nil], [5, nil, "x"], [nil, nil, nil], [Int16(6), nil, "y"], [nil, nil, "z"],
                    [7, nil, nil], [Int16(8), nil, nil], [9, nil, nil],
                ]
                for row in rows { try await connection.execute(insert, parameters: row) }
                let numbers: [Int?] = try await connection.value("SELECT array_agg(small ORDER BY small) FROM \(table)")
                #expect(numbers == [5, 6, 7, 8, 9, nil, nil, nil])
                #expect(
                    try await connection.value(
                        "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'insert_row%'") == 3)
            }
        }
    }

    @Test func twoStatementsOfOneNameAreAMistake() async throws {
        try await withConnection { connection async throws in
            #expect(try await self.addOne(connection, 1) == 2)
            let other = TestAddress.statement("SELECT $1::int8 + 2", name: "add_one")
            let error = try await failure { try await connection.execute(other, 1) }
            #expect(error.code == .misuse)
            #expect(try await self.addOne(connection, 1) == 2)
        }
    }
}
