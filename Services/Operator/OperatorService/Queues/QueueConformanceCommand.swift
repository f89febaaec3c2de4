import ArgumentParser
import JobConformance
import JobQueue
import Logging
import PostgresClient

struct QueueConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance", abstract: "Checks a client of the queue, in any language.",
        discussion: """
            Drives the client through every promise of the SQL API that a producer or a consumer with leases of its own relies \
            on, and says which it keeps. The client is a program that reads a call a line on standard input and writes an \
            answer a line, both in JSON (deploy/conformance/client.py is one, and shows all there is to it); without one, the \
            Swift client is checked. Queues with random names are used and left empty or with dead letters: give it a \
            database for tests, and a user with the rights of producers, workers and operators.

            Examples:

              dandelion queues conformance --database 'host=/tmp dbname=test'
              dandelion queues conformance --database "$DSN" -- python3 deploy/conformance/client.py "$DSN"
            """)

    @Argument(help: ArgumentHelp("The client and its arguments.", valueName: "program"))
    var client: [String] = []
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let results: [QueueConformance.Result]
        if self.client.isEmpty {
            results = try await self.database.withPool { pool in
                let store = JobStore(bell: JobBell(pool: pool, logger: Logger.quiet))
                return try await QueueConformance(StoreClient(store: store, pool: pool)).run()
            }
        } else {
            do {
                results = try await QueueConformance(ClientProcess(self.client)).run()
            } catch let failed as ClientProcess.Failed {
                throw CommandFailure(.unavailable, failed.description)
            }
        }
        try self.output.show(results) {
            results.map {
                "\($0.failure == nil ? "ok    " : "FAILED") \($0.scenario)" + ($0.failure.map { ": \($0)" } ?? "")
            }
            .joined(separator: "\n")
        }
        let broken = results.filter { $0.failure != nil }.count
        guard broken == 0 else {
            throw CommandFailure(.internalError, "\(broken) of \(results.count) promises are not kept")
        }
    }
}
