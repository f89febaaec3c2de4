import ArgumentParser
import FoundationEssentials
import PostgresClient

extension BenchCommand {
    struct Doors: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "doors", abstract: "Measures the agencies' doors: hand-overs, leases, webhooks, sealing.",
            discussion: """
                For a test installation with a gateway and nothing else that works its queues, as the owner of its \
                database: it makes agencies of its own, offers them referrals that never were, as routing does, and takes \
                them through the doors. How soon a hand-over is leased after its commit, by SQL and by HTTP, while idle \
                agencies wait at the gateway; how many leases a second HTTP gives; how soon webhooks arrive when some \
                endpoints hang, and when none does; what sealing costs. deploy/bench/doors runs it on a cluster of its own.

                Examples:

                  dandelion bench doors --sink sink.log --sink-url http://127.0.0.1:9000
                  dandelion bench doors --idle 1000 --hand-overs 2000 --leases 20000 --json
                """)

        @Option(help: "Agencies that wait at the gateway and are offered nothing.")
        var idle = 1000
        @Option(help: "Hand-overs through each of the two doors.")
        var handOvers = 1000
        @Option(help: "Hand-overs per second.")
        var rate: Double = 50
        @Option(help: "Hand-overs that are then leased as fast as HTTP gives them; 0: none.")
        var leases = 20_000
        @Option(help: "Webhooks, once with and once without endpoints that hang; 0: none.")
        var webhooks = 5000
        @Option(help: "Webhooks per second.")
        var webhookRate = 500
        @Option(help: "Endpoints of webhooks.")
        var endpoints = 200
        @Option(help: "How many of them hang.")
        var hanging = 10
        @Option(help: "Packages that are sealed.")
        var packages = 5000
        @Option(help: ArgumentHelp("Where the gateway is.", valueName: "url"))
        var gateway = "http://127.0.0.1:8082"
        @Option(help: ArgumentHelp("Where deploy/bench/webhook-sink listens.", valueName: "url"))
        var sinkURL: String?
        @Option(help: ArgumentHelp("The file it writes.", valueName: "file"))
        var sink: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...10_000).contains(self.idle), (1...100_000).contains(self.handOvers),
                (0.1...1000).contains(self.rate), (0...1_000_000).contains(self.leases)
            else {
                throw ValidationError(
                    "--idle must be from 0 to 10000, --hand-overs from 1 to 100000, --rate from 0.1 to 1000, --leases from "
                        + "0 to 1000000.")
            }
            guard (0...1_000_000).contains(self.webhooks), (1...10_000).contains(self.webhookRate),
                (1...10_000).contains(self.endpoints), (0..<self.endpoints).contains(self.hanging),
                (1...1_000_000).contains(self.packages)
            else {
                throw ValidationError(
                    "--webhooks must be from 0 to 1000000, --webhook-rate and --endpoints from 1 to 10000, --hanging below "
                        + "--endpoints, --packages from 1 to 1000000.")
            }
            guard self.webhooks == 0 || self.sink != nil && self.sinkURL != nil else {
                throw ValidationError("Webhooks need --sink and --sink-url; or give --webhooks 0.")
            }
        }

        func run() async throws {
            var configuration = try await self.database.configuration()
            configuration.maximumConnections = 12
            guard !configuration.dsn.contains("://") else {
                throw CommandFailure(
                    .configuration, "name the database by keywords, such as 'host=db dbname=dandelion'")
            }
            let pool = PostgresPool(configuration, logger: .quiet)
            let report: DoorsBenchReport
            do {
                report = try await IntakeCaller.withHTTPClient(connections: self.idle + 128) { http in
                    try await DoorsBench(options: self, database: configuration, pool: pool, http: http).run()
                }
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
            try self.output.show(report) { report.text }
            guard report.lost == 0 else {
                throw CommandFailure(.difference, "\(report.lost) hand-overs or webhooks did not arrive")
            }
        }
    }
}
