import DandelionAgency
import Logging
import ServiceLifecycle

/// One agency's consumer as a service: SIGTERM lets it finish what it has in hand.
struct AgencyConsumerService: Service {
    let identity: AgencyIdentity
    let concurrency: Int
    let lease: Duration
    let logger: Logger

    func run() async throws {
        guard self.identity.behaviour.answer != .silent else {
            self.logger.info("Agency leases nothing", metadata: ["agency.name": .string(self.identity.name)])
            try await gracefulShutdown()
            return
        }
        let log = ConsumerLog(agency: self.identity.name, logger: self.logger)
        let consumer = AgencyConsumer(
            client: self.identity.client, privateKey: self.identity.privateKey,
            handler: BehaviourHandler(behaviour: self.identity.behaviour),
            configuration: AgencyConsumer.Configuration(concurrency: self.concurrency, lease: self.lease),
            onEvent: log.write)
        do {
            try await withGracefulShutdownHandler {
                try await consumer.run()
            } onGracefulShutdown: {
                consumer.drain()
            }
        } catch let error as AgencyError where error.code == .unauthenticated {
            self.logger.error(
                "Agency key is not known to the gateway", metadata: ["agency.name": .string(self.identity.name)])
            throw WorkerExit(
                code: .notPermitted,
                reason: "agency \(self.identity.name): the gateway does not know its key; ask the network for a new one"
            )
        }
    }
}

/// What a consumer tells, as log lines: numbers and codes, never anything of a package.
struct ConsumerLog: Sendable {
    let agency: String
    let logger: Logger

    @Sendable func write(_ event: AgencyConsumerEvent) {
        var metadata: Logger.Metadata = ["agency.name": .string(self.agency)]
        switch event {
        case .leased(let count):
            metadata["lease.count"] = .stringConvertible(count)
            self.logger.debug("Hand-overs leased", metadata: metadata)
        case .answered(let referral, let decision):
            metadata["referral.number"] = .string(referral)
            metadata["answer"] = .string(Self.word(decision))
            self.logger.info("Hand-over answered", metadata: metadata)
        case .worked(let referral):
            metadata["referral.number"] = .string(referral)
            self.logger.info("Referral finished", metadata: metadata)
        case .failed(let referral, let error):
            metadata["referral.number"] = .string(referral)
            metadata["error"] = .string(Self.text(error))
            self.logger.warning("Hand-over failed", metadata: metadata)
        case .pollFailed(let error, let pause):
            metadata["error"] = .string(Self.text(error))
            metadata["pause_ms"] = .stringConvertible(Int(pause / .milliseconds(1)))
            self.logger.warning("Gateway does not answer", metadata: metadata)
        }
    }

    private static func word(_ decision: AgencyDecision) -> String {
        switch decision {
        case .accept: "accept"
        case .reject: "reject"
        case .object: "object"
        case .handBack: "hand_back"
        case .leave: "leave"
        }
    }

    /// Errors of the client library may be shown; of others only the type is.
    private static func text(_ error: any Error) -> String {
        switch error {
        case let error as AgencyError: error.description
        case is CancellationError: "cancelled"
        default: String(reflecting: type(of: error))
        }
    }
}
