import Casework
import CaseworkStore
import Foundation
import JobTestKit
import Messaging
import PostgresClient
import Safeguarding
import Testing

@testable import NotificationService

/// What agencies' desks are told of their referrals: at once in haste, together otherwise, and never of a person.
@Suite struct AgencyDeskTests {
    /// An agency with a desk, and referrals made as routing makes them.
    private struct Agency {
        let notification: Notification

        static func add(
            to notification: Notification, digestMinutes: Int = 60, webhook: Bool = false
        ) async throws -> Agency {
            try await notification.run(
                """
                INSERT INTO casework.agency (code, kind, name, division_code, desk_email, digest_minutes, webhook_url)
                VALUES ('150000-police', 'police', '公安厅', '150000', 'desk@police.example.org', \(digestMinutes),
                    \(webhook ? "'https://police.example.org/hook'" : "NULL"));
                """, "t_agency")
            try await notification.run(
                "INSERT INTO casework.rule_set (yaml, checksum) VALUES ('', '\\x00')", "t_rules")
            return Agency(notification: notification)
        }

        /// Opens a referral and returns its number.
        @discardableResult
        func refer(_ purpose: String, basis: String = "consent") async throws -> String {
            var generator = SystemRandomNumberGenerator()
            let number = "\(ReferralNumber.random(using: &generator))"
            try await self.notification.run(
                """
                SELECT casework.create_referrals(ARRAY[gen_random_uuid()], ARRAY['\(number)'],
                    ARRAY['\(self.notification.caseID)'::uuid], ARRAY[(SELECT id FROM casework.agency)],
                    ARRAY['\(purpose)'], ARRAY['police'], ARRAY['region'],
                    ARRAY[(SELECT max(version) FROM casework.rule_set)], ARRAY['{}'::jsonb], ARRAY['-'],
                    ARRAY['\(basis)'], ARRAY[3], ARRAY['outcome'], NULL)
                """, "t_refer")
            return number
        }

        func states() async throws -> String {
            try await self.notification.text(
                """
                SELECT coalesce(string_agg(concat_ws(' ', template, state, reason), ', ' ORDER BY created_at), '')
                FROM casework.message WHERE audience = 'agency'
                """, "t_agency_states")
        }
    }

