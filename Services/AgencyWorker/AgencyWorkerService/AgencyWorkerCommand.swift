public import ArgumentParser
import DandelionAgency
import FoundationEssentials
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// `agency-worker`: leases an agency's hand-overs through the gateway and answers them, with nothing but the agency's
/// own credential and key.
public struct AgencyWorkerCommand: AsyncParsableCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "agency-worker",
        abstract: "The reference consumer of a partner agency.",
        discussion: """
            It leases the agency's hand-overs from the gateway, opens each package with the agency's private key, and \
            answers as its behaviour file says. Settings come from the environment:

              DANDELION_GATEWAY_URL              https://gateway.example.org
              DANDELION_AGENCY_KEY_FILE          the agency's bearer key (dak_...)
              DANDELION_AGENCY_PRIVATE_KEY_FILE  the agency's X25519 private key
              DANDELION_AGENCY_BEHAVIOUR_FILE    what it does; without it every
                                                 hand-over is completed
              DANDELION_AGENCIES_DIRECTORY       instead of the three: a folder
                                                 with one subfolder an agency,
                                                 holding key, private.key and
                                                 perhaps behaviour.json
              DANDELION_AGENCY_CONCURRENCY       hand-overs of one agency in
                                                 hand at once (4)
              DANDELION_AGENCY_LEASE_SECONDS     how long a lease outlives this
                                                 process, 30 to 900 (60)
              DANDELION_LOG_LEVEL                trace, debug, info, warning or
                                                 error (info)

            Behaviour file:

              {"answer": "accept", "outcome": "placed_safely",
               "progress": true, "text": "已安置", "delay_milliseconds": 500}
              {"answer": "reject", "reason": "not_our_duty",
               "suggested_agency_kind": "civil_affairs"}
              {"answer": "object", "reason": "not_our_jurisdiction"}
              {"answer": "silent"}

            Examples:

              export DANDELION_GATEWAY_URL=http://127.0.0.1:8082
              DANDELION_AGENCY_KEY_FILE=key \\
                DANDELION_AGENCY_PRIVATE_KEY_FILE=private.key agency-worker
              DANDELION_AGENCIES_DIRECTORY=agencies agency-worker
              DANDELION_AGENCIES_DIRECTORY=agencies agency-worker --check
              agency-worker --scenario stale

            With --scenario it is a sandbox agency: it plays the scenario once with the next hand-over, and says what \
            the network answered to each step (a code of the client library, or done). complete, reject, object, \
            hand-back, silent, slow (keeps its lease while it thinks), crash (dies in the middle of a lease), stale \
            (answers under a lease that is over), twice (says everything twice), wrong (words that are none, \
            referrals that are another's), text (says something in words with each step, sealed).

            SIGTERM finishes what is in hand and exits 0. Exit codes: 64 usage, 69 no gateway (scenarios), 70 internal error, 77 key not known to \
            the gateway, 78 configuration.
            """, subcommands: [SealCommand.self])

    @Flag(help: "Check the settings and files, then exit.")
    var check = false

    @Option(help: "Play this scenario once instead.")
    var scenario: Scenario?
    @Option(help: "Seconds to wait for a hand-over to play it with, 0 to 25.")
    var wait = 20
    @Option(help: "Seconds for which slow thinks, 0 to 600.")
    var pause = 20

    /// What the parser needs.
    public init() {}

    /// Parses the command line and runs; the process's exit code says how it went.
    public static func start() async {
        await self.main()
    }

    /// Reads the settings and works until it is told to stop.
    public func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            let settings = try WorkerSettings(environment: ProcessInfo.processInfo.environment)
            guard !self.check else { return }
            if let scenario {
                try await self.play(scenario, settings)
                return
            }
            try await Self.serve(settings)
        } catch let exit as WorkerExit {
            Self.complain(exit.reason)
            throw ExitCode(exit.code.rawValue)
        }
    }

    /// Checks what the parser cannot.
    public func validate() throws {
        guard (0...25).contains(self.wait) else { throw ValidationError("--wait must be from 0 to 25.") }
        guard (0...600).contains(self.pause) else { throw ValidationError("--pause must be from 0 to 600.") }
    }

    private func play(_ scenario: Scenario, _ settings: WorkerSettings) async throws {
        for agency in settings.agencies {
            let player = ScenarioPlayer(
                scenario: scenario, client: agency.client, privateKey: agency.privateKey,
                pause: .seconds(self.pause), crash: { kill(getpid(), SIGKILL) })
            do {
                for step in try await player.play(wait: .seconds(self.wait), lease: settings.lease) {
                    print("\(agency.name): \(step.step) \(step.answer)")
                }
            } catch let error as AgencyError {
                throw WorkerExit(
                    code: error.code == .unauthenticated ? .notPermitted : .unavailable,
                    reason: "agency \(agency.name): \(error.code)")
            }
        }
    }

    private static func serve(_ settings: WorkerSettings) async throws {
        var logger = Logger(label: "agency-worker") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = settings.logLevel
        let services = settings.agencies.map {
            AgencyConsumerService(
                identity: $0, concurrency: settings.concurrency, lease: settings.lease, logger: logger)
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                .init(
                    service: service, successTerminationBehavior: .ignore,
                    // One agency's revoked key is not the others' trouble.
                    failureTerminationBehavior: services.count == 1 ? .cancelGroup : .ignore)
            }, logger: logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        configuration.maximumGracefulShutdownDuration = .seconds(25)
        do {
            logger.info("Agency worker started", metadata: ["agency.count": .stringConvertible(services.count)])
            try await ServiceGroup(configuration: configuration).run()
            logger.info("Agency worker stopped")
        } catch is CancellationError {
            logger.warning("Agency worker stopped before all work was done")
        }
    }

    static func complain(_ reason: String) {
        let line = Array("agency-worker: \(reason)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
