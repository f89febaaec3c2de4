import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// The whole network as an operator runs it: a server of its own, the database made by the CLI, every service a process
/// with its own login, the agencies' worker with nothing but their credentials, and a real SMTP server.
final class RunningNetwork: Sendable {
    /// One service's process, to be killed and started again on the same port.
    struct Part: Sendable {
        let name: String
        let executable: String
        let arguments: [String]
        let environment: [String: String]
        /// Where `/ready` answers; nil for a process without a door.
        let port: Int?
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let cluster: TestCluster
    let directory: String
    let intakePort: Int
    let clientKey: String
    let parts: [Part]
    private let running = NIOLockedValueBox<[String: ServiceProcess]>([:])

    private init(cluster: TestCluster, directory: String, intakePort: Int, clientKey: String, parts: [Part]) {
        self.cluster = cluster
        self.directory = directory
        self.intakePort = intakePort
        self.clientKey = clientKey
        self.parts = parts
    }

    /// Makes the database and the network's data, and starts every process.
    /// - Parameter detour: appended to the DSN of intake.
    static func start(on cluster: TestCluster, intakeDetour detour: String = "") async throws -> RunningNetwork {
        let directory = "/tmp/ddl-network-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let deploy = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" } + "/deploy"
        try await Self.operate(cluster, ["migrate"])
        try await Self.openLogins(cluster)
        try await Self.operate(cluster, ["keys", "create", "--directory", "\(directory)/keys"])
        try await Self.operate(cluster, ["agency", "key", "create", "--directory", "\(directory)/keys"])
        try await Self.operate(
            cluster, ["divisions", "import", "\(deploy)/data/divisions.csv", "\(deploy)/demo/divisions.csv"])
        try await Self.operate(cluster, ["assessments", "record", "\(deploy)/rules/assessments.yaml"])
        try await Self.operate(cluster, ["rules", "import", "\(deploy)/rules/network.yaml"])
        try await Self.operate(
            cluster,
            [
                "agency", "import", "\(deploy)/demo/agencies.yaml", "--credentials-to", "\(directory)/agencies",
                "--onboarding-key", "\(directory)/keys/onboarding-key",
            ])
        try await Self.operate(cluster, ["staff", "import", "\(deploy)/demo/staff.yaml"])
        try await Self.operate(
            cluster,
            [
                "client", "add", "test", "--channels", "all", "--division", "150000", "--per-minute", "100000",
                "--may-read", "--may-change", "--key-to", "\(directory)/client.key",
            ])
        let key = String(
            decoding: try #require(FileManager.default.contents(atPath: "\(directory)/client.key")), as: UTF8.self)
        let ports = try (0..<7).map { _ in try ServiceProcess.freePort() }
        let network = RunningNetwork(
            cluster: cluster, directory: directory, intakePort: ports[0],
            clientKey: String(key.filter { !$0.isWhitespace }),
            parts: Self.parts(cluster, directory: directory, ports: ports, intakeDetour: detour))
        for part in network.parts { try await network.start(part.name) }
        return network
    }

    private static func parts(
        _ cluster: TestCluster, directory: String, ports: [Int], intakeDetour: String
    ) -> [Part] {
        func service(_ name: String, _ port: Int, _ more: [String: String]) -> Part {
            var environment = [
                "DANDELION_DATABASE":
                    "\(cluster.dsn) user=dandelion_\(name.split(separator: "-")[0]) \(name == "intake" ? intakeDetour : "")",
                "DANDELION_HTTP_PORT": "\(port)",
                "DANDELION_STARTUP_PATIENCE": "60",
            ]
            environment.merge(more) { _, new in new }
            return Part(name: name, executable: name, arguments: [], environment: environment, port: port)
        }
        let field = ["DANDELION_FIELD_KEYS_FILE": "\(directory)/keys/field-keys.json"]
        let index = ["DANDELION_INDEX_KEYS_FILE": "\(directory)/keys/index-keys.json"]
        return [
            Part(
                name: "mail", executable: "/usr/bin/python3",
                arguments: ["-m", "aiosmtpd", "-n", "-l", "127.0.0.1:\(ports[4])", "-c", "aiosmtpd.handlers.Sink"],
                environment: [:], port: nil),
            service("intake", ports[0], field.merging(index) { first, _ in first }),
            service(
                "routing", ports[1],
                field.merging(["DANDELION_ONBOARDING_KEYS_FILE": "\(directory)/keys/onboarding-key.pub"]) { $1 }),
            service("gateway", ports[2], [:]),
            service("ledger-signer", ports[5], ["DANDELION_LEDGER_KEY_FILE": "\(directory)/keys/ledger-key"]),
            service(
                "notification", ports[3],
                field.merging(
                    [
                        "DANDELION_SMTP_URL": "smtp://127.0.0.1:\(ports[4])",
                        "DANDELION_MAIL_FROM": "desk@example.org", "DANDELION_NEUTRAL_MAIL_FROM": "hello@example.org",
                    ]) { first, _ in first }),
            Part(
                name: "agency-worker", executable: "agency-worker", arguments: [],
                environment: [
                    "DANDELION_GATEWAY_URL": "http://127.0.0.1:\(ports[2])",
                    "DANDELION_AGENCIES_DIRECTORY": "\(directory)/agencies", "DANDELION_AGENCY_LEASE_SECONDS": "30",
                ], port: nil),
        ]
    }

