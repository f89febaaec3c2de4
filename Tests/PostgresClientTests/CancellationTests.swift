import Glibc
import JobTestKit
import Testing
import TestSupport

@testable import PostgresClient

@Suite struct CancellationTests {
    /// Runs the body in a task of its own, cancels it when told to, and returns its error.
    private func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value, when isTime: () async throws -> Void
    ) async throws -> PostgresError {
        try await withThrowingTaskGroup(of: Void.self) { group async throws in
            let errors = TestSignal<PostgresError?>("the end of the task")
            group.addTask { errors.send(try? await failure(body)) }
            try await isTime()
            group.cancelAll()
            guard let error = try await errors.wait() else { throw NoErrorThrown() }
            return error
        }
    }

    @Test func cancellingTheTaskCancelsTheStatementOnTheServer() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            let error = try await self.cancelling {
                try await connection.run("SELECT pg_sleep(60)")
            } when: {
                try await ServerActivity.with { try await $0.waitUntil(backend, runs: "%pg_sleep%") }
            }
            #expect(error.code == .cancelled)
            #expect(await connection.isClean)
            #expect(try await connection.backend() == backend)
        }
    }

    @Test func aCancelledStatementOfATransactionRollsItBackAndThePoolKeepsTheConnection() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool(maximumConnections: 1) { pool async throws in
                let backends = TestSignal<Int32>("the session")
                let error = try await self.cancelling {
                    try await pool.withTransaction("sleep") { transaction async throws in
                        try await transaction.run("INSERT INTO \(table) VALUES (1)")
                        backends.send(try await transaction.value("SELECT pg_backend_pid()"))
                        try await transaction.run("SELECT pg_sleep(60)")
                    }
                } when: {
                    let backend = try await backends.wait()
                    backends.send(backend)
                    try await ServerActivity.with { try await $0.waitUntil(backend, runs: "%pg_sleep%") }
                }
                #expect(error.code == .cancelled)
                #expect(try await pool.value("SELECT pg_backend_pid()") == backends.wait())
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        try await withTable("n int8") { table async throws in
            try await withConnection { connection async throws in
                let error = try await self.cancelling {
                    while !Task.isCancelled { await Task.yield() }
                    try await connection.run("INSERT INTO \(table) VALUES (1)")
                } when: {
                }
                #expect(error.code == .cancelled)
                #expect(!error.leavesOutcomeOpen)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func aStatementThatWaitsInTheQueueIsDroppedAtOnce() async throws {
        try await withConnection { connection async throws in
            async let first = failure { try await connection.run("SELECT pg_sleep(60)") }
            try await eventually { await connection.active != nil }
            let error = try await self.cancelling {
                try await connection.run("SELECT 1")
            } when: {
                try await eventually { await connection.queue.count == 1 }
            }
            #expect(error.code == .cancelled)
            #expect(await connection.active != nil)
            await connection.close()
            #expect(try await first.code == .shutdown)
        }
    }

    @Test func aCancelRequestNeverHitsTheNextStatement() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            for round in 0..<300 {
                // From "cancelled before it is sent" over "while it runs" to "done when the request arrives".
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try? await connection.run("SELECT count(*) FROM generate_series(1, $1::int8)", round * 20)
                    }
                    for _ in 0..<round % 60 { await Task.yield() }
                    group.cancelAll()
                }
                #expect(try await connection.value("SELECT $1::int8", round) == round)
            }
            #expect(try await connection.backend() == backend)
        }
    }

    /// The request is kept back until its statement is long over and the next one is wanted.
    @Test func aLateCancelRequestDoesNotHitTheNextStatement() async throws {
        try await FaultProxy.with(.holdCancels) { proxy in
            try await ServerActivity.with { activity in
                let lock = try await activity.connection.value("SELECT pg_backend_pid()", as: Int64.self) << 8
                for offset in [0, 1] as [Int64] {
                    try await activity.connection.run("SELECT pg_advisory_lock($1)", lock + offset)
                }
                try await withConnection(try proxy.configuration()) { connection in
                    let backend = try await connection.backend()
                    let ended = TestSignal<Bool>("the end of a statement")
                    try await withThrowingTaskGroup(of: Void.self) { group async throws in
                        group.addTask {
                            try await connection.run("SELECT pg_advisory_xact_lock($1)", lock)
                            ended.send(Task.isCancelled)
                        }
                        try await activity.waitUntilBlocked(backend)
                        group.cancelAll()
                        try await activity.connection.run("SELECT pg_advisory_unlock($1)", lock)
                        #expect(try await ended.wait())
                    }
                    try await withThrowingTaskGroup(of: Void.self) { group async throws in
                        group.addTask { try await connection.run("SELECT pg_advisory_xact_lock($1)", lock + 1) }
                        try await eventually {
                            let isQueued = await !connection.queue.isEmpty
                            let isSent = await connection.active != nil
                            return isQueued || isSent
                        }
                        proxy.releaseCancels()
                        try await activity.waitUntilBlocked(backend)
                        try await activity.connection.run("SELECT pg_advisory_unlock($1)", lock + 1)
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test func aStatementTimeoutIsNotACancellation() async throws {
        var configuration = try TestAddress.configuration()
        configuration.statementTimeout = .milliseconds(20)
        try await withConnection(configuration) { connection async throws in
            let error = try await failure { try await connection.run("SELECT pg_sleep(60)") }
            #expect(error.code == .server)
            #expect(error.sqlState == "57014")
            #expect(await connection.isClean)
        }
    }

    @Test func aCancelledConnectReturnsAtOnce() async throws {
        let (silent, port) = try FaultProxy.listen()
        defer { close(silent) }
        var configuration = try TestAddress.configuration()
        configuration.dsn += " host=127.0.0.1 port=\(port) sslmode=disable gssencmode=disable"
        configuration.connectTimeout = .seconds(3600)
        let error = try await self.cancelling { [configuration] in
            try await PostgresConnection.connect(configuration)
        } when: {
        }
        #expect(error.code == .cancelled)
    }
}
