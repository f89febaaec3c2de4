import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// The real process, killed at each point of sending: locks of the test's hold it there. After the next one has run, the
/// message is in one final state, the trail says what happened, and a mail arrives twice only where the trail says that it
/// may have.
@Suite(.serialized) struct KilledAtEachStateTests {
    private struct End {
        let trail: String
        let mails: Int
        let jobs: String
    }

    /// Starts the process, kills it when `reach` returns, starts the next, and returns what came of it.
    private func killed(
        delay: Double = 0, holding sql: String? = nil,
        reach: @escaping @Sendable (Notification, ServiceProcess, MailServer) async throws -> Void
    ) async throws -> End {
        let keys = try ServiceKeys()
        let server = try MailServer(MailServer.Options(delay: delay))
        var end: End?
        try await withNotification([someoneNow()], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            let lock = HeldLock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let sql {
                    group.addTask { try await lock.hold(sql, notification.db) }
                    try await lock.held()
                }
                let service = try notification.startService(keys, server)
                try await reach(notification, service, server)
                service.kill()
                _ = try await service.waitForExit()
                lock.release()
                if sql != nil { try await group.waitForAll() }
            }
            let next = try notification.startService(keys, server)
            try await notification.eventuallyState("sent", next)
            next.terminate()
            #expect(try await next.waitForExit() == .status(0))
            end = End(
                trail: try await notification.trail(), mails: try server.received().count,
                jobs: try await notification.jobStates())
            #expect(Set(try server.received().map(\.messageID)).count == 1, "one message, however often it goes")
        }
        return try #require(end)
    }

    /// The first transaction travels whole: the server commits it although nobody hears of it.
    @Test func pending() async throws {
        let end = try await self.killed(holding: "SELECT FROM casework.message FOR UPDATE") {
            notification, service, _ in
            try await notification.eventuallyBlocked(service)
            #expect(try await notification.messageStates() == "pending")
        }
        #expect(end.trail == "pending, sending, sending repeat, sent" && end.mails == 1)
        #expect(end.jobs == "notify_person completed")
    }

    /// The attempt has begun and committed; the second transaction waits for the person's row and has judged nothing.
    @Test func betweenTheTwoTransactions() async throws {
        let end = try await self.killed(holding: "SELECT FROM casework.person FOR UPDATE") {
            notification, service, server in
            try await notification.eventuallyBlocked(service)
            #expect(try await notification.messageStates() == "sending")
            #expect(try server.received().isEmpty)
        }
        #expect(end.trail == "pending, sending, sending repeat, sent" && end.mails == 1)
    }

    @Test func whileTheProviderHasIt() async throws {
        let end = try await self.killed(delay: 3) { notification, service, server in
            try await eventually("the server has the mail", timeout: .seconds(60)) {
                guard service.isRunning else { throw MailServer.Failure(text: service.output) }
                return try !server.received().isEmpty
            }
            #expect(try await notification.messageStates() == "sending")
        }
        #expect(end.trail == "pending, sending, sending repeat, sent" && (1...2).contains(end.mails))
    }

    /// The server said yes; writing that down waits for a lock, and is lost.
    @Test func afterTheProvidersYes() async throws {
        let lock = HeldLock()
        let end = try await self.killed(delay: 1) { notification, service, server in
            try await eventually("the server has the mail", timeout: .seconds(60)) {
                guard service.isRunning else { throw MailServer.Failure(text: service.output) }
                return try !server.received().isEmpty
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await lock.hold("LOCK TABLE casework.message_event IN SHARE MODE", notification.db)
                }
                try await lock.held()
                try await notification.eventuallyBlocked(service)
                service.kill()
                _ = try await service.waitForExit()
                lock.release()
                try await group.waitForAll()
            }
        }
        #expect(end.trail == "pending, sending, sending repeat, sent" && end.mails == 2)
    }

    @Test func whenItIsSent() async throws {
        let end = try await self.killed { notification, service, _ in
            try await notification.eventuallyState("sent", service)
        }
        #expect(end.trail == "pending, sending, sent" && end.mails == 1 && end.jobs == "notify_person completed")
    }

    /// Outside her hours: it waits, whoever is killed, and ends when she stops contact.
    @Test func scheduledThenCleared() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        // An hour that is not now.
        let minute = (Int(Date().timeIntervalSince1970) / 60 + 8 * 60) % 1440
        let start = (minute + 12 * 60) % 1440
        let someone = Someone(
            rule: .init(
                fromMinute: start, toMinute: (start + 60) % 1440, confirmedAt: Date().addingTimeInterval(-3600)))
        try await withNotification([someone], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            for _ in 0..<2 {
                let service = try notification.startService(keys, server)
                try await notification.eventuallyState("scheduled outside_hours", service)
                service.kill()
                _ = try await service.waitForExit()
            }
            try await notification.run("SELECT casework.stop_contact('\(notification.people[0])', 't')", "t_stop")
            try await notification.makeDue()
            let service = try notification.startService(keys, server)
            try await eventually("the job has ended", timeout: .seconds(60)) {
                try await notification.jobStates() == "notify_person completed"
            }
            service.kill()
            _ = try await service.waitForExit()
            #expect(try await notification.trail().hasSuffix("scheduled outside_hours, cleared stopped"))
            #expect(try server.received().isEmpty)
            #expect(try await notification.openTasks() == "contact_person stopped")
        }
    }

    /// What may not be sent is a task and a notice, however often the process that says so is killed.
    @Test func denied() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        try await withNotification([Someone(rule: nil)], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            let lock = HeldLock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await lock.hold("SELECT FROM casework.person FOR UPDATE", notification.db) }
                try await lock.held()
                let service = try notification.startService(keys, server)
                try await notification.eventuallyBlocked(service)
                service.kill()
                _ = try await service.waitForExit()
                lock.release()
                try await group.waitForAll()
            }
            let next = try notification.startService(keys, server)
            try await notification.eventuallyState("denied no_rule", next)
            try await eventually("the desk is told", timeout: .seconds(60)) {
                try await notification.noticeStates() == "contact_suppressed sent"
            }
            next.kill()
            _ = try await next.waitForExit()
            #expect(try await notification.trail() == "pending, sending, sending repeat, denied no_rule")
            #expect(try await notification.openTasks() == "contact_person no_rule")
            #expect(try server.received().map(\.recipients) == [["desk@example.org"]])
        }
    }
}
