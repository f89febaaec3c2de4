import Foundation
import Safeguarding
import TestSupport
import Testing

@testable import OperatorService

/// The commands that change who takes part, as an operator runs them, with an operator's rights.
struct NetworkChangeTests {
    private struct Ended {
        let status: ServiceProcess.Exit
        let output: String
    }

    private func dandelion(_ database: TestDatabase, _ arguments: String...) async throws -> Ended {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments,
            environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
        let status = try await process.waitForExit(timeout: .seconds(60))
        return Ended(status: status, output: process.output)
    }

    private func withNetwork(_ body: (TestDatabase) async throws -> Void) async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                let path = "\(directory)/divisions.csv"
                try "level,code,name,parent\nregion,150000,内蒙古,\n".write(
                    toFile: path, atomically: true, encoding: .utf8)
                #expect(try await self.dandelion(database, "divisions", "import", path).status == .status(0))
                try await body(database)
            }
        }
    }

    @Test func aClientIsListedUntilItIsRevoked() async throws {
        try await self.withNetwork { database in
            let add = try await self.dandelion(
                database, "client", "add", "online-form", "--channels", "online", "--division", "150000",
                "--per-minute", "60")
            #expect(add.status == .status(0), "\(add.output)")
            let list = try await self.dandelion(database, "client", "list")
            #expect(list.output.contains("online-form  online    150000 内蒙古          60  no"))
            let revoke = try await self.dandelion(database, "client", "revoke", "online-form")
            #expect(revoke.status == .status(0))
            #expect(revoke.output == "online-form is revoked\n")
            #expect(try await self.dandelion(database, "client", "list").output.contains("no clients"))
            let all = try await self.dandelion(database, "client", "list", "--revoked", "--json")
            #expect(all.output.contains(#""name":"online-form""#))
            #expect(all.output.contains(#""revoked_at":"20"#))
            let unknown = try await self.dandelion(database, "client", "revoke", "nobody")
            #expect(unknown.status == .status(65))
            #expect(unknown.output == "dandelion: there is no client nobody; see `dandelion client list`\n")
        }
    }

    @Test func whatWasChangedIsListed() async throws {
        try await self.withNetwork { database in
            let add = try await self.dandelion(
                database, "agency", "add", "150000-police", "--kind", "police", "--name", "公安厅", "--division", "150000")
            #expect(add.status == .status(0), "\(add.output)")
            let suspend = try await self.dandelion(database, "agency", "suspend", "150000-police")
            #expect(suspend.status == .status(0))
            let list = try await self.dandelion(database, "events", "--subject", "150000-police")
            #expect(list.status == .status(0), "\(list.output)")
            let lines = list.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines.first?.hasPrefix("when") == true)
            #expect(lines.dropFirst().allSatisfy { $0.contains("dandelion_operator") })
            #expect(lines[1].contains("agency_added") && lines[1].contains("division=150000 kind=police"))
            #expect(lines[2].contains("agency_key_added") && lines[2].contains("key="))
            #expect(lines[3].contains("agency_suspended"))
            let json = try await self.dandelion(database, "events", "--kind", "division_added", "--json")
            #expect(json.output.contains(#""subject":"150000""#))
            #expect(json.output.contains(#""by":"dandelion_operator""#))
            let none = try await self.dandelion(database, "events", "--since", "2999-01-01")
            #expect(none.output == "no such events\n")
            let wrong = try await self.dandelion(database, "events", "--since", "yesterday")
            #expect(wrong.status == .status(65))
            #expect(wrong.output.contains("2026-11-01"))
        }
    }

    /// Onboarding as it is meant: signed on one machine, registered on another, exchanged, taken away.
    @Test func anAgencysKeyIsSignedElsewhereAndRegisteredHere() async throws {
        try await self.withNetwork { database in
            try await TemporaryDirectory.with { directory in
                func run(_ arguments: String...) async throws -> (status: ServiceProcess.Exit, output: String) {
                    let process = try ServiceProcess(
                        "dandelion", arguments: arguments,
                        environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
                    return (try await process.waitForExit(timeout: .seconds(60)), process.output)
                }
                func sign(_ name: String, as code: String = "150000-police", by signer: String = "offline") async throws
                {
                    let key = try AgencyKeyPair.generate().publicKey
                    try "\(key)\n".write(toFile: "\(directory)/\(name).pub", atomically: true, encoding: .utf8)
                    let signed = try await run(
                        "agency", "key", "sign", code, "--kind", "police", "--division", "150000", "--public-key",
                        "\(directory)/\(name).pub", "--onboarding-key", "\(directory)/\(signer)/onboarding-key")
                    #expect(signed.status == .status(0), "\(signed.output)")
                    try signed.output.write(toFile: "\(directory)/\(name).signed", atomically: true, encoding: .utf8)
                }
                for name in ["offline", "stranger"] {
                    let made = try await run("agency", "key", "create", "--directory", "\(directory)/\(name)")
                    #expect(made.output.contains("made \(directory)/\(name)/onboarding-key.pub"))
                }
                try await sign("first")
                try await sign("second")
                try await sign("foreign", by: "stranger")
                try await sign("others", as: "150000-court")
                let base = [
                    "agency", "add", "150000-police", "--kind", "police", "--name", "公安厅", "--division", "150000",
                ]
                let trusted = ["--onboarding-keys", "\(directory)/offline/onboarding-key.pub"]
                func add(_ more: [String]) async throws -> (status: ServiceProcess.Exit, output: String) {
                    let process = try ServiceProcess(
                        "dandelion", arguments: base + more,
                        environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
                    return (try await process.waitForExit(timeout: .seconds(60)), process.output)
                }
                let unsigned = try await add(["--public-key", "\(directory)/first.pub"])
                #expect(unsigned.status == .status(64) && unsigned.output.contains("agency key sign"))
                let others = try await add(["--signed-key", "\(directory)/others.signed"] + trusted)
                #expect(others.status == .status(65) && others.output.contains("150000-court"))
                let foreign = try await add(["--signed-key", "\(directory)/foreign.signed"] + trusted)
                #expect(foreign.status == .status(65) && foreign.output.contains("no onboarding key"))
                let first = try await add(["--signed-key", "\(directory)/first.signed"] + trusted)
                #expect(first.status == .status(0), "\(first.output)")
                let rotated = try await run(
                    "agency", "rotate", "150000-police", "--signed-key", "\(directory)/second.signed")
                #expect(rotated.status == .status(0) && rotated.output.contains("has the sealing key"))
                let listed = try await run("agency", "list")
                #expect(listed.output.contains("signed"), "\(listed.output)")
                let removed = try await run("agency", "key", "remove", "150000-police")
                #expect(removed.output.contains("has no sealing key"))
                let events = try await run("events", "--subject", "150000-police")
                #expect(events.output.contains("agency_sealing_key_removed"))
                #expect(events.output.contains("key_signature"))
            }
        }
    }

    @Test func aWebhookIsRemovedByItsOwnCommand() async throws {
        try await self.withNetwork { database in
            try await TemporaryDirectory.with { directory in
                let secret = "\(directory)/secret"
                try "whsec_\(Data(repeating: 7, count: 32).base64EncodedString())\n".write(
                    toFile: secret, atomically: true, encoding: .utf8)
                func add(_ more: [String]) async throws -> ServiceProcess.Exit {
                    let process = try ServiceProcess(
                        "dandelion",
                        arguments: [
                            "agency", "add", "150000-police", "--kind", "police", "--name", "公安厅", "--division",
                            "150000",
                        ] + more, environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
                    return try await process.waitForExit(timeout: .seconds(60))
                }
                func hasWebhook() async throws -> Bool {
                    try await self.dandelion(database, "agency", "list", "--json").output
                        .contains(#""has_webhook":true"#)
                }
                let webhook = ["--webhook-url", "https://police.example/hook", "--webhook-secret", secret]
                #expect(try await add(webhook) == .status(0))
                #expect(try await add([]) == .status(0))
                #expect(try await hasWebhook())
                let remove = try await self.dandelion(database, "agency", "remove-webhook", "150000-police")
                #expect(remove.output == "150000-police has no webhook\n")
                #expect(try await hasWebhook() == false)
                let unknown = try await self.dandelion(database, "agency", "remove-webhook", "none-such")
                #expect(unknown.status == .status(65))
            }
        }
    }
}
