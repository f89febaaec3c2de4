import Testing
import TestSupport

@testable import PostgresClient

/// Statements that travel with a later one.
@Suite struct PostedStatementTests {
    private func statement(_ sql: String, _ name: String) -> Statement {
        TestAddress.statement(sql, name: name)
    }

    @Test func whatIsPostedIsDoneBeforeTheNextStatementAndBeforeCommit() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool { pool async throws in
                try await pool.withTransaction("posting") { transaction async throws in
                    try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "first"), 1)
                    try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "first"), 2)
                    #expect(try await transaction.value("SELECT sum(n)::int8 FROM \(table)") == Int64(3))
                    try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "first"), 4)
                }
                #expect(try await pool.value("SELECT sum(n)::int8 FROM \(table)") == Int64(7))
            }
        }
    }

    @Test func aTransactionThatOnlyPostsIsOneRoundTripAndAtomic() async throws {
        try await withTable("n int8 PRIMARY KEY") { table async throws in
            try await withPool { pool async throws in
                let insert = self.statement("INSERT INTO \(table) VALUES ($1)", "insert")
                try await pool.withTransaction("good") { transaction in
                    try transaction.post(insert, 1)
                    try transaction.post(insert, 2)
                }
                let signal = TestSignal<Void>("after commit")
                let error = try await failure {
                    try await pool.withTransaction("bad") { transaction in
                        transaction.afterCommit { signal.send() }
                        try transaction.post(insert, 3)
                        try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "repeat"), 1)
                        try transaction.post(insert, 4)
                    }
                }
                #expect(error.statement == "repeat")
                #expect(error.sqlState == "23505")
                #expect(signal.pending == 0)
                #expect(pool.statistics.idle == 1)
                #expect(try await pool.value("SELECT array_agg(n ORDER BY n) FROM \(table)") == [1, 2] as [Int64])
            }
        }
    }

    @Test func anErrorComesUpWithTheNextStatementAndCannotBeSwallowed() async throws {
        try await withTable("n int8 PRIMARY KEY") { table async throws in
            try await withPool { pool async throws in
                let error = try await failure {
                    try await pool.withTransaction("swallow") { transaction async throws in
                        try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "insert"), 1)
                        try transaction.post(self.statement("SELECT 1 / $1::int8", "divide"), 0)
                        let error = try await failure { try await transaction.run("SELECT 1") }
                        #expect(error.statement == "divide")
                        #expect(error.sqlState == "22012")
                        #expect(throws: PostgresError.self) {
                            try transaction.post(self.statement("SELECT 2", "late"))
                        }
                    }
                }
                #expect(error.sqlState == "25P02")
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
                #expect(pool.statistics.idle == 1)
            }
        }
    }

    /// The server knows nothing of what was refused before it was sent, so it would commit the rest.
    @Test func whatWasNeverSentIsNotLeftOutUnseen() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool { pool async throws in
                let error = try await failure {
                    try await pool.withTransaction("swallow") { transaction async throws in
                        try await transaction.run("INSERT INTO \(table) VALUES (1)")
                        try transaction.post(self.statement("INSERT INTO \(table) VALUES ($1)", "insert"), 2)
                        let tooMany = [(any PostgresEncodable)?](repeating: 1, count: 70_000)
                        let error = try await failure {
                            _ = try await transaction.execute(self.statement("SELECT 1", "huge"), parameters: tooMany)
                        }
                        #expect(error.code == .misuse)
                    }
                }
                #expect(error.code == .misuse)
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func aSavepointUndoesWhatWasPostedInIt() async throws {
        struct Refused: Error {}
        try await withTable("n int8 PRIMARY KEY") { table async throws in
            try await withPool { pool async throws in
                let insert = self.statement("INSERT INTO \(table) VALUES ($1)", "insert")
                try await pool.withTransaction("outer") { transaction async throws in
                    try transaction.post(insert, 1)
                    let error = try await failure {
                        try await transaction.savepoint { inner async throws in
                            try inner.post(insert, 2)
                            try inner.post(insert, 1)
                        }
                    }
                    #expect(error.sqlState == "23505")
                    await #expect(throws: Refused.self) {
                        try await transaction.savepoint { inner async throws in
                            try inner.post(insert, 3)
                            throw Refused()
                        }
                    }
                    try transaction.post(insert, 4)
                }
                #expect(try await pool.value("SELECT array_agg(n ORDER BY n) FROM \(table)") == [1, 4] as [Int64])
            }
        }
    }

    /// Each is prepared once, by the first pipeline that has it, and found again by the next.
    @Test func statementsOfAPipelineArePrepared() async throws {
        try await withConnection { connection async throws in
            let echo = self.statement("SELECT $1::int8", "echo")
            for round in 0..<3 {
                let results = try await connection.pipeline([
                    BoundStatement(echo, round), BoundStatement(echo, round + 1),
                    BoundStatement(self.statement("SELECT $1::text", "echo_text"), "x"),
                ])
                #expect(try results[1][0].decode(Int.self) == round + 1)
            }
            let prepared: [String] = try await connection.value(
                "SELECT array_agg(name ORDER BY name) FROM pg_prepared_statements WHERE name LIKE 'echo%'")
            #expect(prepared == ["echo", "echo_text"])
        }
    }

    @Test func aPreparationTheServerHasForgottenIsMadeAnewForTheNextAttempt() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            let echo = self.statement("SELECT $1::int8", "echo")
            func transact() async throws -> Int {
                try await pool.withTransaction("echo") { transaction async throws in
                    try transaction.post(echo, 1)
                    return try await transaction.execute(echo, 2)[0].decode(Int.self)
                }
            }
            #expect(try await transact() == 2)
            try await pool.withConnection { try await $0.run(script: "DISCARD ALL", name: "discard") }
            let error = try await failure { try await transact() }
            #expect(error.isRetryable)
            #expect(try await transact() == 2)
        }
    }

    @Test func aTransactionThatDoesNothingSendsNothing() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            try await PostgresTransaction(connection, isolation: .readCommitted).commit()
            await PostgresTransaction(connection, isolation: .readCommitted).rollback()
            let last: String = try await withConnection {
                try await $0.value("SELECT query FROM pg_stat_activity WHERE pid = $1", backend)
            }
            #expect(last == "SELECT pg_backend_pid()")
        }
    }

    /// Settings that go with each transaction cost no round trip, and nothing where nothing is run.
    @Test func whatGoesWithBeginIsThereBeforeTheFirstStatement() async throws {
        var configuration = try TestAddress.configuration()
        let set = self.statement("SELECT set_config('test.word', $1, true)", "set_word")
        let asked = TestSignal<Void>("asked")
        configuration.transactionPrologue = {
            asked.send()
            return BoundStatement(set, "here")
        }
        let pool = PostgresPool(configuration, logger: TestAddress.logger)
        for _ in 0..<2 {
            try await pool.withTransaction("one") { transaction async throws in
                #expect(try await transaction.value("SELECT current_setting('test.word')") == "here")
            }
        }
        try await pool.withTransaction("none") { _ in }
        #expect(asked.pending == 3)
        #expect(try await pool.value("SELECT coalesce(current_setting('test.word', true), '')") == "")
        await pool.close()
    }
}
