import CaseworkStore
import Contracts
import Foundation
import JobQueue
import JobTestKit
import Messaging
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

/// What the sending transaction promises: stop waits for it, crashes show, providers take over from each other.
@Suite struct SendingTests {
    // MARK: - S10: stop

    private func stop(_ notification: Notification) async throws -> Int {
        try await notification.db.withPool(user: "dandelion_operator") { pool in
            try await pool.withTransaction("t_stop") { transaction in
                try await MessageStore().stopContact(
                    of: notification.people[0], actor: "test", in: transaction
                ).count
            }
        }
    }

    @Test func stopClearsWhatWaits() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            _ = try await notification.message(template: "follow_up")
            #expect(try await self.stop(notification) == 2)
            try await notification.work(people: [people])
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "cleared stopped, cleared stopped")
            #expect(try await notification.openTasks() == "contact_person stopped, contact_person stopped")
            _ = try await notification.message(template: "news_for_you")
            try await notification.work(people: [people])
            #expect(people.count == 0, "nor is anything sent that is asked for afterwards")
            #expect(try await self.stop(notification) == 0)
        }
    }

    /// While a message is on its way the stop waits; when it has committed, nothing more is sent.
    @Test func stopWaitsForAMessageThatIsOnItsWay() async throws {
        let handed = TestSignal<Void>("handed over")
        let go = TestSignal<Void>("go on")
        let people = Outbox(answer: { _ in
            handed.send()
            try await go.wait()
            return .accepted(reference: nil, segments: 0)
        })
        try await withNotification { notification in
            _ = try await notification.message()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await notification.work(people: [people]) }
                try await handed.wait()
                group.addTask {
                    let cleared = try await self.stop(notification)
                    #expect(cleared == 0)
                }
                try await eventually("the stop waits for the row") {
                    try await notification.text(
                        """
                        SELECT count(*)::text FROM pg_stat_activity
                        WHERE wait_event_type = 'Lock' AND datname = current_database()
                        """, "t_waits") == "1"
                }
                #expect(try await notification.messageStates() == "sending")
                go.send()
                try await group.waitForAll()
            }
            #expect(try await notification.messageStates() == "sent")
        }
    }

    /// Between two attempts: what failed once is not sent after a stop.
    @Test func aRetryAfterAStopSendsNothing() async throws {
        let away = Outbox(.later(reason: "x"))
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [away])
            #expect(try await self.stop(notification) == 1)
            try await notification.makeDue()
            try await notification.work(people: [people])
            #expect(people.count == 0)
        }
    }

    // MARK: - Crashes

    /// The service dies while the provider has the message: it is found `sending`, goes again under the same id, and the
    /// trail says that it may have gone twice.
    @Test func aCrashWhileSendingShows() async throws {
        try await withNotification { notification in
            let id = try await notification.message()
            let dying = Outbox(answer: { _ in
                // The connection that holds the lease and the locks is gone, and with it all that was not committed.
                try await notification.run(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE usename = 'dandelion_notification' AND datname = current_database()
                        AND state = 'idle in transaction'
                    """, "t_kill")
                return .accepted(reference: nil, segments: 0)
            })
            try await notification.work(people: [dying])
            #expect(dying.count == 1)
            #expect(try await notification.messageStates() == "sending")
            try await notification.makeDue()
            let people = Outbox()
            try await notification.work(people: [people])
            #expect(try await people.next().id == id)
            #expect(try await dying.next().id == id)
            #expect(try await notification.trail() == "pending, sending, sending repeat, sent")
        }
    }

    // MARK: - Providers

    @Test func theNextProviderTakesOver() async throws {
        let first = Outbox("a", .later(reason: "mail_unreachable"))
        let second = Outbox("b")
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [first, second])
            #expect(first.count == 1 && second.count == 1)
            let provider = try await notification.text(
                "SELECT provider FROM casework.message WHERE audience = 'person'", "t_provider")
            #expect(provider == "b")
        }
    }

    /// Nobody else is asked when the first may have it: it would arrive twice.
    @Test func whoMayHaveItIsAskedAgainAndNobodyElse() async throws {
        let first = Outbox("a", .unknown(reason: "sms_timeout"))
        let second = Outbox("b")
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [first, second])
            #expect(first.count == 1 && second.count == 0)
            #expect(try await notification.messageStates() == "sending sms_timeout")
            try await notification.makeDue()
            try await notification.work(people: [Outbox("a"), second])
            #expect(second.count == 0)
            #expect(try await notification.trail() == "pending, sending, sending sms_timeout, sending repeat, sent")
        }
    }

    @Test func aPermitThatRanOutIsAskedForAgain() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            let count = TestSignal<Void>()
            let slow = Outbox(answer: { _ in
                count.send()
                return count.pending < 3 ? .expired : .accepted(reference: nil, segments: 0)
            })
            try await notification.work(people: [slow])
            #expect(slow.count == 3)
            #expect(try await notification.messageStates() == "sent")
        }
    }

    // MARK: - Receipts

    private func receive(_ notification: Notification, _ reference: String, delivered: Bool) async throws -> String {
        try await notification.pool.withTransaction("t_receipt") { transaction in
            try await MessageStore().record(
                ReceiptRecord(
                    provider: "people", reference: reference, isDelivered: delivered,
                    reason: delivered ? nil : "undelivered"), on: transaction
            ).result.rawValue
        }
    }

    @Test func aReceiptEndsAMessageOnce() async throws {
        let people = Outbox(.accepted(reference: "r-1", segments: 1))
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [people])
            #expect(try await self.receive(notification, "r-2", delivered: true) == "unknown")
            #expect(try await self.receive(notification, "r-1", delivered: true) == "delivered")
            #expect(try await self.receive(notification, "r-1", delivered: true) == "repeated")
            #expect(try await self.receive(notification, "r-1", delivered: false) == "late")
            #expect(try await self.receive(notification, "r-1", delivered: false) == "repeated")
            #expect(try await notification.messageStates() == "delivered")
            #expect(
                try await notification.trail()
                    == "pending, sending, sent, delivered, delivered late_receipt_failed")
        }
    }

    // MARK: - Late

    private func sweep(_ notification: Notification) async throws -> Int {
        try await LateMessages(
            pool: notification.pool, jobs: notification.bell, interval: .seconds(1), logger: quiet
        ).sweep()
    }

    @Test func whatReachesNobodyInTimeIsPutToSomebody() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            #expect(try await self.sweep(notification) == 0)
            try await notification.run(
                "UPDATE casework.message SET deliver_by = clock_timestamp() - interval '1 second'", "t_late")
            #expect(try await self.sweep(notification) == 1)
            #expect(try await self.sweep(notification) == 0)
            #expect(try await notification.openTasks() == "contact_person late")
            #expect(try await notification.noticeStates() == "contact_failed pending")
            #expect(try await notification.trail() == "pending, pending late")
        }
    }

    /// S37: the task stands from the moment the message is made, so that a dead notification service is seen.
    @Test func dangerToLifeIsOnTheListUntilTheDeskKnows() async throws {
        try await withNotification { notification in
            _ = try await notification.notice(kind: "call_agency_emergency")
            #expect(try await notification.openTasks() == "look_at_case call_agency_emergency")
            try await notification.work()
            #expect(try await notification.openTasks() == "")
            #expect(try await notification.noticeStates() == "call_agency_emergency sent")
        }
    }

    @Test func aDeskThatCannotBeToldInDangerToLifeGoesToTheStationAbove() async throws {
        let desk = Outbox(
            "desk",
            answer: { sent in
                sent.content.address == "desk@example.org"
                    ? .refused(reason: "mail_refused") : .accepted(reference: nil, segments: 0)
            })
        try await withNotification(stationAbove: "above@example.org") { notification in
            _ = try await notification.notice(kind: "call_agency_emergency")
            try await notification.work(desk: [desk])
            #expect(
                try await notification.noticeStates()
                    == "call_agency_emergency failed mail_refused, station_unreachable sent")
            #expect(try await notification.openTasks() == "look_at_case mail_refused")
        }
    }
}
