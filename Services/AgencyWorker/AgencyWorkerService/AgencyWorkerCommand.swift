public import ArgumentParser
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
               "progress": true, "delay_milliseconds": 500}
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

            SIGTERM finishes what is in hand and exits 0. Exit codes: 64 usage, 70 internal error, 77 key not known to \
            the gateway, 78 configuration.
            """)

    @Flag(help: "Check the settings and files, then exit.")
    var check = false

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
            try await Self.serve(settings)
        } catch let exit as WorkerExit {
            Self.complain(exit.reason)
            throw ExitCode(exit.code.rawValue)
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

    private static func complain(_ reason: String) {
        let line = Array("agency-worker: \(reason)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
