import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// The files of one agency's credentials, as its worker reads them: `key` (the bearer key), `private.key` (what opens
/// its packages) and, for the network's reference worker, `behaviour.json`.
struct AgencyCredentials: Sendable {
    let directory: String

    var keyPath: String { "\(self.directory)/key" }
    var privateKeyPath: String { "\(self.directory)/private.key" }
    var behaviourPath: String { "\(self.directory)/behaviour.json" }

    /// The key pair of the directory, made now when there is none.
    func keyPair() throws -> AgencyKeyPair {
        if TextFile.exists(self.privateKeyPath) { return try AgencyKeyPair(path: self.privateKeyPath) }
        try PrivateFile.makeDirectory(self.directory)
        let pair = try AgencyKeyPair.generate()
        try pair.create(path: self.privateKeyPath)
        return pair
    }

    /// The bearer key of the directory, made now when there is none.
    func bearerKey() throws -> (key: BearerKey, isNew: Bool) {
        if TextFile.exists(self.keyPath) { return (try BearerKey(file: self.keyPath, for: .agency), false) }
        try PrivateFile.makeDirectory(self.directory)
        let key = BearerKey(for: .agency)
        try PrivateFile.create(self.keyPath, key.text + "\n")
        return (key, true)
    }

    /// Sees that the database knows the bearer key of the directory.
    /// - Parameter liveKeys: how many the agency has that were not revoked.
    /// - Returns: whether the database was told now.
    func register(
        agency: UUID, code: String, liveKeys: Int, label: String, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let (key, isNew) = try self.bearerKey()
        guard isNew || liveKeys == 0 else { return false }
        do {
            _ = try await AgencyStore().addKey(agency: agency, keyHash: key.hash, label: label, on: transaction)
            return true
        } catch let error as PostgresError {
            guard error.sqlState == "23505" else { throw error }
            throw CommandFailure(
                .badData,
                "the key in \(self.keyPath) was revoked; "
                    + "run `dandelion agency rotate-key \(code) --key-to \(self.directory)`"
            )
        }
    }

    /// What the reference worker does with its hand-overs.
    func write(_ behaviour: AgencyBehaviour) throws {
        try PrivateFile.makeDirectory(self.directory)
        try PrivateFile.replace(self.behaviourPath, try JSONText.of(WorkerBehaviour(behaviour)) + "\n")
    }
}

/// A behaviour as the reference worker's file has it.
struct WorkerBehaviour: Encodable, Equatable {
    var answer: String
    var reason: String?
    var suggestedAgencyKind: String?
    var outcome: String?
    /// What it says with the outcome, sealed.
    var text: String?
    /// Long enough for the steps to be watched.
    var delayMilliseconds: Int?

    init(_ behaviour: AgencyBehaviour) {
        switch behaviour.mode {
        case .acceptComplete:
            self.answer = "accept"
            self.outcome = behaviour.outcome?.rawValue
            self.text = "演示：已按规定办理，详情已当面告知。"
            self.delayMilliseconds = 300
        case .reject:
            self.answer = "reject"
            self.reason = behaviour.reason?.rawValue
            self.suggestedAgencyKind = behaviour.suggestedKind?.rawValue
            self.delayMilliseconds = 300
        case .silent:
            self.answer = "silent"
        }
    }
}
