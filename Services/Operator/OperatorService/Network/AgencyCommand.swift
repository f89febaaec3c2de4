import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

struct AgencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agency", abstract: "The agencies 部门 that cases are referred to.",
        subcommands: [
            AgencyListCommand.self, AgencyAddCommand.self, AgencyImportCommand.self, AgencyKeyCommand.self,
            AgencyQuotaCommand.self, AgencyRotateCommand.self, AgencySuspendCommand.self, AgencyResumeCommand.self,
            AgencyRotateKeyCommand.self,
            AgencyRemoveWebhookCommand.self,
            AgencyLoginCommand.self, AgencyCloseLoginCommand.self, AgencyTestCommand.self, AgencyWebhooksCommand.self,
            AgencyRedeliverCommand.self, AgencyRotateWebhookCommand.self,
        ])
}

struct AgencyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists agencies.",
        discussion: """
            Examples:

              dandelion agency list --division 150104
              dandelion agency list --kind police --json
            """)

    @Option(help: "Only those of this kind, such as police.")
    var kind: String?
    @Option(help: "Only those of this division.")
    var division: String?
    @Option(help: "Only active or suspended ones.")
    var status: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let code: String
        let kind: String
        let name: String
        let division: String
        let divisionName: String
        let level: String
        let status: String
        let hasKey: Bool
        /// `signed`, `unsigned` or `none`.
        let key: String
        /// SHA-256 of the sealing key.
        let fingerprint: String?
        let hasWebhook: Bool
        let liveKeys: Int
        /// What it has not answered, and how much may wait.
        let waiting: Int
        let waitingBytes: Int
        let maximumWaiting: Int
        let maximumWaitingBytes: Int
    }

    private static func fingerprint(_ key: [UInt8]?) -> String? {
        // Bytes that are no key are shown as none: `doctor` says what is wrong with it.
        key.flatMap { try? AgencyPublicKey(bytes: $0).fingerprintText }
    }

    func run() async throws {
        let (agencies, backlogs) = try await self.database.withPool { pool in
            (try await OperatorStore().agencies(on: pool), try await AgencyStore().backlogs(on: pool))
        }
        let rows = agencies.filter { agency in
            agency.kind.rawValue == self.kind ?? agency.kind.rawValue
                && agency.division.rawValue == self.division ?? agency.division.rawValue
                && agency.status.rawValue == self.status ?? agency.status.rawValue
        }.map { agency in
            let backlog = backlogs[agency.code]
            return Row(
                code: agency.code, kind: agency.kind.rawValue, name: agency.name, division: agency.division.rawValue,
                divisionName: agency.divisionName, level: agency.level.rawValue, status: agency.status.rawValue,
                hasKey: agency.hasKey,
                key: !agency.hasKey ? "none" : agency.keySignature == nil ? "unsigned" : "signed",
                fingerprint: Self.fingerprint(agency.publicKey), hasWebhook: agency.hasWebhook,
                liveKeys: agency.liveKeys,
                waiting: backlog?.waiting ?? 0, waitingBytes: backlog?.bytes ?? 0,
                maximumWaiting: backlog?.maximumWaiting ?? 0, maximumWaitingBytes: backlog?.maximumBytes ?? 0)
        }
        try self.output.show(rows) {
            var table = TextTable(
                ["code", "name", "kind", "division", "status", "sealing key", "bearer keys", "waiting"],
                right: ["bearer keys", "waiting"])
            for row in rows {
                table.add([
                    row.code, row.name, row.kind, "\(row.division) \(row.divisionName)", row.status,
                    row.key, String(row.liveKeys), "\(row.waiting)/\(row.maximumWaiting)",
                ])
            }
            return table.text(empty: "no such agencies")
        }
    }
}

struct AgencyImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Makes or updates the agencies of a file.",
        discussion: """
            The file has patterns (an agency of a kind for each division of a level), agencies, and workers: those \
            that a reference worker of the network serves. With --credentials-to each of those gets a folder named \
            by its code with key, private.key and behaviour.json; what is there is kept. Their keys are signed here, \
            by --onboarding-key.

            Example:

              dandelion agency import deploy/demo/agencies.yaml --credentials-to .dandelion/agencies \\
                --onboarding-key .dandelion/keys/onboarding-key
            """)

    @Argument(help: "The file of agencies.")
    var file: String
    @Option(help: ArgumentHelp("Where credentials go.", valueName: "directory"))
    var credentialsTo: String?
    @Option(help: ArgumentHelp("The onboarding key.", valueName: "file"))
    var onboardingKey: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (self.credentialsTo == nil) == (self.onboardingKey == nil) else {
            throw ValidationError("--credentials-to and --onboarding-key go together: keys have to be signed.")
        }
    }

    func run() async throws {
        let text = try TextFile.read(self.file)
        let file: AgencyFile
        do {
            file = try AgencyFile(yaml: text)
        } catch {
            throw CommandFailure(.badData, error.problems.map { "\(self.file): \($0)" }.joined(separator: "\n"))
        }
        var credentials: AgencyImport.Credentials?
        if let credentialsTo, let onboardingKey {
            credentials = AgencyImport.Credentials(
                directory: credentialsTo, onboarding: try OnboardingKey(path: onboardingKey))
        }
        let target = credentials
        let report = try await self.database.withPool { pool in
            try await AgencyImport(file: file, credentials: target).run(on: pool)
        }
        try self.output.show(report) {
            "\(report.agencies) agencies (\(report.written) new or changed), "
                + "\(report.withCredentials) with credentials "
                + "(\(report.newKeys) new bearer keys)"
        }
    }
}

struct AgencySuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Refers no more cases to an agency; what it has stays its own.",
        discussion: "Example:\n\n  dandelion agency suspend 150104-police")

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await self.database.withPool { try await AgencyStatusChange.set(.suspended, self.code, on: $0) }
        Terminal.line("\(self.code) is suspended")
    }
}

struct AgencyResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Refers cases to a suspended agency again.",
        discussion: "Example:\n\n  dandelion agency resume 150104-police")

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await self.database.withPool { try await AgencyStatusChange.set(.active, self.code, on: $0) }
        Terminal.line("\(self.code) is active")
    }
}

struct AgencyRemoveWebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-webhook", abstract: "Sends an agency no more webhooks; it asks the gateway by itself.",
        discussion: """
            What is still to be delivered is called off. Adding or importing the agency again keeps its webhook as it \
            is, or as it was removed here.

            Example:

              dandelion agency remove-webhook 150104-police
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let code = self.code
        guard try await self.database.withPool({ try await AgencyStore().removeWebhook(code: code, on: $0) }) else {
            throw CommandFailure(.badData, "there is no agency \(code.printable); see `dandelion agency list`")
        }
        Terminal.line("\(code) has no webhook")
    }
}

/// Suspending an agency and taking it back.
enum AgencyStatusChange {
    static func set(_ status: AgencyStatus, _ code: String, on pool: PostgresPool) async throws {
        guard try await AgencyStore().setStatus(status, code: code, on: pool) else {
            throw CommandFailure(.badData, "there is no agency \(code.printable); see `dandelion agency list`")
        }
    }
}
