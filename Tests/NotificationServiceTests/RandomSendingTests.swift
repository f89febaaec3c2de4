import Casework
import Foundation
import Messaging
import NIOConcurrencyHelpers
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

/// Random rules, hours, clock jumps, failures and crashes through the real handlers and tables: nothing is handed to a
/// provider outside the rules, and everything that reaches nobody is a task for somebody.
@Suite struct RandomSendingTests {
    private struct Handed: Sendable {
        let address: String
        let now: Date
        let drift: TimeInterval
        let isStopped: Bool
    }

    /// - Parameter pace: with which messages go in rounds, with a worker of their own; nil for each alone.
    @Test(
        arguments: [(1, nil), (2, nil), (3, nil), (4, .atOnce), (5, .atOnce), (6, .soon), (7, .soon)]
            as [(UInt64, Pace?)])
    func nothingLeavesOutsideTheRules(seed: UInt64, pace: Pace?) async throws {
        var dice = SplitMix(seed: seed)
        let respondent = Someone(role: .respondent, email: "he@example.net", rule: nil)
        let people = (0..<8).map { number -> Someone in
            let start = Int.random(in: 0..<24, using: &dice) * 60
            let email = Int.random(in: 0..<6, using: &dice) == 0 ? "he@example.net" : "she\(number)@example.net"
            return Someone(
                email: email,
                rule: Int.random(in: 0..<8, using: &dice) == 0
                    ? nil
                    : .init(
                        channel: Int.random(in: 0..<8, using: &dice) == 0 ? .none : .email, fromMinute: start,
                        toMinute: (start + Int.random(in: 1..<20, using: &dice) * 60) % 1440,
                        confirmedAt: Beijing.noon.addingTimeInterval(
                            -86_400 * Double(Int.random(in: 0..<100, using: &dice)))))
        }
        let handed = NIOLockedValueBox<[Handed]>([])
        try await withNotification(people + [respondent]) { notification in
            for person in people.indices {
                for template in ["please_call_back", "follow_up"] {
                    _ = try await notification.message(to: person, template: template, maximumAttempts: 6)
                }
            }
            var stopped: Set<UUID> = []
            for _ in 0..<14 {
                let now = Beijing.noon.addingTimeInterval(Double.random(in: 0..<3 * 86_400, using: &dice))
                let drift: TimeInterval = [0, 0, 0, 5, -5, 3600, -3600].randomElement(using: &dice) ?? 0
                let fate = Int.random(in: 0..<6, using: &dice)
                // Now and then somebody says stop, or what she said is confirmed anew for other hours.
                if Int.random(in: 0..<4, using: &dice) == 0 {
                    let someone = notification.people[Int.random(in: people.indices, using: &dice)]
                    try await notification.run("SELECT casework.stop_contact('\(someone)', 't')", "t_stop")
                    stopped.insert(someone)
                }
                let silent = Set(
                    people.indices.filter { stopped.contains(notification.people[$0]) }.map { people[$0].email })
                let outbox = Outbox(
                    isImmediate: pace == .atOnce, recognisesRepeats: pace == .soon,
                    answer: { sent in
                        handed.withLockedValue {
                            $0.append(
                                Handed(
                                    address: sent.content.address, now: now, drift: drift,
                                    isStopped: silent.contains(sent.content.address)))
                        }
                        switch fate {
                        case 5:  // The process is gone: its connection, and all that was not committed.
                            try await notification.run(
                                """
                                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                WHERE usename = 'dandelion_notification' AND datname = current_database()
                                    AND state = 'idle in transaction'
                                """, "t_crash")
                            return .accepted(reference: nil, segments: 0)
                        case 0: return .later(reason: "mail_unreachable")
                        case 1: return .unknown(reason: "mail_timeout")
                        case 2: throw CancellationError()  // The process is told to end while the provider has it.
                        case 3: return .refused(reason: "mail_refused")
                        default: return .accepted(reference: nil, segments: 0)
                        }
                    })
                try await notification.makeDue()
                if pace != nil {
                    try await notification.workTogether(nil, people: [outbox], now: now, drift: drift)
                } else {
                    try await notification.work(people: [outbox], now: now, drift: drift, limit: 40)
                }
            }
            for handed in handed.withLockedValue({ $0 }) {
                let someone = try #require(people.first { $0.email == handed.address })
                let rule = try #require(someone.rule)
                #expect(handed.address != "he@example.net")
                #expect(!handed.isStopped, "nothing is handed over after a stop")
                #expect(rule.channel == .email && abs(handed.drift) <= 30)
                for instant in [handed.now, handed.now.addingTimeInterval(handed.drift)] {
                    #expect(instant.timeIntervalSince(rule.confirmedAt) < 90 * 86_400)
                    let minute = (Int(instant.timeIntervalSince1970) / 60 + 480) % 1440
                    let isIn =
                        rule.fromMinute < rule.toMinute
                        ? (rule.fromMinute..<rule.toMinute).contains(minute)
                        : minute >= rule.fromMinute || minute < rule.toMinute
                    #expect(isIn)
                }
            }
            let unseen = try await notification.text(
                """
                SELECT count(*)::text FROM casework.message AS m
                WHERE m.audience = 'person' AND m.state IN ('denied', 'failed', 'cleared')
                    AND NOT EXISTS (SELECT FROM casework.staff_task AS t WHERE t.message_id = m.id)
                """, "t_unseen")
            #expect(unseen == "0", "somebody has to act for each that reached nobody")
            let lost = try await notification.text(
                """
                SELECT count(*)::text FROM casework.message AS m
                WHERE m.state IN ('pending', 'scheduled', 'sending') AND NOT EXISTS (
                    SELECT FROM queue.job AS j WHERE lower(j.args ->> 'message_id') = m.id::text
                        OR lower(j.args ->> 'notice_id') = m.id::text)
                """, "t_lost")
            #expect(lost == "0", "what is not settled has a job")
            let twice = try await notification.text(
                """
                SELECT count(*)::text FROM (
                    SELECT FROM casework.message_event WHERE state IN ('sent', 'failed', 'denied')
                    GROUP BY message_id HAVING count(*) > 1) AS twice
                """, "t_twice")
            #expect(twice == "0", "one final state")
            // However long it takes, each comes to an end, and its trail is whole.
            for hour in 0..<60 {
                try await notification.makeDue()
                try await notification.work(
                    people: [Outbox()], now: Beijing.noon.addingTimeInterval(Double(hour) * 5 * 3600), limit: 60)
            }
            let open = try await notification.text(
                "SELECT count(*)::text FROM casework.message WHERE settled_at IS NULL", "t_open")
            #expect(open == "0", "every message ends")
            let torn = try await notification.text(
                """
                SELECT count(*)::text FROM casework.message AS m, LATERAL (
                    SELECT array_agg(e.state ORDER BY e.id) AS states FROM casework.message_event AS e
                    WHERE e.message_id = m.id) AS trail
                WHERE states[1] <> 'pending' OR states[cardinality(states)] <> m.state
                    OR m.attempts <> (SELECT count(*) FROM casework.message_event AS e
                        WHERE e.message_id = m.id AND e.state = 'sending' AND e.reason IS NOT DISTINCT FROM
                            CASE e.reason WHEN 'repeat' THEN 'repeat' END)
                """, "t_torn")
            #expect(torn == "0", "the trail begins with the asking and ends with the end")
        }
    }
}
