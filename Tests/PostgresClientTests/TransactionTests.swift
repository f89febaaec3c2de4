import Testing
import TestSupport

@testable import PostgresClient

@Suite struct TransactionTests {
    private struct Refused: Error {}

    @Test func whatTheBodyDidIsCommitted() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool { pool async throws in
                let value = try await pool.withTransaction("insert") { transaction async throws in
                    try await transaction.run("INSERT INTO \(table) VALUES (1)")
                    return "done"
                }
                #expect(value == "done")
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 1)
            }
        }
    }

    @Test func aThrowingBodyUndoesEverything() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool { pool async throws in
                await #expect(throws: Refused.self) {
                    try await pool.withTransaction("insert") { transaction async throws in
                        try await transaction.run("INSERT INTO \(table) VALUES (1)")
                        throw Refused()
                    }
                }
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
                #expect(pool.statistics.idle == 1)
            }
        }
    }

    @Test func afterCommitRunsAfterACommitAndNeverAfterARollback() async throws {
        try await withPool { pool async throws in
            let signal = TestSignal<String>("after commit")
            try await pool.withTransaction("good") { $0.afterCommit { signal.send("committed") } }
            await #expect(throws: Refused.self) {
                try await pool.withTransaction("bad") { transaction async throws in
                    transaction.afterCommit { signal.send("rolled back") }
                    throw Refused()
                }
            }
            #expect(try await signal.wait() == "committed")
            #expect(signal.pending == 0)
        }
    }

    @Test func isolationIsAsAsked() async throws {
        try await withPool { pool async throws in
            for (isolation, name) in [
                (PostgresPool.Isolation.readCommitted, "read committed"), (.repeatableRead, "repeatable read"),
                (.serializable, "serializable"),
            ] {
                try await pool.withTransaction("isolated", isolation: isolation) { transaction async throws in
                    #expect(try await transaction.value("SHOW transaction_isolation") == name)
                }
            }
        }
    }

    @Test func aTransactionThatIsOverRefuses() async throws {
        try await withPool { pool async throws in
            let kept = try await pool.withTransaction("kept") { $0 }
            let error = try await failure { try await kept.run("SELECT 1") }
            #expect(error.code == .misuse)
        }
    }

    @Test func aSavepointUndoesItsOwnOnly() async throws {
        try await withTable("n int8 PRIMARY KEY") { table async throws in
            try await withPool { pool async throws in
                try await pool.withTransaction("outer") { transaction async throws in
                    try await transaction.run("INSERT INTO \(table) VALUES (1)")
                    let error = try await failure {
                        try await transaction.savepoint { inner async throws in
                            try await inner.run("INSERT INTO \(table) VALUES (2)")
                            try await inner.run("INSERT INTO \(table) VALUES (1)")
                        }
                    }
                    #expect(error.sqlState == "23505")
                    try await transaction.savepoint { inner async throws in
                        try await inner.run("INSERT INTO \(table) VALUES (3)")
                        do {
                            try await inner.savepoint { innermost in
                                try await innermost.run("INSERT INTO \(table) VALUES (4)")
                                throw Refused()
                            }
                        } catch is Refused {
                            // Undone, and the outer one goes on.
                        }
                    }
                }
                #expect(try await pool.value("SELECT array_agg(n ORDER BY n) FROM \(table)") == [1, 3] as [Int64])
            }
        }
    }

    @Test func aCommitOfAnAbortedTransactionIsAnError() async throws {
        try await withPool { pool async throws in
            let error = try await failure {
                try await pool.withTransaction("swallow") { transaction async throws in
                    let error = try await failure { try await transaction.run("SELECT 1 / 0") }
                    #expect(error.sqlState == "22012")
                }
            }
            #expect(error.code == .server)
            #expect(error.sqlState == "25P02")
            #expect(pool.statistics.idle == 1)
        }
    }

    @Test func aDeferredConstraintThatFailsAtTheCommitIsACertainError() async throws {
        try await withTable("n int8 UNIQUE DEFERRABLE INITIALLY DEFERRED") { table async throws in
            try await withPool { pool async throws in
                let signal = TestSignal<Void>("after commit")
                let error = try await failure {
                    try await pool.withTransaction("duplicate") { transaction async throws in
                        transaction.afterCommit { signal.send() }
                        try await transaction.run("INSERT INTO \(table) VALUES (1), (1)")
                    }
                }
                #expect(error.code == .server)
                #expect(error.sqlState == "23505")
                #expect(error.table == table)
                #expect(signal.pending == 0)
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    /// A client that hangs, or is gone without a word, holds its locks for so long and no longer.
    @Test func aTransactionThatIsLeftAloneIsEndedByTheServer() async throws {
        try await withTable("n int8") { table async throws in
            _ = try await withConnection { try await $0.run("INSERT INTO \(table) VALUES (1)") }
            try await withPool {
                $0.idleInTransactionTimeout = .milliseconds(200)
            } _: { pool async throws in
                let error = try await failure {
                    try await pool.withTransaction("left_alone") { transaction async throws in
                        try await transaction.run("UPDATE \(table) SET n = 2")
                        // Waits for the lock, until the server has ended the one who holds it.
                        _ = try await withConnection { try await $0.run("UPDATE \(table) SET n = 3") }
                        try await transaction.run("SELECT 1")
                    }
                }
                #expect(error.code == .connectionLost)
                let value: Int = try await withConnection { try await $0.value("SELECT n FROM \(table)") }
                #expect(value == 3)
            }
        }
    }
}
