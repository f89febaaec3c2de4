import AgencyDoors
import DandelionAgency
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

/// The partner guide says what is so: each of its snippets is taken from it and run, against a real gateway and a real database.
@Suite struct PartnerGuideTests {
    private static let guide = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/partners/README.md")

    /// The fenced block whose first line begins with these words.
    private static func snippet(_ first: String) throws -> String {
        let text = try String(contentsOf: self.guide, encoding: .utf8)
        let blocks = text.split(separator: "```", omittingEmptySubsequences: false)
        let block = blocks.enumerated().first { index, block in
            index % 2 == 1 && block.drop { $0 != "\n" }.dropFirst().hasPrefix(first)
        }
        let found = try #require(block?.element, "the guide has no snippet that begins with \(first)")
        return String(found.drop { $0 != "\n" }.dropFirst())
    }

    /// What the program wrote.
    private func run(
        _ program: [String], input: String, environment: [String: String], directory: URL? = nil
    ) async throws -> (status: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = program
            process.currentDirectoryURL = directory ?? process.currentDirectoryURL
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let (stdin, stdout) = (Pipe(), Pipe())
            process.standardInput = stdin
            process.standardOutput = stdout
            process.standardError = stdout
            process.terminationHandler = { ended in
                let output = String(decoding: stdout.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                continuation.resume(returning: (ended.terminationStatus, output))
            }
            do {
                try process.run()
                try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try stdin.fileHandleForWriting.close()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    @Test(arguments: [("# curl", ["sh", "-eu"]), ("# python: nothing", ["python3", "-"])])
    func theHTTPDoorsSnippetTakesAHandOverToItsOutcome(first: String, program: [String]) async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150104-legal-aid")
            let offer = try await gateway.network.offer(to: agency)
            let result = try await self.run(
                program, input: try Self.snippet(first),
                environment: ["DANDELION_GATEWAY": gateway.url, "DANDELION_KEY": agency.key])
            #expect(result.status == 0, "\(result.output)")
            #expect(try await gateway.network.status(of: offer) == "completed", "\(result.output)")
        }
    }

    @Test func theSQLDoorsSnippetTakesAHandOverToItsOutcome() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency(
                "150104-legal-aid-\(UUID().uuidString.prefix(8).lowercased())")
            let offer = try await gateway.network.offer(to: agency)
            let login = PartnerLogins.name(for: agency.code)
            let verifier = SCRAMVerifier(password: SCRAMVerifier.randomPassword())
            let made = try await PartnerLogins().create(
                login, for: agency.code, verifier: verifier, on: gateway.database.pool)
            #expect(made == .done)
            let result = try await self.run(
                ["sh", "-eu"], input: try Self.snippet("# psql"),
                environment: ["DANDELION_PARTNER_DATABASE": gateway.database.dsn(user: login)])
            #expect(result.status == 0, "\(result.output)")
            #expect(try await gateway.network.status(of: offer) == "completed", "\(result.output)")
            #expect(try await gateway.network.disclosures(of: offer) == 1)
            #expect(result.output.contains(offer.referralID.uuidString.lowercased()))
        }
    }

    @Test func theSwiftSnippetIsWhatIsRunHere() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150104-legal-aid")
            let offer = try await gateway.network.offer(to: agency)
            let (gatewayURL, key, privateKey) = (gateway.url, agency.key, agency.privateKey)
            // swift: the product DandelionAgency, which opens packages too
            let client = try AgencyClient(gatewayURL: gatewayURL, key: key)
            for lease in try await client.lease(max: 1, wait: .seconds(20)) {
                let package = try AgencyPackage.open(lease.package, privateKey: privateKey)
                print("referral \(lease.referral.number), profile \(package.profile)")
                try await client.accept(lease.lease)
                try await client.report(.completed, outcome: "resolved", on: lease.referral.number)
            }
            #expect(try await gateway.network.status(of: offer) == "completed")
        }
        try Self.expectShown("// swift")
    }

    /// A way of saying something in words, played with an accepted referral. Returns what arrived, opened.
    private func say(
        _ program: [String], _ first: String, login: Bool = false
    ) async throws -> (text: String?, locations: [String]) {
        try await withGateway { gateway in
            let onboarding = OnboardingKey.generate()
            let keys = try await gateway.network.addNetworkKey(signedBy: onboarding)
            let agency = try await gateway.network.addAgency(
                "150104-legal-aid-\(UUID().uuidString.prefix(8).lowercased())")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.setStatus("accepted", of: offer)
            let directory = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }  // A leftover harms nobody.
            for (name, content) in [
                ("key", agency.key), ("onboarding-key.pub", onboarding.trusted.description), ("ruling.pdf", "%PDF"),
            ] {
                try Data(content.utf8).write(to: directory.appending(path: name))
            }
            var environment = [
                "DANDELION_GATEWAY_URL": gateway.url, "DANDELION_REFERRAL": offer.number,
                "DANDELION_AGENCY_KEY_FILE": directory.appending(path: "key").path(),
                "DANDELION_ONBOARDING_KEYS_FILE": directory.appending(path: "onboarding-key.pub").path(),
                "PATH":
                    "\(try ServiceProcess.productsDirectory()):\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
            ]
            if login {
                let name = PartnerLogins.name(for: agency.code)
                let verifier = SCRAMVerifier(password: SCRAMVerifier.randomPassword())
                #expect(
                    try await PartnerLogins().create(
                        name, for: agency.code, verifier: verifier, on: gateway.database.pool)
                        == .done)
                environment["DANDELION_PARTNER_DATABASE"] = gateway.database.dsn(user: name)
            }
            let result = try await self.run(
                program, input: try Self.snippet(first), environment: environment, directory: directory)
            #expect(result.status == 0 && !result.output.contains("not looked at"), "\(result.output)")
            let kept = try #require(try await gateway.network.texts(of: offer).first, "\(result.output)")
            #expect(try await gateway.network.status(of: offer) == "in_progress")
            return try kept.open(with: keys, offer)
        }
    }

    @Test func wordsAreSealedWithEveryTool() async throws {
        let words = "她已搬走，请勿致电。"
        #expect(try await self.say(["sh", "-eu"], "# seal, curl") == (words, []))
        #expect(try await self.say(["sh", "-eu"], "# seal, psql", login: true) == (words, []))
        #expect(try await self.say(["python3", "-"], "# seal, python") == (words, ["archive 2026-117"]))
    }

    @Test func theSwiftSnippetSealsAsItIsRunHere() async throws {
        try await withGateway { gateway in
            let onboarding = OnboardingKey.generate()
            let keys = try await gateway.network.addNetworkKey(signedBy: onboarding)
            let agency = try await gateway.network.addAgency("150104-legal-aid")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.setStatus("accepted", of: offer)
            let client = try gateway.client(agency)
            let (number, onboardingKeys) = (offer.number, onboarding.trusted.description)
            // seal, swift: `onboardingKeys` is the content of onboarding-key.pub; without it `networkKey.isVerified` is false
            let networkKey = try await client.networkKey(verifiedBy: onboardingKeys)
            let text = try AgencyText.seal("她已搬走，请勿致电。", with: .inProgress, about: number, to: networkKey)
            try await client.report(.inProgress, on: number, text: text)
            let kept = try #require(try await gateway.network.texts(of: offer).first)
            #expect(try kept.open(with: keys, offer).text == "她已搬走，请勿致电。")
        }
        try Self.expectShown("// seal, swift")
    }

    /// The snippet stands in this file as it stands in the guide.
    private static func expectShown(_ first: String) throws {
        let shown = try Self.snippet(first).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let here = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(here.indices.contains { here[$0...].starts(with: shown) }, "the guide shows something else")
    }

    /// The guide's way to know a webhook, tried on one that the gateway would send, and on what somebody else would.
    @Test func theWebhookSnippetKnowsTheNetworksSignature() async throws {
        let secret: [UInt8] = Array(0..<24)
        let body = Array(#"{"specversion":"1.0"}"#.utf8)
        func verdict(at time: Date, body sent: [UInt8], _ extra: String = "") async throws -> String {
            let headers = WebhookSignature.headers(id: "msg_1", timestamp: time, body: body, secrets: [secret])
            let words = headers.map { (name, value) in
                "\"\(name)\": \"\(name == "webhook-signature" ? extra + value : value)\""
            }
            let program =
                try Self.snippet("# python: is this")
                + "\nprint(is_genuine({\(words.joined(separator: ", "))}, bytes(\(sent)), bytes(\(secret))))\n"
            let result = try await self.run(["python3", "-"], input: program, environment: [:])
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(try await verdict(at: Date(), body: body) == "True")
        #expect(try await verdict(at: Date(), body: body, "v1,AAAA ") == "True")
        #expect(try await verdict(at: Date(), body: body + [0]) == "False")
        #expect(try await verdict(at: Date(timeIntervalSinceNow: -3600), body: body) == "False")
    }
}
