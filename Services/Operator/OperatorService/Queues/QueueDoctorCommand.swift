import ArgumentParser
import PostgresClient

/// Looks at the queue alone: for whoever runs it without the rest of the network.
struct QueueDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Looks at the health of the queue, and says what to do where it is ill.",
        discussion: """
            Bloat, old snapshots, stuck leases, missing workers, clocks, history without a partition, schedules. Exit \
            status 1 when something failed, 69 when the database does not answer; warnings leave it at 0.

            Examples:

              dandelion queue doctor
              dandelion queue doctor --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = try await self.database.withPool { pool in
            let server = ServerChecks(replicas: nil, poolSize: 8)
            return try await QueueHealth.findings(on: pool)
                + [server.clock(on: pool), server.snapshot(on: pool)]
        }
        try self.output.show(findings) { DoctorCommand.text(findings) }
        let failed = findings.count { $0.level == .failed }
        guard failed == 0 else { throw CommandFailure(.difference, "\(failed) checks failed") }
    }
}
