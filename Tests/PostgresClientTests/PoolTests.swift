import ServiceLifecycle
import Testing
import TestSupport

@testable import PostgresClient

@Suite struct PoolTests {
    /// Holds every connection of the pool until the body is over.
    private func occupying<Value>(_ pool: PostgresPool, _ body: () async throws -> Value) async throws -> Value {
        var held: [PostgresConnection] = []
        for _ in 0..<pool.statistics.maximum { held.append(try await pool.acquire()) }
        do {
            let value = try await body()
            for connection in held { await pool.release(connection) }
            return value
        } catch {
            for connection in held { await pool.release(connection) }
            throw error
        }
    }

    @Test func connectionsAreReused() async throws {
        try await withPool { pool async throws in
            let backends = try await withThrowingTaskGroup(of: Int32.self) { group async throws in
                for _ in 0..<50 { group.addTask { try await pool.value("SELECT pg_backend_pid()") } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(backends.count <= 4)
            #expect(pool.statistics.open == pool.statistics.idle)
        }
    }

    @Test func aTransactionLeftOpenIsRolledBack() async throws {
        try await withTable("n int8") { table async throws in
            try await withPool(maximumConnections: 1) { pool async throws in
                try await pool.withConnection { connection async throws in
                    try await connection.run("BEGIN")
                    try await connection.run("INSERT INTO \(table) VALUES (1)")
                }
                #expect(pool.statistics.open == 0)
                #expect(try await pool.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func tooManyWaitersAreRefusedAtOnce() async throws {
        try await withPool(maximumConnections: 1) {
            $0.maximumWaiters = 1
        } _: { pool async throws in
            try await withThrowingTaskGroup(of: Int.self) { group async throws in
                try await self.occupying(pool) {
                    group.addTask { try await pool.value("SELECT 1") }
                    try await eventually { pool.statistics.waiting == 1 }
                    let error = try await failure { try await pool.run("SELECT 1") }
                    #expect(error.code == .poolExhausted)
                    #expect(error.isRetryable)
                }
                #expect(try await group.next() == 1)
            }
        }
    }

    @Test func aWaiterIsTurnedAwayInTime() async throws {
        try await withPool(maximumConnections: 1) {
            $0.acquireTimeout = .milliseconds(20)
        } _: { pool async throws in
            try await self.occupying(pool) {
                let error = try await failure { try await pool.run("SELECT 1") }
                #expect(error.code == .acquireTimeout)
                #expect(pool.statistics.waiting == 0)
            }
            #expect(try await pool.value("SELECT 1") == 1)
        }
    }

    @Test func aCancelledWaiterLeaves() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            try await self.occupying(pool) {
                try await withThrowingTaskGroup(of: PostgresError.self) { group async throws in
                    group.addTask { try await failure { try await pool.run("SELECT 1") } }
                    try await eventually { pool.statistics.waiting == 1 }
                    group.cancelAll()
                    #expect(try await group.next()?.code == .cancelled)
                }
                #expect(pool.statistics.waiting == 0)
            }
            #expect(pool.statistics.idle == 1)
        }
    }

    @Test func aFailedConnectFreesItsPlace() async throws {
        try await withPool(maximumConnections: 1) {
            $0.dsn += " dbname=there_is_no_such_database"
        } _: { pool async throws in
            for _ in 0..<3 {
                let error = try await failure { try await pool.run("SELECT 1") }
                #expect(error.code == .connectionFailed)
            }
            #expect(pool.statistics.open == 0)
        }
    }

    @Test func theEndTurnsWaitersAwayAndClosesLeasedConnectionsWhenTheyReturn() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            let connection = try await pool.acquire()
            try await withThrowingTaskGroup(of: PostgresError.self) { group async throws in
                group.addTask { try await failure { try await pool.run("SELECT 1") } }
                try await eventually { pool.statistics.waiting == 1 }
                await pool.close()
                #expect(try await group.next()?.code == .shutdown)
            }
            #expect(try await connection.value("SELECT 1") == 1)
            await pool.release(connection)
            try await eventually { !connection.isOpen }
            #expect(pool.statistics.open == 0)
            let error = try await failure { try await pool.run("SELECT 1") }
            #expect(error.code == .shutdown)
        }
    }

    @Test func runningEndsWithAGracefulShutdown() async throws {
        let pool = PostgresPool(try TestAddress.configuration(), logger: TestAddress.logger)
        let group = ServiceGroup(services: [pool], logger: TestAddress.logger)
        async let running: Void = group.run()
        let connection = try await pool.withConnection { $0 }
        await group.triggerGracefulShutdown()
        try await running
        #expect(!connection.isOpen)
    }

    /// Callers come, are cancelled at any moment, time out, fail and break their connection; nothing may be lost.
    @Test func everyPlaceIsAccountedForAfterAStorm() async throws {
        try await withPool(maximumConnections: 4) {
            $0.acquireTimeout = .milliseconds(50)
        } _: { pool async throws in
            await withTaskGroup(of: Void.self) { storm in
                for number in 0..<200 {
                    storm.addTask {
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask { try? await Self.oneOfMany(pool, number) }
                            for _ in 0..<Int.random(in: 0..<300) { await Task.yield() }
                            if number % 4 != 0 { group.cancelAll() }
                        }
                    }
                }
            }
            let statistics = pool.statistics
            #expect(statistics.waiting == 0)
            #expect(statistics.open == statistics.idle)
            #expect(statistics.open <= 4)
            try await self.occupying(pool) { #expect(pool.statistics.open == 4) }
            for number in 0..<20 { #expect(try await pool.value("SELECT $1::int8", number) == number) }
        }
    }

    private static func oneOfMany(_ pool: PostgresPool, _ number: Int) async throws {
        switch number % 5 {
        case 0: try await pool.run("SELECT 1 / 0")
        case 1: try await pool.withTransaction("storm") { try await $0.run("SELECT pg_sleep(0.001)") }
        case 2: _ = try await pool.withConnection { try await $0.run("BEGIN") }
        case 3: try await pool.withConnection { await $0.close() }
        default: try await pool.run("SELECT pg_sleep(0.001)")
        }
    }
}
