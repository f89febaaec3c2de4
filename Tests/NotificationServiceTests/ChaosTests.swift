import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// The real process against a real mail server, killed while messages flow.
@Suite(.serialized) struct ChaosTests {
    private static let templates = ["request_received", "please_call_back", "news_for_you"]

    private struct Counts {
        let sending: Int
        let sent: Int
        let unsent: Int
    }

    private func counts(_ notification: Notification) async throws -> Counts {
        let text = try await notification.text(
            """
            SELECT concat_ws(' ', count(*) FILTER (WHERE state = 'sending'), count(*) FILTER (WHERE state = 'sent'),
                count(*) FILTER (WHERE state <> 'sent')) FROM casework.message
            """, "t_counts")
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 3)
        return Counts(sending: numbers[0], sent: numbers[1], unsent: numbers[2])
    }

    /// Killed before, while and after it sends: each message ends in one final state, its trail says how, and a mail
    /// arrives twice only where the trail says that it may have.
    @Test func everyMessageEndsInOneStateHoweverOftenTheServiceIsKilled() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer(MailServer.Options(delay: 0.2))
        let people = (0..<25).map { number in
            Someone(
                email: "she\(number)@example.net",
                rule: .init(fromMinute: 0, toMinute: 1440, confirmedAt: Date().addingTimeInterval(-3600)))
        }
        try await withNotification(people, keyring: keys.keyring) { notification in
            for person in people.indices {
                for template in Self.templates { _ = try await notification.message(to: person, template: template) }
            }
            for kind in ["escalated", "backstop", "call_agency"] { _ = try await notification.notice(kind: kind) }
            for _ in 0..<3 {
                let before = try await self.counts(notification)
                guard before.unsent > 0 else { break }
                let service = try notification.startService(keys, server)
                try await eventually("messages are on their way", timeout: .seconds(60)) {
                    guard service.isRunning else { throw MailServer.Failure(text: service.output) }
                    let now = try await self.counts(notification)
                    return now.sending > 0 && now.sent > before.sent || now.unsent == 0
                }
                service.kill()
                _ = try await service.waitForExit()
            }
            let last = try notification.startService(keys, server)
            try await eventually("every message is settled", timeout: .seconds(120)) {
                guard last.isRunning else { throw MailServer.Failure(text: last.output) }
                return try await self.counts(notification).unsent == 0
            }
            last.terminate()
            #expect(try await last.waitForExit() == .status(0))

            let wrong = try await notification.text(
                """
                SELECT count(*)::text FROM casework.message AS m
                WHERE (SELECT array_agg(e.state ORDER BY e.id) FROM casework.message_event AS e
                        WHERE e.message_id = m.id)::text !~ '^\\{pending(,sending)+,sent\\}$'
                    OR m.attempts <> (SELECT count(*) FROM casework.message_event AS e
                        WHERE e.message_id = m.id AND e.state = 'sending')
                """, "t_wrong")
            #expect(wrong == "0")
            let repeats = try await notification.db.pool.execute(
                Statement(
                    name: "t_repeats",
                    unchecked: """
                        SELECT m.id::text, (SELECT count(*) FROM casework.message_event AS e
                            WHERE e.message_id = m.id AND e.reason = 'repeat') FROM casework.message AS m
                        """))
            let mails = Dictionary(grouping: try server.received(), by: { $0.messageID.lowercased() })
            #expect(mails.count == repeats.count)
            for row in repeats {
                let (id, count) = try row.decode((String, Int64).self)
                let arrived = mails.first { $0.key.contains(id) }?.value.count ?? 0
                #expect((1...Int(count) + 1).contains(arrived))
            }
        }
    }
}
