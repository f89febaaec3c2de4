import Logging
import Migrations
import PostgresClient

/// Waits for the database at start: it may come up after us, and its schema may be migrated while we wait.
struct DatabaseStartup {
    let patience: Duration
    let logger: Logger

    /// Returns once the check passes.
    /// - Throws: `ServiceExit` 69 when it does not within the patience; any error that waiting cannot cure, at once.
    func wait(until check: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        var backoff = Backoff()
        while true {
            do {
                try await check()
                return
            } catch let error as PostgresError {
                try Task.checkCancellation()  // Asked to stop: the statement was cancelled with the task.
                guard error.code != .misuse, error.code != .decoding else { throw error }
                let waited = ContinuousClock.now - start
                let pause = backoff.next()
                guard waited + pause < self.patience else { throw self.givingUp(error) }
                self.logger.warning(
                    "Database cannot be reached yet",
                    metadata: [
                        "database.error": .string("\(error)"),
                        "startup.waited_seconds": .stringConvertible(waited.components.seconds),
                        "startup.patience_seconds": .stringConvertible(self.patience.components.seconds),
                    ])
                try await Task.sleep(for: pause)
            }
        }
    }

    private func givingUp(_ error: PostgresError) -> ServiceExit {
        ServiceExit(
            .unavailable,
            """
            the database could not be reached within \(self.patience.components.seconds) s (\(error)); start it, \
            correct DANDELION_DATABASE, or raise DANDELION_STARTUP_PATIENCE
            """)
    }
}

/// Pauses that double from a quarter of a second to five seconds, with a little chance in them, so that services that
/// were started together do not knock together.
struct Backoff {
    private var pause = 0.25

    mutating func next() -> Duration {
        defer { self.pause = min(self.pause * 2, 5) }
        return .seconds(self.pause * Double.random(in: 0.8...1.2))
    }
}
