import Testing

@testable import PostgresClient

@Suite struct PipelineTests {
    private func statement(_ sql: String, name: String, _ parameters: (any PostgresEncodable)?...) -> BoundStatement {
        BoundStatement(TestAddress.statement(sql, name: name), parameters: parameters)
    }

    @Test func resultsComeInOrder() async throws {
        try await withConnection { connection async throws in
            let statements = (0..<100).map { self.statement("SELECT $1::int8", name: "number", $0) }
            let results = try await connection.pipeline(statements)
            #expect(try results.map { try $0[0].decode(Int.self) } == Array(0..<100))
            #expect(try await connection.pipeline([]).isEmpty)
            #expect(try await connection.value("SELECT 1") == 1)
        }
    }

    @Test func anErrorInTheMiddleUndoesAllAndNamesTheStatement() async throws {
        try await withTable("n int8 PRIMARY KEY") { table async throws in
            try await withConnection { connection async throws in
                let error = try await failure {
                    try await connection.pipeline([
                        self.statement("INSERT INTO \(table) VALUES (1)", name: "first"),
                        self.statement("INSERT INTO \(table) VALUES ($1)", name: "second", 1),
                        self.statement("INSERT INTO \(table) VALUES (3)", name: "third"),
                    ])
                }
                #expect(error.statement == "second")
                #expect(error.sqlState == "23505")
                #expect(await connection.isClean)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func aWrongTypeNamesTheStatement() async throws {
        try await withConnection { connection async throws in
            let results = try await connection.pipeline([
                self.statement("SELECT 1", name: "first"), self.statement("SELECT 'x'", name: "second"),
            ])
            let error = #expect(throws: PostgresError.self) { try results[1][0].decode(Int.self) }
            #expect(error?.statement == "second")
        }
    }

    @Test func insideATransactionItIsPartOfIt() async throws {
        try await withTable("n int8") { table async throws in
            try await withConnection { connection async throws in
                try await connection.run("BEGIN")
                _ = try await connection.pipeline([
                    self.statement("INSERT INTO \(table) VALUES (1)", name: "a"),
                    self.statement("INSERT INTO \(table) VALUES (2)", name: "b"),
                ])
                #expect(await !connection.isClean)
                try await connection.run("ROLLBACK")
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func muchInBothDirectionsDoesNotBlock() async throws {
        try await withConnection { connection async throws in
            let text = String(repeating: "x", count: 1 << 20)
            let results = try await connection.pipeline(
                (0..<20).map { _ in self.statement("SELECT $1::text", name: "echo", text) })
            #expect(try results.allSatisfy { try $0[0].decode(String.self) == text })
        }
    }
}
