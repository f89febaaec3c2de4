import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// Keys as a service reads them, in a file that is gone with this object.
final class ServiceKeys {
    let path: String
    let keyring: FieldKeyring

    init() throws {
        let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)").path
        let text =
            #"{"current":"k1","keys":{"k1":"\#(key)"},"contact_rules":{"current":"c1","keys":{"c1":"\#(key)"}}}"#
        guard
            FileManager.default.createFile(
                atPath: self.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw MailServer.Failure(text: "no key file") }
        self.keyring = try FieldKeyring(path: self.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}

extension Notification {
    /// The real process on this database, with its own login, sending over this server.
    func startService(_ keys: ServiceKeys, _ server: MailServer) throws -> ServiceProcess {
        try ServiceProcess(
            "notification",
            environment: [
                "DANDELION_DATABASE": self.db.dsn(user: "dandelion_notification"),
                "DANDELION_HTTP_PORT": "\(try ServiceProcess.freePort())",
                "DANDELION_FIELD_KEYS_FILE": keys.path, "DANDELION_SMTP_URL": "smtp://127.0.0.1:\(server.port)",
                "DANDELION_MAIL_FROM": "desk@example.org",
            ])
    }

    /// `state reason` of a person's one message.
    func eventuallyState(_ state: String, _ service: ServiceProcess) async throws {
        // A process that was stopped may stand in any transaction, and what that has locked is let go of after a minute.
        try await eventually("the message is \(state)", timeout: .seconds(150)) {
            guard service.isRunning else { throw MailServer.Failure(text: service.output) }
            return try await self.messageStates() == state
        }
    }

    /// Waits until so many backends of the service wait for a lock.
    func eventuallyBlocked(_ service: ServiceProcess) async throws {
        try await eventually("the service waits for a lock", timeout: .seconds(60)) {
            guard service.isRunning else { throw MailServer.Failure(text: service.output) }
            return try await self.text(
                """
                SELECT (count(*) > 0)::text FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND datname = current_database() AND usename = 'dandelion_notification'
                """, "t_blocked") == "true"
        }
    }
}

/// Someone who may be written to at this very hour, by the real clock.
func someoneNow(_ email: String = "she@example.net") -> Someone {
    Someone(
        email: email, rule: .init(fromMinute: 0, toMinute: 1440, confirmedAt: Date().addingTimeInterval(-3600)))
}

/// Holds what a statement locks until it is told to let go.
final class HeldLock: Sendable {
    private let isHeld = TestSignal<Void>("the lock is held")
    private let letGo = TestSignal<Void>("let go")

    /// Runs in a task of its own.
    func hold(_ sql: String, _ database: TestDatabase) async throws {
        try await database.pool.withTransaction("t_hold") { transaction in
            try await transaction.execute(
                Statement(name: "t_hold_\(UInt64.random(in: 0 ... .max))", unchecked: sql))
            self.isHeld.send(())
            try await self.letGo.wait(timeout: .seconds(90))
        }
    }

    func held() async throws { try await self.isHeld.wait(timeout: .seconds(60)) }
    func release() { self.letGo.send(()) }
}
