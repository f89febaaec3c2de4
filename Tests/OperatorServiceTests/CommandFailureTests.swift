import ArgumentParser
import Foundation
import JobQueue
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

struct CommandFailureTests {
    @Test func refusalsOfTheDatabaseAreBadData() async throws {
        try await withTestDatabase { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.pool.execute(QueueQueries.cancel, UUIDs.any, "test")
            }
            let failure = CommandFailure(try #require(error))
            #expect(failure.status == .badData)
            #expect(failure.reason.contains("dandelion jobs list"))
        }
    }

    @Test func aMissingSchemaAsksForMigrate() async throws {
        try await withTestDatabase(.empty) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.pool.execute(NetworkQueries.divisions)
            }
            let failure = CommandFailure(try #require(error))
            #expect(failure.status == .tryAgainLater)
        }
    }

    @Test func aMissingRightIsConfiguration() async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: "dandelion_intake") { pool in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.execute(NetworkQueries.divisions)
                }
                let failure = CommandFailure(try #require(error))
                #expect(failure.status == .configuration)
                #expect(failure.reason.contains("operator_divisions"))
            }
        }
    }

    @Test func anUnreachableDatabaseIsUnavailable() async throws {
        var database = DatabaseOptions()
        database.database = "host=/nonexistent dbname=x"
        let error = await #expect(throws: PostgresError.self) {
            try await database.withPool { try await $0.execute(NetworkQueries.divisions) }
        }
        let failure = CommandFailure(try #require(error))
        #expect(failure.status == .unavailable)
    }

    @Test(
        arguments: [
            ["agency", "add", "x"], ["jobs", "list", "--state", "lost"], ["stations", "set-email", "150104"],
            ["demo", "run"], ["bench", "path", "--rate", "0"], ["doctor", "--pool-size", "0"], ["nonsense"],
        ])
    func wrongCommandLinesAreUsage(_ arguments: [String]) async throws {
        let error = await #expect(throws: (any Error).self) { try await DandelionCommand.asyncParseAsRoot(arguments) }
        let code = DandelionCommand.exitCode(for: try #require(error))
        #expect(code.rawValue == 64)
    }
}

/// An id of nothing.
private enum UUIDs {
    static let any = UUID()
}
