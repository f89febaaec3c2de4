import AsyncHTTPClient
import Crypto
import Foundation
import Messaging
import NIOCore
import NIOHTTP1
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// The real process, killed while it writes down that a message was delivered. Nobody has told the carrier that its receipt was
/// taken, so it says it again, and the next process brings the message to its end, once.
@Suite struct KilledAtReceiptTests {
    /// The carrier, as far as its receipts go.
    private struct Carrier: Sendable {
        let keys: String
        let directory: URL

        init(keys: String) throws {
            self.keys = keys
            self.directory = FileManager.default.temporaryDirectory.appending(path: "carrier-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
            let secret = self.directory.appending(path: "secret")
            guard
                FileManager.default.createFile(
                    atPath: secret.path, contents: Data("geheim".utf8), attributes: [.posixPermissions: 0o600])
            else { throw MailServer.Failure(text: "no secret file") }
            try """
            providers:
            - { name: people, kind: sms_gateway, url: "https://sms.example.org/v1", secret_file: \(secret.path), signature: 平安生活, body: '{"to": "{number}", "text": "{text}"}', receipts: plain, receipts_secret_file: \(secret.path) }
            - { name: desk, kind: file, channel: email, sender: post@example.org, path: \(self.directory.path)/desk }
            routes:
            - { audience: help_seeker, channel: sms, providers: [people] }
            - { audience: station, channel: email, providers: [desk] }
            """.write(to: self.directory.appending(path: "providers.yaml"), atomically: true, encoding: .utf8)
        }

        func start(_ notification: Notification, port: Int) throws -> ServiceProcess {
            try ServiceProcess(
                "notification",
                environment: [
                    "DANDELION_DATABASE": notification.db.dsn(user: "dandelion_notification"),
                    "DANDELION_HTTP_PORT": "\(port)", "DANDELION_FIELD_KEYS_FILE": self.keys,
                    "DANDELION_PROVIDERS_FILE": self.directory.appending(path: "providers.yaml").path,
                ])
        }

        /// Says that `r-1` was delivered. The status of the answer, 0 when there was none.
        func report(to port: Int) async -> Int {
            let text = #"[{"id": "r-1", "status": "delivered"}]"#
            let timestamp = "\(Int64(Date().timeIntervalSince1970))"
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(timestamp).\(text)".utf8), using: SymmetricKey(data: Data("geheim".utf8)))
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/receipts/people")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.headers.add(name: "x-timestamp", value: timestamp)
            request.headers.add(name: "x-signature", value: code.map { String(format: "%02x", $0) }.joined())
            request.body = .bytes(ByteBuffer(string: text))
            do {
                return Int(try await HTTPClient.shared.execute(request, timeout: .seconds(60)).status.code)
            } catch {
                return 0  // Not there yet, or not any more.
            }
        }
    }

    @Test func delivered() async throws {
        let keys = try ServiceKeys()
        let carrier = try Carrier(keys: keys.path)
        defer { try? FileManager.default.removeItem(at: carrier.directory) }
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [Outbox(.accepted(reference: "r-1", segments: 1))])
            #expect(try await notification.messageStates() == "sent")
            let port = try ServiceProcess.freePort()
            let lock = HeldLock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await lock.hold("LOCK TABLE casework.message_event IN SHARE MODE", notification.db)
                }
                try await lock.held()
                let service = try carrier.start(notification, port: port)
                group.addTask {
                    // Until somebody listens; then it hangs with the process that takes it.
                    while await carrier.report(to: port) == 0, service.isRunning {
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                try await notification.eventuallyBlocked(service)
                service.kill()
                _ = try await service.waitForExit()
                try await notification.run(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE usename = 'dandelion_notification' AND datname = current_database()
                    """, "t_gone")
                lock.release()
                try await group.waitForAll()
            }
            #expect(try await notification.messageStates() == "sent", "nothing of it stayed")
            for _ in 0..<2 {
                let port = try ServiceProcess.freePort()
                let next = try carrier.start(notification, port: port)
                try await eventually("the receipt is taken", timeout: .seconds(60)) {
                    guard next.isRunning else { throw MailServer.Failure(text: next.output) }
                    return await carrier.report(to: port) == 200
                }
                #expect(try await notification.messageStates() == "delivered")
                next.kill()
                _ = try await next.waitForExit()
            }
            #expect(try await notification.trail() == "pending, sending, sent, delivered")
            #expect(try await notification.openTasks() == "")
        }
        withExtendedLifetime(keys) {}
    }
}
