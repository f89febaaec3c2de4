import Foundation
import Mail
import Testing

@testable import NotificationService

@Suite struct NotifyStaffTests {
    /// Real SMTP: the desk reads a Chinese subject with the case's number and nothing about anybody.
    @Test func theDeskIsToldTheNumberAndTheMatter() async throws {
        let server = try MailServer()
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        try await withNotification { notification in
            let notice = try await notification.notice(kind: "escalated")
            try await notification.work(send: { await client.send($0) })
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
        let outbox = Outbox()
        try await withNotification { notification in
            _ = try await notification.notice()
            try await notification.work(send: outbox.send)
            try await notification.run(
                """
                INSERT INTO queue.job (queue, kind, args, state)
                SELECT 'notification', kind, args, 'available' FROM queue.job_history
                """, "t_again")
            try await notification.work(send: outbox.send)
            #expect(outbox.count == 1)
            #expect(try await notification.jobStates() == "notify_staff completed, notify_staff completed")
        }
    }

    /// Repeats may happen when we die after the server took the mail: they carry the same Message-ID.
    @Test func aLostLeaseAfterTheMailLeadsToARepeatWithTheSameID() async throws {
        let outbox = Outbox()
        try await withNotification { notification in
            let notice = try await notification.notice()
            let losing: SendMail = { mail in
                let outcome = await outbox.send(mail)
                try? await notification.run(
                    "UPDATE queue.job SET lease_number = nextval('queue.lease_number')", "t_steal")
                return outcome
            }
            try await notification.work(send: losing)
            #expect(try await notification.noticeStates() == "escalated pending")
            try await notification.run(
                """
                UPDATE queue.job SET state = 'available', lease_epoch = NULL, lease_number = NULL, lease_alias = NULL,
                    lease_expires_at = NULL, worker_id = NULL, holder = NULL
                """, "t_rescue")
            try await notification.work(send: outbox.send)
            #expect(try await notification.noticeStates() == "escalated sent")
            #expect(outbox.count == 2)
            #expect(try await outbox.next() == notice)
            #expect(try await outbox.next() == notice)
        }
    }

    @Test(arguments: [(nil as String?, "no_address"), ("not an address", "bad_address")])
    func aDeskWithoutAnAddressIsNotTold(address: String?, reason: String) async throws {
        let outbox = Outbox()
        try await withNotification(deskAddress: address) { notification in
            _ = try await notification.notice()
            try await notification.work(send: outbox.send)
            #expect(outbox.count == 0)
            #expect(try await notification.noticeStates() == "escalated failed \(reason)")
            #expect(try await notification.jobStates() == "notify_staff completed")
        }
    }

    @Test func aRefusedMailIsNotTriedAgain() async throws {
        let outbox = Outbox(.permanentFailure(MailFailure(reason: .refused, smtpCode: 550)))
        try await withNotification { notification in
            _ = try await notification.notice()
            try await notification.work(send: outbox.send)
            #expect(outbox.count == 1)
            #expect(try await notification.noticeStates() == "escalated failed mail_refused")
        }
    }

    @Test func aServerThatIsAwayIsTriedAgain() async throws {
        try await withNotification { notification in
            _ = try await notification.notice()
            let away = Outbox(.transientFailure(MailFailure(reason: .unreachable)))
            try await notification.work(send: away.send)
            #expect(try await notification.noticeStates() == "escalated pending")
            #expect(try await notification.jobStates() == "notify_staff retryable")
            try await notification.makeDue()
            let back = Outbox()
            try await notification.work(send: back.send)
            #expect(try await notification.noticeStates() == "escalated sent")
        }
    }

    @Test func whenEveryAttemptIsUsedUpTheNoticeSaysSo() async throws {
        try await withNotification { notification in
            _ = try await notification.notice(maximumAttempts: 1)
            let away = Outbox(.transientFailure(MailFailure(reason: .timeout)))
            try await notification.work(send: away.send)
            #expect(try await notification.noticeStates() == "escalated failed mail_timeout")
            #expect(try await notification.jobStates() == "notify_staff discarded")
        }
    }

    @Test func everyMatterIsOneLineWithoutDigits() {
        for kind in ["contact_suppressed", "escalated", "call_agency_emergency", "something_new"] {
            let matter = StaffMail.matter(kind)
            #expect(!matter.isEmpty && !matter.contains(where: { $0.isNewline || $0.isASCII && $0.isNumber }))
        }
    }
}
