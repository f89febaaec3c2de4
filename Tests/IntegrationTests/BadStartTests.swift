import FoundationEssentials
import Glibc
import JobTestKit
import PostgresClient
import TestSupport
import Testing

/// What is wrong at the start, with the real executables: the right exit code, and one line on standard error that names
/// the cause and the remedy.
@Suite struct BadStartTests {
    /// Every service with what it needs to start.
    static let services = ["intake", "routing", "gateway", "notification", "ledger-signer"]

    private struct Ended {
        let exit: ServiceProcess.Exit
        let output: String
        /// Why it ended: the line that begins with its own name.
        let reasons: [String]
    }

    private func run(
        _ name: String, arguments: [String] = [], _ environment: [String: String]
    ) async throws -> Ended {
        let process = try ServiceProcess(name, arguments: arguments, environment: environment)
        let exit = try await process.waitForExit(timeout: .seconds(60))
        let output = process.output
        let lines = output.split(separator: "\n").map(String.init)
        return Ended(exit: exit, output: output, reasons: lines.filter { $0.hasPrefix("\(name): ") })
    }

    private func expect(
        _ ended: Ended, _ status: Int32, names words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(ended.exit == .status(status), "\(ended.output)", sourceLocation: sourceLocation)
        #expect(ended.reasons.count == 1, "\(ended.output)", sourceLocation: sourceLocation)
        for word in words {
            #expect(ended.reasons.first?.contains(word) == true, "\(ended.output)", sourceLocation: sourceLocation)
        }
        #expect(!ended.output.contains("Fatal error"), sourceLocation: sourceLocation)
    }

    /// Keys, and a database with the schema.
    private func withNetwork(
        _ content: TestDatabase.Content = .migrated,
        _ body: ((_ service: String, _ more: [String: String]) -> [String: String], String) async throws -> Void
    ) async throws {
        try await withTestDatabase(content) { database in
            let directory = "/tmp/ddl-start-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
            let keys = try await self.run("dandelion", arguments: ["keys", "create", "--directory", directory], [:])
            try #require(keys.exit == .status(0), "\(keys.output)")
            let offline = try await self.run(
                "dandelion", arguments: ["agency", "key", "create", "--directory", directory], [:])
            try #require(offline.exit == .status(0), "\(offline.output)")
            try await body(
                { name, more in
                    [
                        "DANDELION_DATABASE": database.dsn, "DANDELION_HTTP_PORT": "0",
                        "DANDELION_STARTUP_PATIENCE": "20",
                        "DANDELION_FIELD_KEYS_FILE": "\(directory)/field-keys.json",
                        "DANDELION_INDEX_KEYS_FILE": "\(directory)/index-keys.json",
                        "DANDELION_LEDGER_KEY_FILE": "\(directory)/ledger-key",
                        "DANDELION_ONBOARDING_KEYS_FILE": "\(directory)/onboarding-key.pub",
                        "DANDELION_SMTP_URL": "smtp://127.0.0.1:1", "DANDELION_MAIL_FROM": "desk@example.org",
                    ].merging(more) { $1 }
                }, directory)
        }
    }

    @Test(arguments: services) func aPortInUse(service: String) async throws {
        try await self.withNetwork { environment, _ in
            let (socket, port) = try FaultProxy.listen()
            defer { close(socket) }
            let ended = try await self.run(service, environment(service, ["DANDELION_HTTP_PORT": "\(port)"]))
            self.expect(ended, 69, names: "port \(port)", "in use", "DANDELION_HTTP_PORT")
        }
    }

    @Test(arguments: services) func aDatabaseThatIsDown(service: String) async throws {
        try await self.withNetwork { environment, _ in
            let port = try ServiceProcess.freePort()
            let ended = try await self.run(
                service,
                environment(
                    service,
                    [
                        "DANDELION_DATABASE": "host=127.0.0.1 port=\(port) dbname=x password=hunter2",
                        "DANDELION_STARTUP_PATIENCE": "1",
                    ]))
            self.expect(ended, 69, names: "DANDELION_DATABASE")
            #expect(!ended.output.contains("hunter2"))
        }
    }

    @Test(arguments: services) func aDatabaseWithoutOurSchema(service: String) async throws {
        try await self.withNetwork(.empty) { environment, _ in
            let ended = try await self.run(service, environment(service, [:]))
            self.expect(ended, 75, names: "dandelion migrate")
        }
    }

    @Test(arguments: services) func noDatabaseNamed(service: String) async throws {
        let ended = try await self.run(service, [:])
        self.expect(ended, 78, names: "DANDELION_DATABASE", "set it")
    }

    @Test(arguments: ["intake", "routing", "notification"]) func aKeyFileThatIsMissing(service: String) async throws {
        try await self.withNetwork { environment, directory in
            let ended = try await self.run(
                service, environment(service, ["DANDELION_FIELD_KEYS_FILE": "\(directory)/none.json"]))
            self.expect(ended, 78, names: "\(directory)/none.json", "dandelion keys create")
        }
    }

    @Test(arguments: ["intake", "routing", "notification"]) func aKeyFileThatOthersMayRead(
        service: String
    ) async throws {
        try await self.withNetwork { environment, directory in
            #expect(chmod("\(directory)/field-keys.json", 0o644) == 0)
            let ended = try await self.run(service, environment(service, [:]))
            self.expect(ended, 78, names: "field-keys.json", "600")
        }
    }