    @Test func whatIsInNoHasteIsSaidTogether() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            let first = try await agency.refer("emergency_response")
            let second = try await agency.refer("protection")
            #expect(try await agency.states() == "digest pending")
            try await notification.work(desk: [desk])
            #expect(desk.count == 0, "the hour is not over")
            try await notification.makeDue()
            try await notification.work(desk: [desk])
            let mail = try await desk.next().content
            #expect(mail.address == "desk@police.example.org" && mail.subject == "转介汇总：2 项")
            #expect(mail.text.contains("转介 \(first)：有新的转介，请受理\n转介 \(second)：有新的转介，请受理"))
            #expect(!mail.text.contains("\(notification.number)"), "an agency knows its referrals, not our cases")
            #expect(desk.count == 0)
            // The next ones go with the next digest, and a withdrawal is said as well.
            try await notification.run(
                """
                SELECT casework.set_referral_status(id, '{requested}', 'cancelled', 'unanswered', 'routing', NULL)
                FROM casework.referral WHERE number = '\(first)'
                """, "t_withdraw")
            #expect(try await agency.states() == "digest sent, digest pending")
            try await notification.makeDue()
            try await notification.work(desk: [desk])
            #expect(try await desk.next().content.text.contains("转介 \(first)：转介已撤回，无需再办"))
        }
    }

    @Test func dangerIsSaidAtOnceAndByNight() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            let number = try await agency.refer("emergency_response", basis: "emergency")
            try await notification.work(desk: [desk], now: Beijing.at(hour: 27))
            #expect(try await desk.next().content.subject == "转介 \(number)：有新的转介，请受理")
            #expect(try await agency.states() == "referral_offered sent")
            let kinds = try await notification.text(
                "SELECT string_agg(kind, ' ' ORDER BY id) FROM casework.event WHERE kind LIKE '%notified'", "t_kinds")
            #expect(kinds == "agency_notified")
        }
    }

    @Test func withoutADigestEachGoesByItself() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification, digestMinutes: 0)
            try await agency.refer("emergency_response")
            try await agency.refer("protection")
            try await notification.work(desk: [desk])
            #expect(desk.count == 2)
        }
    }

    /// The same about the same referral is said once in a digest; what the agency does not want is not said.
    @Test func whatWaitsIsSaidOnceAndRemindersCanBeMuted() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            try await agency.refer("emergency_response")
            for _ in 0..<3 {
                try await notification.run(
                    "SELECT casework.remind_agency(id) FROM casework.referral", "t_remind")
            }
            try await notification.makeDue()
            try await notification.work(desk: [desk])
            #expect(try await desk.next().content.subject == "转介汇总：2 项")
            try await notification.run("UPDATE casework.agency SET muted = '{referral_due}'", "t_mute")
            try await notification.run("SELECT casework.remind_agency(id) FROM casework.referral", "t_remind")
            #expect(try await agency.states() == "digest sent")
        }
    }

    @Test func anAgencyIsNotFlooded() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification, digestMinutes: 0)
            for number in 0..<32 { try await agency.refer("purpose_\(number)") }
            try await notification.work(desk: [desk])
            #expect(desk.count == 30)
            #expect(try await agency.states().components(separatedBy: "scheduled rate_cap").count == 3)
            try await agency.refer("emergency_response", basis: "emergency")
            try await notification.work(desk: [desk])
            #expect(desk.count == 31, "danger is not counted")
        }
    }

    /// A desk that cannot be told: the owner of each case has to call, and is told so when there is haste.
    @Test func anAgencyThatCannotBeToldIsCalled() async throws {
        let desk = Outbox(
            "desk",
            answer: { sent in
                sent.content.address == "desk@police.example.org"
                    ? .refused(reason: "mail_refused") : .accepted(reference: nil, segments: 0)
            })
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            try await agency.refer("protection")
            try await notification.makeDue()
            try await notification.work(desk: [desk])
            #expect(try await agency.states() == "digest failed mail_refused")
            #expect(try await notification.openTasks() == "call_agency mail_refused")
            #expect(try await notification.noticeStates() == "")
            try await agency.refer("emergency_response", basis: "emergency")
            try await notification.work(desk: [desk])
            #expect(try await notification.openTasks() == "call_agency mail_refused, call_agency mail_refused")
            #expect(try await notification.noticeStates() == "call_agency sent")
        }
    }

    /// The digest that waited was sent at the very moment: what it did not take is found, and said once.
    @Test func nothingIsLeftBehindByADigest() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            try await agency.refer("protection")
            // As if the digest had gone with nothing of this in it.
            try await notification.run(
                "UPDATE casework.message SET state = 'sent', settled_at = clock_timestamp() WHERE template = 'digest'",
                "t_gone")
            let late = LateMessages(
                pool: notification.pool, jobs: notification.bell, interval: .seconds(1), logger: quiet)
            try await late.sweep()
            #expect(try await agency.states() == "digest sent", "it may still be on its way")
            try await notification.run(
                "UPDATE casework.digest_item SET created_at = created_at - interval '5 minutes'", "t_old")
            try await late.sweep()
            try await late.sweep()
            #expect(try await agency.states() == "digest sent, digest pending")
            try await notification.work(desk: [desk])
            #expect(try await desk.next().content.subject == "转介汇总：1 项")
        }
    }

    @Test func aDigestOfNothingIsNotSent() async throws {
        let desk = Outbox("desk")
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification)
            try await agency.refer("protection")
            try await notification.run("DELETE FROM casework.digest_item", "t_empty")
            try await notification.makeDue()
            try await notification.work(desk: [desk])
            #expect(desk.count == 0)
            #expect(try await agency.states() == "digest muted nothing_to_say")
            #expect(try await notification.openTasks() == "")
        }
    }

    /// An endpoint is told by the gateway, the only sender of webhooks: of the withdrawal too.
    @Test func anEndpointGetsAWebhookOfWhatHappened() async throws {
        try await withNotification { notification in
            let agency = try await Agency.add(to: notification, webhook: true)
            let number = try await agency.refer("protection")
            #expect(
                try await notification.text("SELECT count(*)::text FROM casework.webhook_delivery", "t_hooks") == "0")
            try await notification.run(
                """
                SELECT casework.set_referral_status(id, '{requested}', 'cancelled', 'x', 'routing', NULL)
                FROM casework.referral WHERE number = '\(number)'
                """, "t_withdraw")
            let events = try await notification.text(
                """
                SELECT d.event || ' ' || j.kind || ' ' || j.queue FROM casework.webhook_delivery AS d
                JOIN queue.job AS j ON j.args ->> 'delivery_id' = d.id::text
                """, "t_hook")
            #expect(events == "referral.withdrawn webhook_delivery gateway")
        }
    }
}
