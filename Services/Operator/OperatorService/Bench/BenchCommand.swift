import ArgumentParser
import FoundationEssentials
import Safeguarding

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures a test installation, and the rules.",
        subcommands: [
            Path.self, RoutingBenchCommand.self, Notify.self, Ledger.self, Doors.self, QueueBenchCommand.self,
            BenchWorkerCommand.self,
        ])

    struct Path: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "path", abstract: "Drives cases from intake to agencies' leases and measures the way.",
            discussion: """
                Sends requests at a fixed rate whatever comes back, leases and accepts the hand-overs as agencies of \
                its own (legal-aid centres of counties without keys, whose credentials it makes and keeps), and then \
                asks the database whether anything was lost. For test installations: the cases stay. Exit status 1 \
                when something was lost.

                --sustain raises the rate by a quarter, run by run, until the network no longer keeps up, and shows \
                the last run that did.

                Examples:

                  dandelion bench path --rate 50 --seconds 20
                  dandelion bench path --rate 200 --seconds 10 --sustain --pids-directory .dandelion/run --json
                """)

        @Option(help: "Cases per second.")
        var rate: Double = 50
        @Option(help: "For how long.")
        var seconds = 20
        @Option(help: "Seconds at the same rate before, whose times do not count.")
        var warmUp = 2
        @Flag(help: "Look for the highest rate the network keeps up with.")
        var sustain = false
        @Flag(help: "Agencies report an outcome, too.")
        var complete = false
        @Option(help: "How many agencies.")
        var agencies = 20
        @Option(help: ArgumentHelp("Where intake is.", valueName: "url"))
        var intake = "http://127.0.0.1:8081"
        @Option(help: ArgumentHelp("Where the gateway is.", valueName: "url"))
        var gateway = "http://127.0.0.1:8082"
        @Option(help: ArgumentHelp("Where the bench's credentials are.", valueName: "directory"))
        var credentials = ".dandelion/bench"
        @Option(help: ArgumentHelp("The onboarding key, which signs its agencies' keys.", valueName: "file"))
        var onboardingKey = ".dandelion/keys/onboarding-key"
        @Option(
            name: .customLong("case"), help: ArgumentHelp("The request; its division is replaced.", valueName: "file"))
        var request = "deploy/demo/cases/05-legal-aid-sonid.json"
        @Option(
            help: ArgumentHelp("Where the services' .pid files are; else /proc is searched.", valueName: "directory"))
        var pidsDirectory: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0.1...10_000).contains(self.rate) else { throw ValidationError("--rate must be from 0.1 to 10000.") }
            guard (1...86_400).contains(self.seconds), (0...600).contains(self.warmUp) else {
                throw ValidationError("--seconds must be from 1 to 86400, --warm-up from 0 to 600.")
            }
            guard (1...100).contains(self.agencies) else { throw ValidationError("--agencies must be from 1 to 100.") }
        }

        func run() async throws {
            let template = try TextFile.bytes(self.request)
            let onboarding = try OnboardingKey(path: self.onboardingKey)
            let report = try await self.database.withPool { pool in
                try await IntakeCaller.withHTTPClient(connections: 256) { http in
                    let network = try await BenchNetwork.prepare(
                        count: self.agencies, credentials: self.credentials, onboarding: onboarding,
                        gatewayURL: self.gateway, template: template, http: http, on: pool)
                    let caller = IntakeCaller(http: http, intakeURL: self.intake, key: network.clientKey.text)
                    func run(_ rate: Double) async throws -> BenchReport {
                        try await BenchRun(
                            rate: rate, seconds: self.seconds, warmUp: self.warmUp, completes: self.complete,
                            network: network, intake: caller, pool: pool, pidsDirectory: self.pidsDirectory
                        ).run()
                    }
                    return self.sustain ? try await self.highest(run) : try await run(self.rate)
                }
            }
            try self.output.show(report) { report.text }
            guard report.lost == 0, report.answered > 0 else {
                throw CommandFailure(.difference, "\(report.lost) of \(report.answered) answered cases did not arrive")
            }
        }

        /// The last run that kept up; the first one if none did.
        private func highest(_ run: (Double) async throws -> BenchReport) async throws -> BenchReport {
            var best: BenchReport?
            var rate = self.rate
            while true {
                let report = try await run(rate)
                if !self.output.json {
                    Terminal.line(
                        "\(Numbers.tenths(rate)) cases/s: \(report.isSustained ? "kept up" : "did not keep up")")
                }
                guard report.isSustained else { return best ?? report }
                best = report
                rate *= 1.25
            }
        }
    }
}
