import Casework
import Foundation
import Messaging
import Safeguarding
import Testing

@testable import NotificationService

/// In danger and haste a mail is not enough: the phones of the duty are told, one after the other, then the station above.
@Suite struct DutyTests {
    private func withDuty(
        _ phones: [String] = ["13800138001", "13800138002"], stationAbove: String? = nil, risk: String = "imminent",
        _ body: (Notification) async throws -> Void
    ) async throws {
        try await withNotification(stationAbove: stationAbove) { notification in
            try await notification.run(
                """
                UPDATE casework.station SET duty_phones = '{\(phones.joined(separator: ","))}'
                WHERE id = '\(notification.station)'
                """, "t_duty")
            try await notification.run("UPDATE casework.cases SET risk = '\(risk)'", "t_risk")
            try await body(notification)
        }
    }

    private func states(_ notification: Notification) async throws -> String {
        try await notification.text(
            """
            SELECT string_agg(concat_ws(' ', audience, nullif(step, 0), template, state), ', ' ORDER BY created_at)
            FROM casework.message
            """, "t_states")
    }

    @Test func dangerRingsTheFirstPhoneWithTheDesksMail() async throws {
        let (desk, phone) = (Outbox("desk"), Outbox("phone", channel: .sms))
        try await self.withDuty { notification in
            _ = try await notification.notice(kind: "escalated")
            try await notification.work(desk: [desk, phone], now: Beijing.at(hour: 27))
            #expect(try await desk.next().content.address == "desk@example.org")
            let call = try await phone.next().content
            #expect(call.address == "13800138001" && call.subject.isEmpty)
            #expect(call.text == "案件 \(notification.number)：案件已升级，请处理")
            #expect(phone.count == 0)
        }
    }

    @Test func inHasteTheDutyIsToldWhenTheDeskCannotBe() async throws {
        let desk = Outbox("desk", .refused(reason: "mail_refused"))
        let phone = Outbox("phone", channel: .sms)
        try await self.withDuty(risk: "high") { notification in
            _ = try await notification.notice(kind: "escalated")
            try await notification.work(desk: [desk, phone])
            #expect(try await self.states(notification) == "station escalated failed, duty 1 escalated sent")
        }
    }

    @Test func whatCanWaitRingsNoPhone() async throws {
        let desk = Outbox("desk", .refused(reason: "mail_refused"))
        let phone = Outbox("phone", channel: .sms)
        try await self.withDuty(risk: "low") { notification in
            _ = try await notification.notice(kind: "new_case")
            try await notification.work(desk: [desk, phone])
            #expect(try await self.states(notification) == "station new_case failed")
            #expect(try await notification.openTasks() == "look_at_case mail_refused")
        }
    }

    @Test func oneAfterTheOtherThenTheStationAbove() async throws {
        let desk = Outbox(
            "desk",
            answer: { sent in
                sent.content.address == "desk@example.org"
                    ? .refused(reason: "mail_refused") : .accepted(reference: nil, segments: 0)
            })
        let phone = Outbox("phone", channel: .sms, .refused(reason: "sms_refused"))
        try await self.withDuty(stationAbove: "above@example.org") { notification in
            _ = try await notification.notice(kind: "escalated")
            try await notification.work(desk: [desk, phone])
            #expect(try await phone.next().content.address == "13800138001")
            #expect(try await phone.next().content.address == "13800138002")
            #expect(
                try await self.states(notification)
                    == """
                    station escalated failed, duty 1 escalated failed, duty 2 escalated failed, \
                    station station_unreachable sent
                    """)
            #expect(try await notification.openTasks().components(separatedBy: "look_at_case").count == 4)
        }
    }

    /// Whoever has read it in the inbox need not be rung up.
    @Test func aReadNoticeRingsNoPhone() async throws {
        let (desk, phone) = (Outbox("desk"), Outbox("phone", channel: .sms))
        try await self.withDuty { notification in
            let notice = try await notification.notice(kind: "escalated")
            try await notification.run("SELECT casework.read_notice('\(notice)', 't')", "t_read")
            try await notification.work(desk: [desk, phone])
            #expect(desk.count == 0 && phone.count == 0)
            #expect(try await self.states(notification) == "station escalated delivered, duty 1 escalated muted")
        }
    }

    /// A phone nobody takes messages for: late, the next one is told.
    @Test func aPhoneThatIsLateIsFollowedByTheNext() async throws {
        try await self.withDuty { notification in
            _ = try await notification.notice(kind: "escalated")
            try await notification.work(
                desk: [Outbox("desk"), Outbox("phone", channel: .sms, .later(reason: "sms_not_reached"))])
            #expect(try await self.states(notification) == "station escalated sent, duty 1 escalated pending")
            try await notification.run(
                "UPDATE casework.message SET deliver_by = clock_timestamp() - interval '1 second'", "t_late")
            try await LateMessages(
                pool: notification.pool, jobs: notification.bell, interval: .seconds(1), logger: quiet
            ).sweep()
            #expect(
                try await self.states(notification)
                    == "station escalated sent, duty 1 escalated pending, duty 2 escalated pending")
        }
    }
}
