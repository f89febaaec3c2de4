import ArgumentParser
import FoundationEssentials
import PostgresClient
import Safeguarding
import ServiceKit

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Looks at everything that must be right, and says what to do where it is not.",
        discussion: """
            Exit status 1 when something failed; warnings are weaknesses the network works with. Run it on the machine \
            whose clock and key files are meant.

            Examples:

              dandelion doctor --keys /etc/dandelion/keys --holidays /etc/dandelion/holidays.csv
              dandelion doctor --replicas intake=2,routing=4,notification=1,gateway=2 --pool-size 8
              dandelion doctor --json
            """)

    @Option(
        help: ArgumentHelp(
            "Plan the connections for so many processes, such as intake=2,routing=1.", valueName: "counts"))
    var replicas: String?
    @Option(help: "The size of each process's pool (DANDELION_POOL_SIZE).")
    var poolSize: Int = 8
    @Option(help: ArgumentHelp("Where the key files are.", valueName: "directory"))
    var keys: String?
    @Option(help: ArgumentHelp("The services' file of public holidays.", valueName: "file"))
    var holidays: String?
    @Option(help: ArgumentHelp("Routing's file of onboarding keys.", valueName: "file"))
    var onboardingKeys: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(self.poolSize) else {
            throw ValidationError("--pool-size must be from 1 to 10000.")
        }
    }

    func run() async throws {
        let examination = try self.examination()
        let findings = try await self.database.withPool { try await examination.findings(on: $0) }
        try self.output.show(findings) { Self.text(findings) }
        let failed = findings.count { $0.level == .failed }
        guard failed == 0 else { throw CommandFailure(.difference, "\(failed) checks failed") }
    }

    private func examination() throws(CommandFailure) -> Examination {
        let environment = ProcessInfo.processInfo.environment
        return Examination(
            server: ServerChecks(
                replicas: try self.replicas.map { text throws(CommandFailure) in try ConnectionBudget.replicas(text) },
                poolSize: self.poolSize),
            network: NetworkChecks(
                fieldKeys: self.keys.map { "\($0)/\(KeyFiles.fieldKeys)" } ?? environment["DANDELION_FIELD_KEYS_FILE"],
                indexKeys: self.keys.map { "\($0)/\(KeyFiles.indexKeys)" } ?? environment["DANDELION_INDEX_KEYS_FILE"],
                holidays: self.holidays ?? environment["DANDELION_HOLIDAYS_FILE"],
                onboardingKeys: self.onboardingKeys ?? environment["DANDELION_ONBOARDING_KEYS_FILE"]
                    ?? self.onboardingKeysBesideTheOthers))
    }

    private var onboardingKeysBesideTheOthers: String? {
        self.keys.map { "\($0)/\(OnboardingKey.publicName)" }.flatMap { TextFile.exists($0) ? $0 : nil }
    }

    static func text(_ findings: [Finding]) -> String {
        let width = findings.map(\.check.displayWidth).max() ?? 0
        return findings.map { finding in
            let line =
                "\(finding.level.rawValue.padded(to: 7))  \(finding.check.padded(to: width))  \(finding.said.printable)"
            guard let remedy = finding.remedy else { return line }
            return line + "\n" + String(repeating: " ", count: 9 + width + 2) + "-> \(remedy)"
        }.joined(separator: "\n")
    }
}

/// Every check of the doctor, in the order they are shown.
struct Examination: Sendable {
    let server: ServerChecks
    let network: NetworkChecks

    /// - Throws: when the database cannot be reached; everything else is a finding.
    func findings(on pool: PostgresPool) async throws -> [Finding] {
        _ = try await pool.execute(ServerChecks.now)
        var findings = await Self.attempt("server") { try await self.server.findings(on: pool) }
        let (schema, isUsable) = await NetworkChecks.schema(on: pool)
        findings.append(schema)
        guard isUsable else { return findings }
        findings += await Self.attempt("rights") { try await RightsCheck().findings(on: pool) }
        findings += await Self.attempt("SQL door") { try await PartnerChecks().findings(on: pool) }
        findings += await Self.attempt("network") { try await self.network.findings(on: pool) }
        findings += await Self.attempt("work") { try await WorkChecks().findings(on: pool) }
        findings += await Self.attempt("ledger") { try await LedgerChecks().findings(on: pool) }
        return findings
    }

    private static func attempt(_ name: String, _ check: () async throws -> [Finding]) async -> [Finding] {
        do {
            return try await check()
        } catch {
            return [
                .failed(
                    name, "could not be looked at: \(SafeDiagnosis.of(error))",
                    "use a login that is a member of dandelion_operator")
            ]
        }
    }
}
