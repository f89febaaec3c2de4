import ArgumentParser
import PostgresClient

extension BenchCommand {
    struct Ledger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ledger", abstract: "Measures how soon what is committed is under a signed checkpoint.",
            discussion: """
                For a test installation whose ledger nobody signs, as the owner of its database: it records disclosures that \
                never were, at a fixed rate, one a transaction, and signs them with a key of its own. Then a backlog is \
                written at once, and taken as fast as it goes. Exit status 1 when an entry came later than ten seconds.

                Examples:

                  dandelion bench ledger --rate 1000 --seconds 30
                  dandelion bench ledger --rate 1000 --seconds 30 --backlog 200000 --json
                """)

        @Option(help: "Disclosures per second.")
        var rate = 1000
        @Option(help: "For how long.")
        var seconds = 20
        @Option(help: "Connections that write.")
        var writers = 8
        @Option(help: "Rows that are then taken at once; 0: none.")
        var backlog = 50_000
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100_000).contains(self.rate), (1...3600).contains(self.seconds) else {
                throw ValidationError("--rate must be from 1 to 100000, --seconds from 1 to 3600.")
            }
            guard (1...100).contains(self.writers), (0...10_000_000).contains(self.backlog) else {
                throw ValidationError("--writers must be from 1 to 100, --backlog from 0 to 10000000.")
            }
        }

        func run() async throws {
            var configuration = try await self.database.configuration()
            configuration.maximumConnections = self.writers + 3
            let pool = PostgresPool(configuration, logger: .quiet)
            let report: BenchLedgerReport
            do {
                report = try await withTaskExecutorPreference(PostgresThread.taskExecutor) {
                    try await BenchLedgerRun(
                        rate: self.rate, seconds: self.seconds, writers: self.writers, backlog: self.backlog, pool: pool
                    ).run()
                }
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
            try self.output.show(report) { report.text }
            guard report.inclusion.max < 10_000, report.inclusion.count == report.written else {
                throw CommandFailure(.difference, "not every entry was under a checkpoint within ten seconds")
            }
        }
    }
}
