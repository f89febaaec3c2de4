import Testing

@testable import PostgresClient

@Suite struct ConnectionTests {
    @Test func connectsAndRunsAStatement() async throws {
        try await withConnection { connection async throws in
            #expect(connection.isOpen)
            #expect(await connection.serverVersion >= 150_000)
            let rows = try await connection.run("SELECT n, 'row ' || n FROM generate_series(1, 3) AS n")
            #expect(rows.count == 3)
            #expect(rows.affectedRows == 3)
            #expect(try rows.map { try $0.decode((Int, String).self).1 } == ["row 1", "row 2", "row 3"])
        }
    }

    @Test func columnsAreFoundByName() async throws {
        try await withConnection { connection async throws in
            let row = try #require(try await connection.run("SELECT 1 AS one, NULL::text AS nothing").first)
            #expect(try row.decode(Int.self, column: "one") == 1)
            #expect(try row.decode(String?.self, column: "nothing") == nil)
            #expect(throws: PostgresError.self) { try row.decode(Int.self, column: "two") }
            #expect(throws: PostgresError.self) { try row.decode(Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(String.self, column: "nothing") }
        }
    }

    @Test func aRefusedStatementLeavesTheConnectionUsable() async throws {
        try await withConnection { connection async throws in
            let error = try await failure { try await connection.run("SELECT 1 / $1::int4", Int32(0)) }
            #expect(error.code == .server)
            #expect(error.sqlState == "22012")
            #expect(try await connection.value("SELECT 1") == 1)
        }
    }

    @Test func statementsOfManyTasksQueueUp() async throws {
        try await withConnection { connection async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group async throws in
                for number in 0..<200 {
                    group.addTask { try await connection.value("SELECT $1::int8", number) == number }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func aClosedConnectionRefuses() async throws {
        try await withConnection { connection async throws in
            await connection.close()
            #expect(!connection.isOpen)
            let error = try await failure { try await connection.run("SELECT 1") }
            #expect(error.code == .connectionLost)
            await connection.close()
        }
    }

    @Test func statementsWorkWithoutBeingPrepared() async throws {
        var configuration = try TestAddress.configuration()
        configuration.preparesStatements = false
        try await withConnection(configuration) { connection async throws in
            #expect(try await connection.value("SELECT $1::text", "x") == "x")
            #expect(try await connection.value("SELECT count(*) FROM pg_prepared_statements") == 0)
        }
    }

    @Test func theConfigurationReachesTheServer() async throws {
        var configuration = try TestAddress.configuration()
        configuration.statementTimeout = .milliseconds(4321)
        configuration.lockTimeout = .seconds(3)
        configuration.dsn += " options='-c work_mem=123kB'"
        try await withConnection(configuration) { connection async throws in
            #expect(try await connection.value("SHOW statement_timeout") == "4321ms")
            #expect(try await connection.value("SHOW lock_timeout") == "3s")
            #expect(try await connection.value("SHOW work_mem") == "123kB")
            #expect(try await connection.value("SHOW application_name") == "dandelion-client-test")
            #expect(try await connection.value("SHOW client_encoding") == "UTF8")
        }
    }
}
