import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// The real process, killed while it writes down an end that is no sending: what failed, and what a desk does not want to
/// hear. The next process brings it to the same end, once, and a job that comes again changes nothing.
@Suite(.serialized) struct KilledAtTheEndTests {
    /// Kills the process while it waits to write what `table` would get, and the machine with it: nothing of that
    /// transaction stays. Then starts the next.
    private func killed(
        writing table: String, _ notification: Notification, _ keys: ServiceKeys, _ server: MailServer,
        before: String, of state: () async throws -> String
    ) async throws -> ServiceProcess {
        let lock = HeldLock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await lock.hold("LOCK TABLE \(table) IN SHARE MODE", notification.db) }
            try await lock.held()
            let service = try notification.startService(keys, server)
            try await notification.eventuallyBlocked(service)
            #expect(try await state() == before)
            service.kill()
            _ = try await service.waitForExit()
            try await notification.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE usename = 'dandelion_notification' AND datname = current_database()
                """, "t_gone")
            try await eventually("its sessions are gone", timeout: .seconds(60)) {
                try await notification.text(
                    """
                    SELECT count(*)::text FROM pg_stat_activity
                    WHERE usename = 'dandelion_notification' AND datname = current_database()
                    """, "t_left") == "0"
            }
            lock.release()
            try await group.waitForAll()
        }
        return try notification.startService(keys, server)
    }

    /// The job of a message is delivered once more, and has ended.
    private func again(
        _ kind: String, _ argument: String, of audience: String, _ notification: Notification
    ) async throws {
        try await notification.run(
            """
            SELECT queue.enqueue('notification', '\(kind)', jsonb_build_object('\(argument)', id, 'version', 1))
            FROM casework.message WHERE audience = '\(audience)'
            """, "t_again")
        try await eventually("the repeated job has ended", timeout: .seconds(60)) {
            try await notification.text("SELECT count(*)::text FROM queue.job", "t_left_jobs") == "0"
        }
    }

    /// The server refuses the mailbox for good; the process dies while it writes that and the task for staff down.
    @Test func failed() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        try await withNotification([someoneNow("refused@example.net")], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            let next = try await self.killed(
                writing: "casework.staff_task", notification, keys, server, before: "sending"
            ) { try await notification.messageStates() }
            try await eventually("it has failed", timeout: .seconds(60)) {
                guard next.isRunning else { throw MailServer.Failure(text: next.output) }
                return try await notification.messageStates().hasPrefix("failed")
            }
            try await eventually("the desk is told", timeout: .seconds(60)) {
                try await notification.noticeStates() == "contact_failed sent"
            }
            try await self.again("notify_person", "message_id", of: "person", notification)
            next.kill()
            _ = try await next.waitForExit()
            // Killed when it had failed: whoever comes next finds it so.
            let third = try notification.startService(keys, server)
            try await self.again("notify_person", "message_id", of: "person", notification)
            third.kill()
            _ = try await third.waitForExit()
            let reason = try await notification.messageStates().dropFirst("failed ".count)
            #expect(try await notification.trail() == "pending, sending, sending repeat, failed \(reason)")
            #expect(try await notification.openTasks() == "contact_person \(reason)")
            #expect(try server.received().map(\.recipients) == [["desk@example.org"]])
        }
    }

    /// The desk has muted what this is about; the process dies while it writes that down.
    @Test func muted() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        try await withNotification([someoneNow()], keyring: keys.keyring) { notification in
            try await notification.run("UPDATE casework.station SET muted = '{case_closed}'", "t_mute")
            _ = try await notification.notice(kind: "case_closed")
            let next = try await self.killed(
                writing: "casework.event", notification, keys, server, before: "case_closed sending"
            ) { try await notification.noticeStates() }
            try await eventually("it is muted", timeout: .seconds(60)) {
                guard next.isRunning else { throw MailServer.Failure(text: next.output) }
                return try await notification.noticeStates() == "case_closed muted"
            }
            next.kill()
            _ = try await next.waitForExit()
            let third = try notification.startService(keys, server)
            try await self.again("notify_staff", "notice_id", of: "station", notification)
            third.kill()
            _ = try await third.waitForExit()
            let trail = try await notification.text(
                """
                SELECT string_agg(concat_ws(' ', e.state, e.reason), ', ' ORDER BY e.id)
                FROM casework.message_event AS e JOIN casework.message AS m ON m.id = e.message_id
                WHERE m.audience = 'station'
                """, "t_station_trail")
            #expect(trail == "pending, sending, sending repeat, muted")
            #expect(try await notification.openTasks() == "")
            #expect(try server.received().isEmpty)
            let events = try await notification.text(
                "SELECT count(*)::text FROM casework.event WHERE kind = 'notice_muted'", "t_muted_events")
            #expect(events == "1")
        }
    }
}
