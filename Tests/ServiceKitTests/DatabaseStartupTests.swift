import Testing

@testable import PostgresClient
@testable import ServiceKit

@Suite struct DatabaseStartupTests {
    private let recorder = LogRecorder()

    private func startup(_ patience: Duration) -> DatabaseStartup {
        DatabaseStartup(patience: patience, logger: self.recorder.logger())
    }

    @Test func waitsUntilTheDatabaseAnswersAndSaysSoEachTime() async throws {
        var attempts = 0
        try await self.startup(.seconds(60)).wait {
            attempts += 1
            if attempts < 3 { throw PostgresError(.connectionFailed) }
        }
        #expect(attempts == 3)
        #expect(self.recorder.entries.map(\.message) == Array(repeating: "Database cannot be reached yet", count: 2))
    }

    @Test func givesUpAfterItsPatienceWithOneLine() async {
        let exit = await #expect(throws: ServiceExit.self) {
            try await self.startup(.milliseconds(600)).wait { throw PostgresError(.connectionFailed) }
        }
        #expect(exit?.code == .unavailable)
        #expect(exit?.reason.contains("DANDELION_DATABASE") == true)
        #expect(exit?.reason.contains("DANDELION_STARTUP_PATIENCE") == true)
        #expect(exit?.reason.contains("\n") == false)
    }

    @Test func doesNotWaitForWhatWaitingCannotCure() async {
        struct Other: Error {}
        await #expect(throws: Other.self) { try await self.startup(.seconds(60)).wait { throw Other() } }
        await #expect(throws: PostgresError.self) {
            try await self.startup(.seconds(60)).wait { throw PostgresError(.misuse) }
        }
        #expect(self.recorder.entries.isEmpty)
    }

    @Test func pausesGrowToFiveSeconds() {
        var backoff = Backoff()
        let pauses = (0..<20).map { _ in backoff.next() }
        #expect(pauses.allSatisfy { $0 >= .milliseconds(200) && $0 <= .seconds(6) })
        #expect(pauses[0] < .milliseconds(301))
        #expect(pauses[19] >= .seconds(4))
    }
}
