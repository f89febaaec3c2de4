import DandelionAgency
import FoundationEssentials
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

/// The sandbox agency: `agency-worker --scenario` plays every scenario against a real gateway, as a process of its own with
/// nothing but the agency's credential and key.
@Suite struct SandboxTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        let scenario: String
        /// `step answer` of each line.
        let steps: [String]
        /// Where the referral stands after that.
        let status: String

        var testDescription: String { self.scenario }
    }

    static let all = [
        Expected(
            scenario: "complete", steps: ["lease done", "open done", "accept done", "progress done", "outcome done"],
            status: "completed"),
        Expected(scenario: "reject", steps: ["lease done", "reject done"], status: "rejected"),
        Expected(scenario: "object", steps: ["lease done", "object done"], status: "objected"),
        Expected(scenario: "hand-back", steps: ["lease done", "hand_back done"], status: "received"),
        Expected(scenario: "silent", steps: [], status: "requested"),
        Expected(
            scenario: "slow", steps: ["lease done", "extend done", "extend done", "accept done"], status: "accepted"),
        Expected(
            scenario: "stale", steps: ["lease done", "hand_back done", "accept leaseLost", "reject leaseLost"],
            status: "received"),
        Expected(
            scenario: "twice", steps: ["lease done", "accept done", "accept done", "outcome done", "outcome done"],
            status: "completed"),
        Expected(
            scenario: "wrong",
            steps: ["lease done", "reject invalidRequest", "outcome conflict", "foreign notFound", "accept done"],
            status: "accepted"),
        Expected(
            scenario: "text",
            steps: [
                "lease done", "network_key done", "accept done", "accept done", "progress done", "outcome done",
            ], status: "completed"),
    ]

    private func play(
        _ scenario: String, _ gateway: GatewayHarness, _ agency: NetworkFixture.Agency
    ) async throws -> (exit: ServiceProcess.Exit, output: String) {
        let directory = "/tmp/ddl-sandbox-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
        try Data(agency.key.utf8).write(to: URL(filePath: "\(directory)/key"))
        try Data(agency.privateKey.rawRepresentation).write(to: URL(filePath: "\(directory)/private.key"))
        let process = try ServiceProcess(
            "agency-worker", arguments: ["--scenario", scenario, "--wait", "0", "--pause", "0"],
            environment: [
                "DANDELION_GATEWAY_URL": gateway.url, "DANDELION_AGENCY_KEY_FILE": "\(directory)/key",
                "DANDELION_AGENCY_PRIVATE_KEY_FILE": "\(directory)/private.key",
            ])
        let exit = try await process.waitForExit(timeout: .seconds(60))
        return (exit, process.output)
    }

    @Test(arguments: all) func aScenarioIsPlayed(_ expected: Expected) async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-sandbox")
            let keys = try await gateway.network.addNetworkKey()
            let offer = try await gateway.network.offer(to: agency)
            let ended = try await self.play(expected.scenario, gateway, agency)
            #expect(ended.exit == .status(0), "\(ended.output)")
            let lines = ended.output.split(separator: "\n").map(String.init)
            #expect(lines == expected.steps.map { "agency: \($0)" }, "\(ended.output)")
            #expect(try await gateway.network.status(of: offer) == expected.status)
            let said = try await gateway.network.texts(of: offer).map { try $0.open(with: keys, offer).text }
            #expect(
                said == (expected.scenario == "text" ? ["沙箱：accepted", "沙箱：in_progress", "沙箱：completed"] : []))
        }
    }

    /// `dandelion agency test` opens the HTTP door with what the agency was given.
    @Test func theDoorsAreTriedWithTheAgencysOwnCredentials() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-sandbox")
            let directory = "/tmp/ddl-probe-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
            func test() async throws -> (exit: ServiceProcess.Exit, output: String) {
                let process = try ServiceProcess(
                    "dandelion",
                    arguments: [
                        "agency", "test", agency.code, "--credentials", directory, "--gateway", gateway.url,
                    ], environment: ["DANDELION_DATABASE": gateway.database.dsn(user: "dandelion_operator")])
                return (try await process.waitForExit(timeout: .seconds(60)), process.output)
            }
            try Data(agency.key.utf8).write(to: URL(filePath: "\(directory)/key"))
            try Data(agency.privateKey.rawRepresentation).write(to: URL(filePath: "\(directory)/private.key"))
            let good = try await test()
            #expect(good.exit == .status(0), "\(good.output)")
            #expect(good.output.contains("HTTP door with its key: open"))
            #expect(good.output.contains("its private key: fits"))
            try Data("dak_nobodys".utf8).write(to: URL(filePath: "\(directory)/key"))
            try Data([UInt8](repeating: 9, count: 32)).write(to: URL(filePath: "\(directory)/private.key"))
            let wrong = try await test()
            #expect(wrong.exit == .status(1))
            #expect(wrong.output.contains("another key is registered"), "\(wrong.output)")
            #expect(wrong.output.contains("HTTP door: closed: unauthenticated"))
        }
    }

    /// `agency-worker seal` seals to no key that is not the network's, and says in one line why not.
    @Test func sealingSaysWhatIsMissing() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-sandbox")
            let directory = "/tmp/ddl-seal-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
            try Data(agency.key.utf8).write(to: URL(filePath: "\(directory)/key"))
            try Data(OnboardingKey.generate().trusted.description.utf8).write(
                to: URL(filePath: "\(directory)/other.pub"))
            func seal(_ environment: [String: String] = [:]) async throws -> (ServiceProcess.Exit, String) {
                let process = try ServiceProcess(
                    "agency-worker", arguments: ["seal", "--about", "R-7K2M-0QX9", "--with", "completed"],
                    environment: [
                        "DANDELION_GATEWAY_URL": gateway.url, "DANDELION_AGENCY_KEY_FILE": "\(directory)/key",
                    ].merging(environment) { $1 })
                return (try await process.waitForExit(timeout: .seconds(60)), process.output)
            }
            let none = try await seal()
            #expect(none.0 == .status(69) && none.1.contains("has no key yet"), "\(none.1)")
            _ = try await gateway.network.addNetworkKey()
            let untrusted = try await seal(["DANDELION_ONBOARDING_KEYS_FILE": "\(directory)/other.pub"])
            #expect(untrusted.0 == .status(78) && untrusted.1.contains("seal nothing to it"), "\(untrusted.1)")
            let missing = try await seal(["DANDELION_AGENCY_KEY_FILE": "\(directory)/nothing"])
            #expect(missing.0 == .status(78) && missing.1.contains("there is no such file"), "\(missing.1)")
        }
    }

    /// It dies in the middle of a lease. When that is over the hand-over comes again, to whoever asks.
    @Test func aCrashInTheMiddleOfALeaseLosesNothing() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-sandbox")
            let offer = try await gateway.network.offer(to: agency)
            let ended = try await self.play("crash", gateway, agency)
            #expect(ended.exit == .signal(9), "\(ended.output)")
            #expect(try await gateway.network.status(of: offer) == "received")
            try await gateway.network.expireLeases()
            try await gateway.network.rescue()
            let again = try await self.play("complete", gateway, agency)
            #expect(again.exit == .status(0), "\(again.output)")
            #expect(try await gateway.network.status(of: offer) == "completed")
        }
    }
}
