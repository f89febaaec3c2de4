import JobTestKit
import Testing
import TestSupport

@testable import PostgresClient

@Suite struct CommitOutcomeTests {
    /// Inserts a row through a proxy, and says how that ended and whether the row is there.
    private func insert(through fault: FaultProxy.Fault) async throws -> (error: PostgresError, isCommitted: Bool) {
        try await withTable("n int8") { table async throws in
            try await FaultProxy.with(fault) { proxy in
                let dsn = try proxy.configuration().dsn
                return try await withPool(maximumConnections: 1) {
                    $0.dsn = dsn
                } _: { pool async throws in
                    let signal = TestSignal<Void>("after commit")
                    let error = try await failure {
                        try await pool.withTransaction("insert") { transaction async throws in
                            transaction.afterCommit { signal.send() }
                            try await transaction.run("INSERT INTO \(table) VALUES (1)")
                        }
                    }
                    #expect(signal.pending == 0)
                    #expect(pool.statistics.open == 0)
                    let count: Int = try await withConnection { try await $0.value("SELECT count(*) FROM \(table)") }
                    return (error, count == 1)
                }
            }
        }
    }

    @Test func aLinkThatIsCutBeforeTheServerSeesTheCommitLeavesTheOutcomeUnknown() async throws {
        let (error, isCommitted) = try await self.insert(through: .cut(before: "COMMIT"))
        #expect(error.code == .commitOutcomeUnknown)
        #expect(!error.isRetryable)
        #expect(!isCommitted)
    }

    @Test func anAnswerThatIsLostLeavesTheOutcomeUnknown() async throws {
        let (error, isCommitted) = try await self.insert(through: .loseAnswer(to: "COMMIT"))
        #expect(error.code == .commitOutcomeUnknown)
        #expect(isCommitted)
    }

    @Test func aLinkThatIsCutEarlierIsACertainFailure() async throws {
        let (error, isCommitted) = try await self.insert(through: .cut(before: "INSERT"))
        #expect(error.code == .connectionLost)
        #expect(error.isRetryable)
        #expect(!isCommitted)
    }

    @Test func aCommitThatWasNeverSentIsACertainFailure() async throws {
        try await withPool { pool async throws in
            let error = try await failure {
                try await pool.withTransaction("killed") { transaction async throws in
                    _ = try await failure {
                        try await transaction.run("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
            }
            #expect(error.code == .connectionLost)
            #expect(error.isRetryable)
        }
    }

    @Test func aWarningOfATriggerAtTheCommitDoesNotPutItInDoubt() async throws {
        try await withTable("n int8") { table async throws in
            try await withConnection { connection async throws in
                try await connection.run(
                    script: """
                        CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS
                            $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$;
                        CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED
                            FOR EACH ROW EXECUTE FUNCTION pg_temp.warn()
                        """, name: "warn")
                let transaction = PostgresTransaction(connection, isolation: .readCommitted)
                try await transaction.run("INSERT INTO \(table) VALUES (1)")
                try await transaction.commit()
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 1)
            }
        }
    }

    @Test func aCommitIsNotCancelledWithItsTask() async throws {
        try await withTable("n int8") { table async throws in
            try await ServerActivity.with { activity async throws in
                // At the COMMIT the trigger waits for a lock, which the test holds as long as it likes.
                try await activity.connection.run(
                    script: """
                        CREATE FUNCTION \(table)_wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                            PERFORM pg_advisory_xact_lock(hashtext('\(table)')); RETURN NULL; END $$;
                        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED
                            FOR EACH ROW EXECUTE FUNCTION \(table)_wait();
                        SELECT pg_advisory_lock(hashtext('\(table)'));
                        """, name: "wait")
                try await withPool { pool async throws in
                    let backends = TestSignal<Int32>("the session")
                    let committed = TestSignal<Void>("after commit")
                    try await withThrowingTaskGroup(of: Void.self) { group async throws in
                        group.addTask {
                            try await pool.withTransaction("insert") { transaction async throws in
                                transaction.afterCommit { committed.send() }
                                try await transaction.run("INSERT INTO \(table) VALUES (1)")
                                backends.send(try await transaction.value("SELECT pg_backend_pid()"))
                            }
                            #expect(Task.isCancelled)
                        }
                        let backend = try await backends.wait()
                        try await activity.waitUntilBlocked(backend)
                        group.cancelAll()
                        // A cancel request of the client would have reached the server before this one's answer.
                        try await withConnection { _ in }
                        try await activity.waitUntilBlocked(backend)
                        try await activity.connection.run("SELECT pg_advisory_unlock(hashtext('\(table)'))")
                        try await group.waitForAll()
                    }
                    #expect(committed.pending == 1)
                    #expect(try await pool.value("SELECT count(*) FROM \(table)") == 1)
                }
                try await activity.connection.run(script: "DROP FUNCTION \(table)_wait CASCADE", name: "drop")
            }
        }
    }
}
