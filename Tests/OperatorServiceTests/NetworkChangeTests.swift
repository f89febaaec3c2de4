import Foundation
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