    /// Without it anybody's key would do, or nobody's.
    @Test(arguments: ["", "ed25519 AAAA\n", "# nobody\n"]) func onboardingKeysThatAreNone(text: String) async throws {
        try await self.withNetwork { environment, directory in
            let path = "\(directory)/trusted"
            if !text.isEmpty { try Data(text.utf8).write(to: URL(filePath: path)) }
            let ended = try await self.run(
                "routing", environment("routing", ["DANDELION_ONBOARDING_KEYS_FILE": path]))
            self.expect(ended, 78, names: "DANDELION_ONBOARDING_KEYS_FILE")
        }
    }

    /// Once it runs, the file is read again when it changes; one that is not right then ends nothing.
    @Test func onboardingKeysAreReadAgain() async throws {
        try await self.withNetwork { environment, directory in
            let path = "\(directory)/onboarding-key.pub"
            let good = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            let process = try ServiceProcess("routing", environment: environment("routing", [:]))
            try await process.waitForOutput(containing: "Worker registered")
            let revoked = String(repeating: "ab", count: 32)
            try Data("\(good)revoked \(revoked)\n".utf8).write(to: URL(filePath: path))
            try await process.waitForOutput(containing: "Onboarding keys read anew")
            try Data("nonsense\n".utf8).write(to: URL(filePath: path))
            try await process.waitForOutput(containing: "DANDELION_ONBOARDING_KEYS_FILE not read anew")
            #expect(!process.output.contains(revoked) && !process.output.contains("nonsense"))
            process.terminate()
            #expect(try await process.waitForExit() == .status(0))
        }
    }

    @Test(arguments: ["intake", "routing", "gateway"]) func holidaysThatAreNotRight(service: String) async throws {
        try await self.withNetwork { environment, directory in
            let path = "\(directory)/holidays.csv"
            try Data("date,kind,name\n2026-13-01,holiday,x\n".utf8).write(to: URL(filePath: path))
            let ended = try await self.run(service, environment(service, ["DANDELION_HOLIDAYS_FILE": path]))
            self.expect(ended, 78, names: "DANDELION_HOLIDAYS_FILE", "line 2")
        }
    }

    @Test func anAgencysWorkerWithoutItsKey() async throws {
        let ended = try await self.run(
            "agency-worker",
            [
                "DANDELION_GATEWAY_URL": "http://127.0.0.1:1", "DANDELION_AGENCY_KEY_FILE": "/tmp/no-such-key",
                "DANDELION_AGENCY_PRIVATE_KEY_FILE": "/tmp/no-such-key",
            ])
        self.expect(ended, 78, names: "agency key file /tmp/no-such-key", "correct the path")
    }

    @Test func commandsSayWhatIsWrong() async throws {
        try await self.withNetwork { environment, directory in
            func dandelion(_ arguments: String...) async throws -> Ended {
                try await self.run("dandelion", arguments: arguments, environment("dandelion", [:]))
            }
            let channels = ["--channels", "all", "--division"]
            self.expect(
                try await dandelion("client", "add", "x", channels[0], channels[1], channels[2], "990000"), 65,
                names: "no such division", "dandelion stations list")
            self.expect(
                try await dandelion("client", "add", "x", channels[0], channels[1], channels[2], "99"), 65,
                names: "no division code", "150104")
            self.expect(
                try await dandelion("divisions", "import", "\(directory)/none.csv"), 65, names: "none.csv",
                "no such file"
            )
            self.expect(
                try await dandelion("rules", "show"), 65, names: "no rules are in force", "dandelion rules import")
            let port = try ServiceProcess.freePort()
            let away = try await self.run(
                "dandelion", arguments: ["agency", "list"],
                ["DANDELION_DATABASE": "host=127.0.0.1 port=\(port) dbname=x"])
            self.expect(away, 69, names: "start the database")
        }
    }
}

/// A database that goes away under running services: nothing that was answered is lost, nothing else is answered.
@Suite struct DatabaseAwayTests {
    @Test(.timeLimit(.minutes(3))) func requestsAreRefusedWithTheCauseAndTakenAgainLater() async throws {
        try await withTestCluster { cluster in
            let network = try await RunningNetwork.start(on: cluster)
            let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
            let body = [UInt8](
                try #require(FileManager.default.contents(atPath: "\(root)/deploy/demo/cases/05-legal-aid-sonid.json")))
            func post(_ key: String) async -> (status: Int, body: String)? {
                await HTTPCaller.post(
                    body, to: "http://127.0.0.1:\(network.intakePort)/v1/requests", key: network.clientKey,
                    idempotencyKey: key)
            }
            let before = try #require(await post("before"))
            #expect(before.status == 201)
            try await cluster.stop()
            let during = try #require(await post("during"))
            #expect(during.status == 503)
            #expect(during.body.contains("/problems/unavailable"), "\(during.body)")
            #expect(during.body.contains("Try again"))
            try await cluster.start()
            let after = try await eventuallySome("it is taken again", timeout: .seconds(60)) {
                let answer = await post("during")
                return answer?.status == 201 ? answer : nil
            }
            #expect(after.body != before.body)
            #expect(await post("before")?.body == before.body)
            let cases: Int = try await network.query(
                Statement(name: "test_away_cases", "SELECT count(*)::int8 FROM casework.cases"))
            #expect(cases == 2)
            _ = try await network.stop()
        }
    }
}
