import Testing

@testable import PostgresClient

/// Tasks that prefer the reactor's thread, alone and beside others.
@Suite struct PostgresThreadTests {
    private static func count(_ pool: PostgresPool) async throws -> Int {
        var sum = 0
        for number in 1...20 {
            sum += try await pool.value("SELECT $1::int8", number, as: Int.self)
        }
        return sum
    }

    @Test func theyRunOnTheThreadOfTheConnections() async throws {
        try await withTaskExecutorPreference(PostgresThread.taskExecutor) {
            EpollReactor.shared.checkIsolated()
            try await withConnection { connection async throws in
                #expect(try await connection.value("SELECT 1") == 1)
                EpollReactor.shared.checkIsolated()
                await Task.yield()
                EpollReactor.shared.checkIsolated()
            }
        }
    }

    @Test func manyTasksOfBothKindsShareAPool() async throws {
        try await withPool(maximumConnections: 4) { pool async throws in
            let sums = try await withThrowingTaskGroup(of: Int.self) { group async throws in
                for index in 0..<40 {
                    let preference = index.isMultiple(of: 2) ? PostgresThread.taskExecutor : nil
                    group.addTask(executorPreference: preference) { try await Self.count(pool) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums == Array(repeating: 210, count: 40))
        }
    }

    @Test func aCancelledOneEnds() async throws {
        try await withPool(maximumConnections: 1) { pool async throws in
            let error = try await failure {
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    group.addTask(executorPreference: PostgresThread.taskExecutor) {
                        try await pool.run("SELECT pg_sleep(60)")
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            #expect(error.code == .cancelled)
        }
    }
}
