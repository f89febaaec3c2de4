import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

struct AgencyAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Makes or updates one agency and gives it a bearer key.",
        discussion: """
            The agency makes its own key pair and hands over the public half, 32 bytes in base64. The onboarding key signs \
            it, elsewhere (`dandelion agency key sign`, then --signed-key) or here (--public-key, --onboarding-key). For \
            an agency whose system the network runs, --generate-key-to makes the pair here. The bearer key is \
            written to the file `key` in --key-to, or printed, once: only its SHA-256 is stored. An agency that is \
            there keeps its bearer keys (see `dandelion agency rotate-key`), and its public key and webhook when none \
            is given (see `dandelion agency remove-webhook`).

            Examples:

              dandelion agency add 150104-police --kind police --name 玉泉区公安局 --division 150104 \\
                --signed-key police.signed --key-to handover/150104-police
              dandelion agency add 150104-police --kind police --name 玉泉区公安局 --division 150104 \\
                --generate-key-to police --onboarding-key /media/offline/onboarding-key --key-to police
            """)

    @Argument(help: "The agency's code: a-z, 0-9 and hyphens.")
    var code: String
    @Option(help: "Its kind, such as police or legal_aid_centre.")
    var kind: String
    @Option(help: "Its name.")
    var name: String
    @Option(help: "The division it serves.")
    var division: String
    @OptionGroup var sealing: SealingKeyOptions
    @Option(help: ArgumentHelp("Where to make its key pair.", valueName: "directory"))
    var generateKeyTo: String?
    @Option(help: ArgumentHelp("Where to write its bearer key.", valueName: "directory"))
    var keyTo: String?
    @Option(help: ArgumentHelp("Where its webhooks go.", valueName: "url"))
    var webhookURL: String?
    @Option(help: ArgumentHelp("A file with the secret of its webhooks (whsec_…).", valueName: "file"))
    var webhookSecret: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let id: UUID
        /// Only when it was not written to a file.
        let key: String?
        let keyFile: String?
        let privateKeyFile: String?
    }

    func validate() throws {
        if self.generateKeyTo != nil {
            guard self.sealing.publicKey == nil, self.sealing.signedKey == nil else {
                throw ValidationError("Give either --generate-key-to or the agency's own key.")
            }
            guard self.sealing.onboardingKey != nil else {
                throw ValidationError("Nothing is sealed to a key that is not signed: give --onboarding-key.")
            }
        }
        if (self.webhookURL == nil) != (self.webhookSecret == nil) {
            throw ValidationError("A webhook needs both --webhook-url and --webhook-secret.")
        }
    }

    func run() async throws {
        let agency = try self.agency()
        let report = try await self.database.withPool { pool in
            try await pool.withTransaction("add_agency") { transaction in
                let earlier = try await OperatorStore().agencies(on: transaction).first { $0.code == agency.code }
                let id = try await agency.register(on: transaction)
                return try await self.giveKey(to: id, liveKeys: earlier?.liveKeys ?? 0, in: transaction)
            }
        }
        try self.output.show(report) {
            var lines = ["\(report.code) is \(report.key ?? report.keyFile == nil ? "updated" : "ready")"]
            if let file = report.privateKeyFile { lines.append("private key: \(file)") }
            if let file = report.keyFile { lines.append("bearer key: \(file)") }
            if let key = report.key { lines.append("bearer key, shown this once: \(key)") }
            return lines.joined(separator: "\n")
        }
    }

    private func agency() throws -> NewAgency {
        let kind = AgencyKind(rawValue: self.kind)
        guard Agency.isWellFormed(code: self.code) else {
            throw CommandFailure(.badData, "the code must be a slug of a-z, 0-9 and hyphens, such as 150104-police")
        }
        guard kind.isWellFormed else { throw CommandFailure(.badData, "the kind must be a word such as police") }
        var agency = NewAgency(
            code: self.code, kind: kind, name: self.name, division: try DivisionArgument.parse(self.division))
        let own = try self.generateKeyTo.map { try AgencyCredentials(directory: $0).keyPair().publicKey }
        agency.take(try self.sealing.key(of: agency.code, kind: agency.kind, division: agency.division, own: own))
        if let webhookURL, let webhookSecret {
            guard webhookURL.hasPrefix("https://") || webhookURL.hasPrefix("http://") else {
                throw CommandFailure(
                    .badData, "the webhook's address must be a URL such as https://agency.example.org/hook")
            }
            agency.webhookURL = webhookURL
            agency.webhookSecret = try Self.webhookSecret(file: webhookSecret)
        }
        return agency
    }

    /// An agency that has a live key gets another only when it is asked for by naming a place for it.
    private func giveKey(
        to id: UUID, liveKeys: Int, in transaction: PostgresTransaction
    ) async throws -> Report {
        let privateKey = self.generateKeyTo.map { AgencyCredentials(directory: $0).privateKeyPath }
        if let keyTo {
            let files = AgencyCredentials(directory: keyTo)
            _ = try await files.register(
                agency: id, code: self.code, liveKeys: liveKeys, label: "add", in: transaction)
            return Report(
                code: self.code, id: id, key: nil, keyFile: files.keyPath, privateKeyFile: privateKey)
        }
        guard liveKeys == 0 else {
            return Report(code: self.code, id: id, key: nil, keyFile: nil, privateKeyFile: privateKey)
        }
        let key = BearerKey(for: .agency)
        _ = try await AgencyStore().addKey(agency: id, keyHash: key.hash, label: "add", on: transaction)
        return Report(code: self.code, id: id, key: key.text, keyFile: nil, privateKeyFile: privateKey)
    }

    static func webhookSecret(file: String) throws -> [UInt8] {
        let word = try TextFile.secret(file)
        guard word.hasPrefix("whsec_"), let data = Data(base64Encoded: String(word.dropFirst(6))),
            (24...64).contains(data.count)
        else { throw CommandFailure(.badData, "\(file) must hold whsec_ and 24 to 64 bytes in base64") }
        return Array(data)
    }
}
