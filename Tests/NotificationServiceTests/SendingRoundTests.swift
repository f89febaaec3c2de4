import CaseworkStore
import Foundation
import Messaging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// Messages that go together: fewer transactions, and everything that each is promised alone.
@Suite struct SendingRoundTests {
    private func messages(_ notification: Notification, _ count: Int) async throws -> [UUID] {
        var ids: [UUID] = []
        for person in 0..<count { ids.append(try await notification.message(to: person)) }
        return ids
    }

    // MARK: - How many transactions

    /// Twelve messages: one transaction in which their attempts begin, and one in which they are sent with their jobs.
    @Test(arguments: Pace.allCases) func manyMessagesAreTwoTransactions(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(12)) { notification in
            let ids = try await self.messages(notification, 12)
            try await notification.workTogether(12, joining: 12, people: [handed.outbox(pace)])
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(
                try await notification.transactions(
                    "SELECT xmin::text FROM casework.message_event WHERE state = 'sending'") == 1)
            #expect(
                try await notification.transactions(
                    """
                    SELECT transaction::text FROM casework.event WHERE kind = 'message_sent'
                    UNION ALL SELECT xmin::text FROM queue.job_history
                    """) == 1, "settled, told on the cases and completed in one")
        }
    }

    /// A provider elsewhere is waited for by one message only; that attempts begin is written together.
    @Test func whatWaitsForAProviderGoesAlone() async throws {
        let people = Outbox()
        try await withNotification(someOf(6)) { notification in
            let ids = try await self.messages(notification, 6)
            try await notification.workTogether(6, people: [people])
            #expect(people.count == 6)
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(
                try await notification.transactions(
                    "SELECT xmin::text FROM casework.message_event WHERE state = 'sending'") == 1)
            #expect(
                try await notification.transactions(
                    "SELECT transaction::text FROM casework.event WHERE kind = 'message_sent'") == 6)
        }
    }

    // MARK: - One among many

    /// What cannot be written of one message is its own trouble.
    @Test(arguments: ["sending", "sent"], Pace.allCases) func onePoisonedMessage(state: String, pace: Pace) async throws
    {
        let handed = Handed()
        try await withNotification(someOf(5)) { notification in
            let ids = try await self.messages(notification, 5)
            try await notification.run(
                """
                CREATE FUNCTION casework.t_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.state = '\(state)' AND NEW.message_id = '\(ids[2])' THEN RAISE 'poison'; END IF;
                    RETURN NEW;
                END $$
                """, "t_poison")
            try await notification.run(
                """
                CREATE TRIGGER t_poison BEFORE INSERT ON casework.message_event
                FOR EACH ROW EXECUTE FUNCTION casework.t_poison()
                """, "t_trigger")
            try await notification.workTogether(5, people: [handed.outbox(pace)])
            for id in ids where id != ids[2] {
                #expect(try await notification.trail(of: id) == "pending, sending, sent")
                #expect(handed.count(of: id) == 1)
                #expect(try await notification.jobState(of: id) == "completed")
            }
            #expect(handed.count(of: ids[2]) == (state == "sent" ? 1 : 0))
            #expect(try await notification.jobState(of: ids[2]).hasPrefix("retryable"))
            try await notification.run("DROP TRIGGER t_poison ON casework.message_event", "t_cure")
            try await notification.makeDue()
            try await notification.work(people: [handed.outbox(pace)])
            #expect(
                try await notification.trail(of: ids[2])
                    == (state == "sent" ? "pending, sending, sending repeat, sent" : "pending, sending, sent"))
        }
    }

    /// A lease that somebody else has by now sends nothing and completes nothing; the others do.
    @Test(arguments: Pace.allCases) func oneStaleLease(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(4)) { notification in
            let ids = try await self.messages(notification, 4)
            // The job stays with the other.
            let left = "state IN ('available', 'running') AND holder IS DISTINCT FROM 'another'"
            try await notification.workTogether(4, people: [handed.outbox(pace)], left: left) {
                try await notification.run(
                    """
                    UPDATE queue.job SET lease_number = nextval('queue.lease_number'), worker_id = NULL,
                        holder = 'another', lease_expires_at = clock_timestamp() + interval '1 hour'
                    WHERE lower(args ->> 'message_id') = lower('\(ids[1])')
                    """, "t_take")
            }
            #expect(handed.count(of: ids[1]) == 0)
            #expect(try await notification.trail(of: ids[1]) == "pending")
            #expect(try await notification.jobState(of: ids[1]) == "running")
            for id in ids where id != ids[1] {
                #expect(try await notification.trail(of: id) == "pending, sending, sent")
                #expect(try await notification.jobState(of: id) == "completed")
            }
        }
    }

    /// Who says stop while messages gather is written to no more; the others are.
    @Test(arguments: Pace.allCases) func oneWhoSaysStop(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(4)) { notification in
            let ids = try await self.messages(notification, 4)
            try await notification.workTogether(4, people: [handed.outbox(pace)]) {
                try await notification.run(
                    "SELECT casework.stop_contact('\(notification.people[3])', 't')", "t_stop")
            }
            #expect(handed.count(of: ids[3]) == 0)
            #expect(try await notification.state(of: ids[3]) == "cleared stopped")
            #expect(try await notification.openTasks() == "contact_person stopped")
            #expect(handed.counts.count == 3)
            #expect(
                try await notification.text(
                    "SELECT count(*)::text FROM queue.job", "t_jobs") == "0", "its job has ended, too")
        }
    }

    /// While somebody holds one message, the round goes without it; it goes when it is let go of.
    @Test(arguments: ["message", "person", "contact_rule"], Pace.allCases)
    func oneThatIsUnderLock(table: String, pace: Pace) async throws {
        let handed = Handed()
        let lock = HeldLock()
        try await withNotification(someOf(4)) { notification in
            let ids = try await self.messages(notification, 4)
            let key =
                switch table {
                case "message": "id = '\(ids[0])'"
                case "person": "id = '\(notification.people[0])'"
                default: "person_id = '\(notification.people[0])'"
                }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await lock.hold("SELECT FROM casework.\(table) WHERE \(key) FOR UPDATE", notification.db)
                }
                try await lock.held()
                group.addTask { try await notification.workTogether(4, people: [handed.outbox(pace)]) }
                try await eventually("the others are sent", timeout: .seconds(60)) {
                    try await notification.text(
                        "SELECT count(*)::text FROM casework.message WHERE state = 'sent'", "t_sent") == "3"
                }
                #expect(handed.count(of: ids[0]) == 0)
                lock.release()
                try await group.waitForAll()
            }
            #expect(handed.count(of: ids[0]) == 1)
            #expect(try await notification.trail(of: ids[0]) == "pending, sending, sent")
        }
    }

    /// What may not be sent, or not now, is said of that one.
    @Test(arguments: Pace.allCases) func oneForbiddenAndOneOutsideHerHours(pace: Pace) async throws {
        let handed = Handed()
        var people = someOf(4)
        people[1].rule = nil
        people[2].rule?.fromMinute = 20 * 60
        people[2].rule?.toMinute = 22 * 60
        try await withNotification(people) { notification in
            let ids = try await self.messages(notification, 4)
            try await notification.workTogether(4, people: [handed.outbox(pace)])
            #expect(try await notification.state(of: ids[0]) == "sent")
            #expect(try await notification.state(of: ids[1]) == "denied no_rule")
            #expect(try await notification.state(of: ids[2]) == "scheduled outside_hours")
            #expect(try await notification.state(of: ids[3]) == "sent")
            #expect(try await notification.openTasks() == "contact_person no_rule")
            #expect(try await notification.noticeStates() == "contact_suppressed sent")
        }
    }

    /// Danger to life does not gather: it is out while the round has not begun.
    @Test func dangerToLifeWaitsForNoRound() async throws {
        let desk = Outbox("desk", isImmediate: true)
        let handed = Handed()
        try await withNotification(someOf(3)) { notification in
            _ = try await self.messages(notification, 3)
            try await notification.run("UPDATE casework.cases SET risk = 'imminent'", "t_risk")
            let urgent = try await notification.notice(kind: "escalated")
            try await notification.workTogether(3, desk: [desk], people: [handed.outbox()]) {
                let first = try await desk.next()
                #expect(first.id == urgent && handed.counts.isEmpty)
            }
            #expect(handed.counts.count == 3)
            #expect(try await notification.trail(of: urgent) == "pending, sending, sent")
        }
    }

    /// Each message is counted before the next to the same person is judged.
    @Test(arguments: Pace.allCases) func theCapHoldsWithinARound(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification { notification in
            for template in ["please_call_back", "follow_up", "news_for_you", "request_received", "appointment"] {
                _ = try await notification.message(template: template)
            }
            try await notification.workTogether(5, people: [handed.outbox(pace)])
            #expect(handed.counts.count == 3)
            let states = try await notification.text(
                """
                SELECT string_agg(state || ' ' || n, ', ' ORDER BY state)
                FROM (SELECT state, count(*) AS n FROM casework.message GROUP BY 1) AS s
                """, "t_states")
            #expect(states == "scheduled 2, sent 3")
        }
    }

    /// The same message delivered twice goes once.
    @Test(arguments: Pace.allCases) func aJobThatIsThereTwice(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(3)) { notification in
            let ids = try await self.messages(notification, 3)
            try await notification.run(
                """
                SELECT queue.enqueue('notification', 'notify_person', jsonb_build_object('message_id', '\(ids[0])', 'version', 1))
                """, "t_twice")
            try await notification.workTogether(4, people: [handed.outbox(pace)])
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            // The second may come between the first one's two transactions, and cannot know what became of it.
            let trail = try await notification.trail(of: ids[0])
            #expect(["pending, sending, sent", "pending, sending, sending repeat, sent"].contains(trail))
        }
    }

    // MARK: - Providers and crashes

    /// What a provider says of one message is written of that one, and it is not asked again for what it said for good.
    @Test(arguments: Pace.allCases) func oneAnswerOfEachKind(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(5)) { notification in
            let ids = try await self.messages(notification, 5)
            let people = handed.outbox(pace) { sent in
                switch sent.id {
                case ids[1]: .refused(reason: "mail_refused")
                case ids[2]: .unknown(reason: "mail_timeout")
                case ids[3]: .later(reason: "file_not_open")
                default: .accepted(reference: "r-\(sent.id)", segments: 2)
                }
            }
            try await notification.workTogether(5, people: [people])
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            #expect(try await notification.state(of: ids[0]) == "sent")
            #expect(try await notification.state(of: ids[1]) == "failed mail_refused")
            #expect(try await notification.state(of: ids[2]) == "sending mail_timeout")
            #expect(try await notification.state(of: ids[3]) == "pending file_not_open")
            #expect(try await notification.state(of: ids[4]) == "sent")
            #expect(try await notification.jobState(of: ids[2]) == "retryable mail_timeout")
            #expect(try await notification.jobState(of: ids[3]) == "retryable file_not_open")
            #expect(try await notification.openTasks() == "contact_person mail_refused")
        }
    }

    /// The connection dies when some have been handed over: those of that round may be out, and go again as repeats.
    @Test(arguments: Pace.allCases) func aCrashInTheMiddleOfARound(pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(6)) { notification in
            let ids = try await self.messages(notification, 6)
            let isCut = NIOLockedValueBox(false)
            let people = handed.outbox(pace) { _ in
                if handed.counts.count >= 3,
                    isCut.withLockedValue({ isCut in
                        defer { isCut = true }
                        return !isCut
                    })
                {
                    try await notification.run(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE usename = 'dandelion_notification' AND datname = current_database()
                            AND state = 'idle in transaction'
                        """, "t_kill")
                }
                return .accepted(reference: nil, segments: 0)
            }
            try await notification.workTogether(6, people: [people])
            try await notification.makeDue()
            try await notification.workTogether(
                Int(
                    try await notification.text(
                        "SELECT count(*)::text FROM queue.job WHERE state <> 'running'", "t_waiting")) ?? 0,
                people: [handed.outbox(pace)])
            for id in ids {
                let trail = try await notification.trail(of: id)
                if handed.count(of: id) == 1 {
                    #expect(trail == "pending, sending, sent")
                } else {
                    #expect(trail == "pending, sending, sending repeat, sent" && handed.count(of: id) == 2)
                }
                #expect(try await notification.jobState(of: id).hasPrefix("completed"))
            }
            #expect(handed.counts.values.contains(2), "some had been handed over")
        }
    }
}
