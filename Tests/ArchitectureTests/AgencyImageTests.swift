import Foundation
import Testing
import Yams

/// What runs in an agency's own container holds the agency's credential and key, reaches the gateway and has nothing of the network's.
/// `deploy/local/containers` shows the same of containers that run.
@Suite struct AgencyImageTests {
    private static let agencyTargets = ["agency-worker", "agency-worker-prebuilt"]

    /// One stage of the Dockerfile: what it is made from, and its instructions.
    private struct Stage {
        let name: String
        let base: String
        var lines: [String] = []
    }

    private static func text(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }

    private static func stages() throws -> [String: Stage] {
        var stages: [Stage] = []
        let lines = try Self.text("deploy/Dockerfile").replacing("\\\n", with: " ").split(separator: "\n")
        for line in lines.map(String.init) where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "FROM", words.count == 4 {
                stages.append(Stage(name: words[3], base: words[1]))
            } else if !stages.isEmpty {
                stages[stages.count - 1].lines.append(line)
            }
        }
        return Dictionary(uniqueKeysWithValues: stages.map { ($0.name, $0) })
    }

    private static func compose() throws -> [String: Any] {
        try #require(try Yams.load(yaml: try Self.text("docker-compose.yml")) as? [String: Any])
    }

    /// The services that run the agencies' worker.
    private static func agencies(_ compose: [String: Any]) throws -> [String: [String: Any]] {
        let services = try #require(compose["services"] as? [String: [String: Any]])
        return services.filter { ($0.value["command"] as? [String])?.first == "agency-worker" }
    }

    @Test(arguments: agencyTargets) func itsImageHoldsItsWorkerAndNothingElseOfOurs(target: String) throws {
        let stages = try Self.stages()
        let stage = try #require(stages[target])
        #expect(stage.base == "system", "with what the system needs and no more")
        let system = try #require(stages["system"])
        #expect(system.base == "${RUNTIME_IMAGE}")
        #expect(!system.lines.contains { $0.contains("COPY") || $0.contains("libpq") || $0.contains("libcurl") })
        let copied = stage.lines.filter { $0.hasPrefix("COPY") }.flatMap { line in
            line.split(separator: " ").dropFirst().filter { !$0.hasPrefix("--from") }.dropLast().map(String.init)
        }
        let allowed: Set = [
            "/collected-agency/", "deploy/docker/healthcheck", "deploy/docker/prebuilt/bin/agency-worke[r]",
            "deploy/docker/prebuilt/README.md", "deploy/docker/prebuilt/li[b]/*",
        ]
        #expect(Set(copied).isSubset(of: allowed) && copied.count >= 2, "\(copied)")
        #expect(stage.lines.contains(#"CMD ["agency-worker"]"#) && stage.lines.contains("USER dandelion"))
        // And what is collected for it is that one executable with its libraries.
        let builder = try #require(stages["builder"])
        #expect(builder.lines.contains { $0.contains("/collected-agency agency-worker") })
    }

    @Test func itRunsWithItsOwnSecretsAndReachesTheGatewayAlone() throws {
        let compose = try Self.compose()
        let services = try #require(compose["services"] as? [String: [String: Any]])
        let networks = try #require(compose["networks"] as? [String: [String: Any]])
        let secrets = try #require(compose["secrets"] as? [String: [String: String]])
        let agencies = try Self.agencies(compose)
        #expect(agencies.count == 2)
        for (name, service) in agencies {
            #expect(service["image"] as? String == "${DANDELION_AGENCY_IMAGE:-dandelion-agency-worker:local}")
            let build = try #require(service["build"] as? [String: String])
            #expect(build["target"] == "${DANDELION_AGENCY_TARGET:-agency-worker}")
            let held = try #require(service["secrets"] as? [[String: String]]).compactMap { $0["source"] }
            #expect(held.sorted() == ["\(name)-behaviour", "\(name)-key", "\(name)-private-key"])
            for secret in held {
                let file = try #require(secrets[secret]?["file"])
                #expect(file.contains("/agencies/") && file.contains("-\(name)/"), "\(file)")
            }
            let environment = try #require(service["environment"] as? [String: Any])
            #expect(
                Set(environment.keys) == [
                    "DANDELION_GATEWAY_URL", "DANDELION_AGENCY_KEY_FILE", "DANDELION_AGENCY_PRIVATE_KEY_FILE",
                    "DANDELION_AGENCY_BEHAVIOUR_FILE", "DANDELION_LOG_LEVEL",
                ])
            #expect(service["networks"] as? [String] == [name] && networks[name]?["internal"] as? Bool == true)
            #expect(service["volumes"] == nil && service["ports"] == nil)
            // In its network there is the gateway, and nobody else.
            let others = services.filter { ($0.value["networks"] as? [String])?.contains(name) == true }.map(\.key)
            #expect(others.sorted() == ["gateway", name].sorted())
        }
    }
}
