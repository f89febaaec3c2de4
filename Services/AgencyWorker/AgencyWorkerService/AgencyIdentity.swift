import DandelionAgency

/// One agency that this process serves: its credential, its private key and what it does. Nothing of another agency.
struct AgencyIdentity: Sendable {
    /// For the log: the folder's name, or `agency`.
    let name: String
    let client: AgencyClient
    let privateKey: AgencyPrivateKey
    let behaviour: Behaviour

    /// Where the three files of an agency are.
    struct Paths {
        let key: String
        let privateKey: String
        let behaviour: String?
        /// A behaviour file that is missing means the default.
        let behaviourIsOptional: Bool
    }

    init(name: String, gatewayURL: String, paths: Paths) throws(WorkerExit) {
        let keyBytes = try SmallFile.read(paths.key, named: "agency key file")
        let privateKeyBytes = try SmallFile.read(paths.privateKey, named: "private key file")
        guard let keyText = String(validating: keyBytes, as: UTF8.self) else {
            throw WorkerExit(code: .configuration, reason: "agency key file \(paths.key): it is not text")
        }
        let key = keyText.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        do {
            self.client = try AgencyClient(gatewayURL: gatewayURL, key: key)
        } catch {
            throw WorkerExit(
                code: .configuration, reason: "agency \(name): \(error.detail ?? "unusable") (key file \(paths.key))")
        }
        do {
            self.privateKey = try AgencyPrivateKey(fileContent: privateKeyBytes)
        } catch {
            throw WorkerExit(
                code: .configuration, reason: "private key file \(paths.privateKey): \(error.detail ?? "unusable")")
        }
        self.name = name
        self.behaviour = try Self.behaviour(paths)
    }

    private static func behaviour(_ paths: Paths) throws(WorkerExit) -> Behaviour {
        guard let path = paths.behaviour else { return Behaviour() }
        if let content = try SmallFile.readIfPresent(path, named: "behaviour file") {
            return try Behaviour(json: content, path: path)
        }
        guard paths.behaviourIsOptional else {
            throw WorkerExit(code: .configuration, reason: "behaviour file \(path): there is no such file")
        }
        return Behaviour()
    }
}
