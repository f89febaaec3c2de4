import Casework
import CaseworkStore
import Foundation
import Mail
import Messaging
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

@Suite struct NotifyStaffTests {
    /// Real SMTP: the desk reads a Chinese subject with the case's number and nothing about anybody.
    @Test func theDeskIsToldTheNumberAndTheMatter() async throws {
        let server = try MailServer()
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        let provider = MailProvider(name: "mail", sender: .mail(address: "no-reply@example.org"), client: client)
        try await withNotification { notification in
            let notice = try await notification.notice(kind: "escalated")
            try await notification.work(desk: [provider])
            let mail = try #require(try server.received().first)
            #expect(mail.subject == "案件 \(notification.number)：案件已升级，请处理")
            #expect(mail.text.contains("\(notification.number)"))
            #expect(mail.recipients == ["desk@example.org"])
            #expect(mail.messageID.lowercased().contains(notice.uuidString.lowercased()))
            #expect(try await notification.noticeStates() == "escalated sent")
            #expect(try await notification.jobStates() == "notify_staff completed")
            let events = try await notification.text(
                "SELECT string_agg(kind, ' ') FROM casework.event WHERE kind IN ('staff_notified', 'notice_failed')",
                "t_events")
            #expect(events == "staff_notified")
        }
    }

    @Test func aNoticeIsSentOnceHoweverManyJobsItHas() async throws {
        let outbox = Outbox("desk")
        try await withNotification { notification in
            _ = try await notification.notice()
            try await notification.work(desk: [outbox])
            try await notification.run(
                """
                INSERT INTO queue.job (queue, kind, args, state)
                SELECT 'notification', kind, args, 'available' FROM queue.job_history
                """, "t_again")
            try await notification.work(desk: [outbox])
            #expect(outbox.count == 1)
            #expect(try await notification.jobStates() == "notify_staff completed, notify_staff completed")
        }
    }

    @Test func aDeskWithoutAnAddressIsNotTold() async throws {
        let outbox = Outbox("desk")
        try await withNotification(deskAddress: nil) { notification in
            _ = try await notification.notice()
            try await notification.work(desk: [outbox])
            #expect(outbox.count == 0)
            #expect(try await notification.noticeStates() == "escalated denied no_safe_address")
            #expect(try await notification.openTasks() == "look_at_case no_safe_address")
            #expect(try await notification.jobStates() == "notify_staff completed")
        }
    }

    @Test func anAddressThatIsNoneIsNotMailedTo() async throws {
        let server = try MailServer()
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        let provider = MailProvider(name: "mail", sender: .mail(address: "no-reply@example.org"), client: client)
        try await withNotification(deskAddress: "not an address") { notification in
            _ = try await notification.notice()
            try await notification.work(desk: [provider])
            #expect(try await notification.noticeStates() == "escalated failed bad_address")
            #expect(try server.received().isEmpty)
        }
    }

    @Test func aRefusedMailIsNotTriedAgain() async throws {
        let outbox = Outbox("desk", .refused(reason: "mail_refused"))
        try await withNotification { notification in
            _ = try await notification.notice()
            try await notification.work(desk: [outbox])
            #expect(outbox.count == 1)
            #expect(try await notification.noticeStates() == "escalated failed mail_refused")
        }
    }

    @Test func aServerThatIsAwayIsTriedAgain() async throws {
        try await withNotification { notification in
            _ = try await notification.notice()
            try await notification.work(desk: [Outbox("desk", .later(reason: "mail_unreachable"))])
            #expect(try await notification.noticeStates() == "escalated pending mail_unreachable")
            #expect(try await notification.jobStates() == "notify_staff retryable")
            try await notification.makeDue()
            try await notification.work()
            #expect(try await notification.noticeStates() == "escalated sent")
        }
    }

    @Test func whenEveryAttemptIsUsedUpTheNoticeSaysSo() async throws {
        try await withNotification { notification in
            _ = try await notification.notice(maximumAttempts: 1)
            try await notification.work(desk: [Outbox("desk", .later(reason: "mail_timeout"))])
            #expect(try await notification.noticeStates() == "escalated failed mail_timeout")
            #expect(try await notification.jobStates() == "notify_staff discarded")
            #expect(try await notification.openTasks() == "look_at_case mail_timeout")
        }
    }

    /// At night a case that was closed can wait; one that was escalated cannot.
    @Test func whatCanWaitDoesNotRingAtNight() async throws {
        let outbox = Outbox("desk")
        try await withNotification { notification in
            _ = try await notification.notice(kind: "case_closed")
            _ = try await notification.notice(kind: "escalated")
            try await notification.work(desk: [outbox], now: Beijing.at(hour: 23))
            #expect(outbox.count == 1)
            #expect(try await notification.noticeStates() == "case_closed scheduled quiet_hours, escalated sent")
            try await notification.makeDue()
            try await notification.work(desk: [outbox], now: Beijing.at(hour: 31))
            #expect(outbox.count == 2)
        }
    }

    @Test func aMutedKindIsNotSentAndStandsInTheInbox() async throws {
        let outbox = Outbox("desk")
        try await withNotification { notification in
            try await notification.run("UPDATE casework.station SET muted = '{case_closed}'", "t_mute")
            let notice = try await notification.notice(kind: "case_closed")
            try await notification.work(desk: [outbox])
            #expect(outbox.count == 0)
            #expect(try await notification.noticeStates() == "case_closed muted")
            #expect(try await notification.openTasks() == "")
            let inbox = try await MessageStore().inbox(
                of: #require(DivisionCode("150000")), limit: 10, on: notification.db.pool)
            #expect(inbox.map(\.id) == [notice])
        }
    }

    /// Whoever has read it in the inbox is not told of it again.
    @Test func whatWasReadIsNotSent() async throws {
        let outbox = Outbox("desk")
        try await withNotification { notification in
            let notice = try await notification.notice(kind: "call_agency_emergency")
            #expect(try await MessageStore().readNotice(notice, actor: "t", on: notification.db.pool))
            #expect(try await MessageStore().readNotice(notice, actor: "t", on: notification.db.pool) == false)
            try await notification.work(desk: [outbox])
            #expect(outbox.count == 0)
            #expect(try await notification.noticeStates() == "call_agency_emergency delivered read")
            #expect(try await notification.openTasks() == "")
        }
    }
}
