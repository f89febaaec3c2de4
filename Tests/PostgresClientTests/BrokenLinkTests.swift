import JobTestKit
import Testing
import TestSupport

@testable import PostgresClient

@Suite struct BrokenLinkTests {
    @Test func aKilledSessionFailsItsStatementAndNoOther() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            let error = try await failure {
                async let result = connection.run("SELECT pg_sleep(60)")
                try await ServerActivity.with { activity async throws in
                    try await activity.waitUntil(backend, runs: "%pg_sleep%")
                    try await activity.terminate(backend)
                }
                return try await result
            }
            #expect(error.code == .server || error.code == .connectionLost)
            #expect(error.isRetryable)
            #expect(error.isUnavailable)
            #expect(error.leavesOutcomeOpen)
            try await eventually { !connection.isOpen }
            let next = try await failure { try await connection.run("SELECT 1") }
            #expect(next.code == .connectionLost)
        }
    }

    @Test func statementsInTheQueueOfALostConnectionFailAsNeverSent() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            await withTaskGroup(of: PostgresError?.self) { group in
                group.addTask { try? await failure { try await connection.run("SELECT pg_sleep(60)") } }
                for _ in 0..<10 {
                    group.addTask { try? await failure { try await connection.run("SELECT pg_sleep(61)") } }
                }
                group.addTask {
                    try? await ServerActivity.with { activity async throws in
                        try await activity.waitUntil(backend, runs: "%pg_sleep%")
                        try await eventually { await connection.queue.count == 10 }
                        try await activity.terminate(backend)
                    }
                    return nil
                }
                var errors: [PostgresError] = []
                for await error in group { if let error { errors.append(error) } }
                #expect(errors.count == 11)
                #expect(errors.count { $0.leavesOutcomeOpen } == 1)
                #expect(errors.allSatisfy { $0.isRetryable })
            }
        }
    }

    @Test func aPoolReplacesAConnectionThatWasKilledWhileIdle() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            let (connection, backend) = try await pool.withConnection { ($0, try await $0.backend()) }
            #expect(pool.statistics.idle == 1)
            try await ServerActivity.with { try await $0.terminate(backend) }
            try await eventually { !connection.isOpen }
            let next = try await pool.withConnection { try await $0.backend() }
            #expect(next != backend)
            #expect(pool.statistics.open == 1)
        }
    }

    @Test func aPoolReplacesAConnectionThatWasKilledInATransaction() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            let error = try await failure {
                try await pool.withTransaction("killed") { transaction async throws in
                    try await transaction.run("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error.isRetryable)
            #expect(try await pool.value("SELECT 1") == 1)
            #expect(pool.statistics == .init(open: 1, idle: 1, waiting: 0, maximum: 1))
        }
    }

    /// Whoever works elsewhere inside a transaction can tell that there is no use in going on.
    @Test func aTransactionTellsThatItsLinkIsGone() async throws {
        try await withPool(maximumConnections: 2) { pool async throws in
            let error = try await failure {
                try await pool.withTransaction("killed") { transaction async throws in
                    let backend: Int32 = try await transaction.value("SELECT pg_backend_pid()")
                    #expect(transaction.isAlive)
                    #expect(try await pool.value("SELECT pg_terminate_backend($1)", backend) == true)
                    try await eventually("the transaction knows") { !transaction.isAlive }
                    try await transaction.run("SELECT 1")
                }
            }
            #expect(error.isRetryable)
        }
    }

    @Test func aConnectionThatIsSilentlyDeadIsFoundByAskingIt() async throws {
        try await FaultProxy.with(.freeze(at: "SELECT 1")) { proxy in
            try await withConnection(try proxy.configuration()) { connection async throws in
                #expect(await !connection.isAlive(within: .milliseconds(50)))
                #expect(!connection.isOpen)
            }
        }
    }

    @Test func aPoolAsksAConnectionThatWasIdleForLong() async throws {
        try await FaultProxy.with(.freeze(at: "SELECT 1")) { proxy in
            let dsn = try proxy.configuration().dsn
            try await withPool(maximumConnections: 1) {
                $0.dsn = dsn
                $0.healthCheckAfter = .zero
                $0.acquireTimeout = .milliseconds(50)
            } _: { pool async throws in
                let first = try await pool.withConnection { try await $0.backend() }
                let second = try await pool.withConnection { try await $0.backend() }
                #expect(first != second)
            }
        }
    }

    @Test func closingFailsWhatIsUnderWay() async throws {
        try await withConnection { connection async throws in
            let backend = try await connection.backend()
            let error = try await failure {
                async let result = connection.run("SELECT pg_sleep(60)")
                try await ServerActivity.with { try await $0.waitUntil(backend, runs: "%pg_sleep%") }
                await connection.close()
                return try await result
            }
            #expect(error.code == .shutdown)
        }
    }
}
