import CaseworkStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

/// The delivery log, redelivery, the test event and the secret's rotation, as an operator runs them.
struct WebhookCommandTests {
    private typealias Ended = (status: ServiceProcess.Exit, output: String)

    private func dandelion(_ database: TestDatabase, _ arguments: [String]) async throws -> Ended {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments,
            environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
        return (try await process.waitForExit(timeout: .seconds(60)), process.output)
    }

    private func secret(_ byte: UInt8, _ directory: String) throws -> String {
        let path = "\(directory)/secret-\(byte)"
        try "whsec_\(Data(repeating: byte, count: 32).base64EncodedString())\n".write(
            toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// An agency with an endpoint that nobody sends to: no gateway runs.
    private func withAgency(
        _ body: (TestDatabase, _ run: ([String]) async throws -> Ended, _ directory: String) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                let path = "\(directory)/divisions.csv"
                try "level,code,name,parent\nregion,150000,内蒙古,\n".write(
                    toFile: path, atomically: true, encoding: .utf8)
                let run = { (arguments: [String]) in try await self.dandelion(database, arguments) }
                #expect(try await run(["divisions", "import", path]).status == .status(0))
                let add = try await run([
                    "agency", "add", "150000-police", "--kind", "police", "--name", "公安厅", "--division", "150000",
                    "--webhook-url", "https://police.example/hook", "--webhook-secret", try self.secret(7, directory),
                ])
                #expect(add.status == .status(0), "\(add.output)")
                try await body(database, run, directory)
            }
        }
    }

    private func settle(_ id: String, _ state: String, _ code: String, _ database: TestDatabase) async throws {
        try await database.pool.execute(Self.attempt, id, code)
        try await database.pool.execute(Self.settle, id, state)
    }

    @Test func aTestEventIsLoggedAndSentAgainOnRequest() async throws {
        try await self.withAgency { database, run, _ in
            let test = try await run(["agency", "test", "150000-police", "--seconds", "1"])
            #expect(test.status == .status(1))
            #expect(test.output.contains("not tried yet: no gateway runs"), "\(test.output)")
            #expect(test.output.contains("no sealing key"))
            let row = try #require(await database.pool.execute(Self.deliveries).first)
            let id = try row.decode(String.self)

            let pending = try await run(["agency", "webhooks", "150000-police", "--state", "pending"])
            #expect(pending.status == .status(0) && pending.output.contains(id), "\(pending.output)")
            #expect(pending.output.contains("test"))
            let early = try await run(["agency", "redeliver", id])
            #expect(early.status == .status(65) && early.output.contains("still under way"))

            try await self.settle(id, "failed", "http_503", database)
            let failed = try await run(["agency", "webhooks", "150000-police", "--state", "failed", "--json"])
            #expect(failed.output.contains("\"last_code\":\"http_503\""), "\(failed.output)")
            #expect(failed.output.contains("\"attempts\":1"))
            let again = try await run(["agency", "redeliver", id])
            #expect(again.status == .status(0) && again.output == "it will be sent again\n")
            #expect(try await database.pool.execute(Self.deliveries).count == 1, "under its id")
            let jobs = try #require(await database.pool.execute(Self.jobs).first).decode(Int64.self)
            #expect(jobs == 2)
            let events = try await run(["events", "--subject", "150000-police"])
            #expect(events.output.contains("agency_webhook_tested") && events.output.contains("webhook_redelivered"))
            try await self.settle(id, "delivered", "delivered", database)
            let all = try await run(["agency", "webhooks", "150000-police"])
            #expect(all.output.contains("delivered") && all.output.contains("2"))
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await self.withAgency { _, run, _ in
            #expect(try await run(["agency", "webhooks", "150000-police"]).output == "no webhooks\n")
            #expect(try await run(["agency", "webhooks", "150000-police", "--state", "lost"]).status == .status(64))
            #expect(try await run(["agency", "redeliver", "not-an-id"]).status == .status(64))
            let unknown = UUID().uuidString
            #expect(try await run(["agency", "redeliver", unknown]).status == .status(65))
            let test = try await run(["agency", "test", "nobody-here"])
            #expect(test.status == .status(65) && test.output.contains("there is no agency nobody-here"))
        }
    }

    @Test func aSecretIsReplacedWithAnOverlap() async throws {
        try await self.withAgency { database, run, directory in
            let rotated = try await run([
                "agency", "rotate-webhook", "150000-police", "--secret", try self.secret(8, directory),
                "--overlap-hours", "2",
            ])
            #expect(rotated.status == .status(0) && rotated.output.contains("both secrets for 2 hours"))
            let again = try await run([
                "agency", "rotate-webhook", "150000-police", "--secret", try self.secret(8, directory),
            ])
            #expect(again.status == .status(65) && again.output.contains("this is its secret already"))
            let row = try #require(await database.pool.execute(Self.secrets).first)
            let (now, before) = try row.decode(([UInt8], [UInt8]).self)
            #expect(now == [UInt8](repeating: 8, count: 32) && before == [UInt8](repeating: 7, count: 32))
            let short = "\(directory)/short"
            try "whsec_AAAA\n".write(toFile: short, atomically: true, encoding: .utf8)
            let refused = try await run(["agency", "rotate-webhook", "150000-police", "--secret", short])
            #expect(refused.status == .status(65) && !refused.output.contains("AAAA"))
        }
    }

    @Test func aQuotaIsShownAndSet() async throws {
        try await self.withAgency { _, run, _ in
            let usual = try await run(["agency", "quota", "150000-police"])
            #expect(usual.output == "0 of 1000 wait, 0 of 65536 KiB are sealed for them\n", "\(usual.output)")
            let set = try await run(["agency", "quota", "150000-police", "--waiting", "20", "--megabytes", "1"])
            #expect(set.output.contains("0 of 20 wait, 0 of 1024 KiB"), "\(set.output)")
            #expect(try await run(["agency", "quota", "nobody-here", "--waiting", "5"]).status == .status(65))
            #expect(try await run(["agency", "quota", "150000-police", "--waiting", "0"]).status == .status(64))
            #expect(try await run(["agency", "list"]).output.contains("0/20"))
            let events = try await run(["events", "--kind", "agency_quota_set"])
            #expect(events.output.contains("waiting=20"), "\(events.output)")
        }
    }

    private static let deliveries = Statement(
        name: "test_deliveries", "SELECT id::text FROM casework.webhook_delivery")
    private static let jobs = Statement(
        name: "test_webhook_jobs", "SELECT count(*) FROM queue.job_overview WHERE kind = 'webhook_delivery'")
    private static let attempt = Statement(
        name: "test_attempt", "SELECT casework.record_webhook_attempt($1::text::uuid, $2, 12)")
    private static let settle = Statement(
        name: "test_settle", "SELECT casework.settle_webhook_delivery($1::text::uuid, $2)")
    private static let secrets = Statement(
        name: "test_secrets", "SELECT webhook_secret, webhook_secret_before FROM casework.agency")
}