    // MARK: - Processes

    func start(_ name: String) async throws {
        let part = try #require(self.parts.first { $0.name == name })
        let process = try ServiceProcess(part.executable, arguments: part.arguments, environment: part.environment)
        self.running.withLockedValue { $0[name] = process }
        guard let port = part.port else { return }
        try await eventually("\(name) is ready", timeout: .seconds(60), every: .milliseconds(100)) {
            guard process.isRunning else {
                throw ServiceProcess.LaunchFailed(description: "\(name) ended:\n\(process.output.suffix(2000))")
            }
            return await HTTPCaller.status("http://127.0.0.1:\(port)/ready") == 200
        }
    }

    /// SIGKILL, and nothing after it.
    func kill(_ name: String) async throws {
        let process = try #require(self.running.withLockedValue { $0.removeValue(forKey: name) })
        process.kill()
        _ = try await process.waitForExit()
    }

    /// SIGKILL, as when a machine loses power; then the same process anew.
    func killAndRestart(_ name: String) async throws {
        let process = try #require(self.running.withLockedValue { $0[name] })
        process.kill()
        _ = try await process.waitForExit()
        try await self.start(name)
    }

    func output(of name: String) -> String {
        self.running.withLockedValue { $0[name]?.output } ?? ""
    }

    /// Asks every process to end, and says how each did.
    func stop() async throws -> [String: ServiceProcess.Exit] {
        var exits: [String: ServiceProcess.Exit] = [:]
        for part in self.parts.reversed() {
            guard let process = self.running.withLockedValue({ $0.removeValue(forKey: part.name) }) else { continue }
            process.terminate()
            exits[part.name] = try await process.waitForExit(timeout: .seconds(60))
        }
        try? FileManager.default.removeItem(atPath: self.directory)  // A leftover in /tmp is no failure of the test.
        return exits
    }

    // MARK: - The database

    func query<Value: PostgresDecodable>(_ statement: Statement, as type: Value.Type = Value.self) async throws -> Value
    {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: self.cluster.dsn, applicationName: "test"))
        do {
            let row = try #require(await connection.execute(statement).first)
            let value = try row.decode(type)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// What everybody can hold against the network: its whole ledger, exported and verified with the public key.
    func verifyLedger() async throws {
        let file = "\(self.directory)/ledger-\(UUID().uuidString).jsonl"
        try await Self.operate(self.cluster, ["ledger", "export", "--to", file])
        try await Self.operate(
            self.cluster, ["ledger", "verify", file, "--key", "\(self.directory)/keys/ledger-key.pub"])
    }

    private static func operate(_ cluster: TestCluster, _ arguments: [String]) async throws {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments, environment: ["DANDELION_DATABASE": cluster.dsn])
        let exit = try await process.waitForExit(timeout: .seconds(120))
        guard exit == .status(0) else {
            throw ServiceProcess.LaunchFailed(
                description: "dandelion \(arguments.joined(separator: " ")): \(exit)\n\(process.output)")
        }
    }

    /// Each service has its own login; on the test's private socket no password is needed.
    private static func openLogins(_ cluster: TestCluster) async throws {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: cluster.dsn, applicationName: "test"))
        for name in ["intake", "routing", "notification", "gateway", "ledger"] {
            try await connection.run(script: "ALTER ROLE dandelion_\(name) LOGIN", name: "test_open_login")
        }
        await connection.close()
    }
}
