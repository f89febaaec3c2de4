import FoundationEssentials
import Logging

/// What the environment says: one agency, or a directory of them.
struct WorkerSettings: Sendable {
    let agencies: [AgencyIdentity]
    let logLevel: Logger.Level
    let concurrency: Int
    /// How long a hand-over stays with this process after it has died; while it lives, leases are renewed.
    let lease: Duration

    init(environment: [String: String]) throws(WorkerExit) {
        func value(_ name: String) -> String? {
            guard let value = environment[name], !value.isEmpty else { return nil }
            return value
        }
        func required(_ name: String, _ remedy: String) throws(WorkerExit) -> String {
            guard let value = value(name) else {
                throw WorkerExit(code: .configuration, reason: "\(name) is not set; \(remedy)")
            }
            return value
        }
        let level = value("DANDELION_LOG_LEVEL") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw WorkerExit(
                code: .configuration, reason: "DANDELION_LOG_LEVEL must be one of trace, debug, info, warning, error")
        }
        self.logLevel = logLevel
        guard let concurrency = Int(value("DANDELION_AGENCY_CONCURRENCY") ?? "4"), (1...100).contains(concurrency)
        else {
            throw WorkerExit(
                code: .configuration, reason: "DANDELION_AGENCY_CONCURRENCY must be a whole number from 1 to 100")
        }
        self.concurrency = concurrency
        guard let lease = Int(value("DANDELION_AGENCY_LEASE_SECONDS") ?? "60"), (30...900).contains(lease) else {
            throw WorkerExit(
                code: .configuration, reason: "DANDELION_AGENCY_LEASE_SECONDS must be a whole number from 30 to 900")
        }
        self.lease = .seconds(lease)
        let gatewayURL = try required(
            "DANDELION_GATEWAY_URL", "set it to the gateway's address, such as https://gateway.example.org")
        if let directory = value("DANDELION_AGENCIES_DIRECTORY") {
            self.agencies = try Self.agencies(in: directory, gatewayURL: gatewayURL)
            return
        }
        let paths = AgencyIdentity.Paths(
            key: try required("DANDELION_AGENCY_KEY_FILE", "set it to the file with the agency's bearer key"),
            privateKey: try required(
                "DANDELION_AGENCY_PRIVATE_KEY_FILE", "set it to the file with the agency's X25519 private key"),
            behaviour: value("DANDELION_AGENCY_BEHAVIOUR_FILE"), behaviourIsOptional: false)
        self.agencies = [try AgencyIdentity(name: "agency", gatewayURL: gatewayURL, paths: paths)]
    }

    /// One agency for each subfolder that holds a file `key`.
    private static func agencies(in directory: String, gatewayURL: String) throws(WorkerExit) -> [AgencyIdentity] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw WorkerExit(
                code: .configuration,
                reason: "DANDELION_AGENCIES_DIRECTORY \(directory): it cannot be listed; create it or correct the path")
        }
        var agencies: [AgencyIdentity] = []
        for name in names where FileManager.default.fileExists(atPath: "\(directory)/\(name)/key") {
            let paths = AgencyIdentity.Paths(
                key: "\(directory)/\(name)/key", privateKey: "\(directory)/\(name)/private.key",
                behaviour: "\(directory)/\(name)/behaviour.json", behaviourIsOptional: true)
            agencies.append(try AgencyIdentity(name: name, gatewayURL: gatewayURL, paths: paths))
        }
        guard !agencies.isEmpty else {
            throw WorkerExit(
                code: .configuration,
                reason: "DANDELION_AGENCIES_DIRECTORY \(directory): no subfolder holds a file named key")
        }
        return agencies
    }
}
