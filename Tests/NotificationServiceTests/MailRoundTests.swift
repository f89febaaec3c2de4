import CaseworkStore
import Foundation
import JobTestKit
import Mail
import Messaging
import NIOConcurrencyHelpers
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

/// Messages that go together to a provider elsewhere: what waiting for it must not change.
@Suite struct MailRoundTests {
    private func messages(_ notification: Notification, _ count: Int) async throws -> [UUID] {
        var ids: [UUID] = []
        for person in 0..<count { ids.append(try await notification.message(to: person)) }
        return ids
    }

    private let settled = """
        SELECT transaction::text FROM casework.event WHERE kind = 'message_sent'
        UNION ALL SELECT xmin::text FROM queue.job_history
        """

    /// A real mail server and the real client: two transactions for sixteen mails.
    @Test func sixteenMailsAreTwoTransactions() async throws {
        let server = try MailServer()
        let provider = MailProvider(
            name: "people", sender: .mail(address: "post@example.org"),
            client: SMTPClient(
                try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "post@example.org")))
        try await withNotification(someOf(16)) { notification in
            let ids = try await self.messages(notification, 16)
            try await notification.workTogether(16, people: [provider])
            let received = try server.received().map(\.messageID).sorted()
            #expect(received == ids.map { "<\($0.uuidString.lowercased())@example.org>" }.sorted())
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(
                try await notification.transactions(
                    "SELECT xmin::text FROM casework.message_event WHERE state = 'sending'") == 1)
            #expect(try await notification.transactions(self.settled) == 1)
        }
    }

    /// When the time of a round is over it hands over nothing more: what is left goes alone, once.
    @Test func whatARoundHasNoTimeForGoesAlone() async throws {
        let handed = Handed()
        try await withNotification(someOf(6)) { notification in
            let ids = try await self.messages(notification, 6)
            try await notification.workTogether(6, people: [handed.outbox(.soon)], patience: .zero)
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(try await notification.transactions(self.settled) == 6)
        }
    }

    /// Stop waits for what the round has handed over, which is then known to be sent, and nothing goes to her after it.
    @Test func stopWaitsForTheRound() async throws {
        let handed = Handed()
        let slow = TestSignal<Void>("the slow answer")
        try await withNotification(someOf(3)) { notification in
            let ids = try await self.messages(notification, 3)
            let people = handed.outbox(.soon) { sent in
                if sent.id == ids[0] { try await slow.wait() }
                return .accepted(reference: nil, segments: 0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await notification.workTogether(3, people: [people]) }
                try await eventually("all are handed over", timeout: .seconds(60)) { handed.counts.count == 3 }
                group.addTask {
                    try await notification.run(
                        "SELECT casework.stop_contact('\(notification.people[1])', 't')", "t_stop")
                }
                try await eventually("stop waits", timeout: .seconds(60)) {
                    try await notification.text(
                        """
                        SELECT count(*)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                            AND datname = current_database() AND query LIKE '%casework.stop_contact%'
                        """, "t_waits") == "1"
                }
                slow.send()
                try await group.waitForAll()
            }
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            _ = try await notification.message(to: 1, template: "follow_up")
            try await notification.work(people: [handed.outbox(.soon)])
            #expect(handed.counts.count == 3, "nothing goes to her after it")
        }
    }

    /// The link dies in the COMMIT of a round. Where the server had committed nothing is sent again; where it had not, each
    /// goes once more, marked as a repeat.
    @Test(arguments: [true, false], Pace.allCases)
    func aCommitThatNobodyAnswers(isCommitted: Bool, pace: Pace) async throws {
        let handed = Handed()
        try await withNotification(someOf(5)) { notification in
            let ids = try await self.messages(notification, 5)
            try await FaultProxy.with(.none, dsn: notification.db.dsn) { proxy in
                let isHarmed = NIOLockedValueBox(false)
                let people = handed.outbox(pace) { _ in
                    let isFirst = isHarmed.withLockedValue { isHarmed in
                        defer { isHarmed = true }
                        return !isHarmed
                    }
                    if isFirst { proxy.set(isCommitted ? .loseAnswer(to: "COMMIT") : .cut(before: "COMMIT")) }
                    return .accepted(reference: nil, segments: 0)
                }
                let isOver = isCommitted ? "state <> 'completed'" : "state IN ('available', 'running')"
                try await notification.workTogether(5, people: [people], detour: proxy.detour, left: isOver)
            }
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids {
                #expect(
                    try await notification.trail(of: id)
                        == (isCommitted ? "pending, sending, sent" : "pending, sending"))
                #expect(
                    try await notification.jobState(of: id).hasPrefix(isCommitted ? "completed" : "retryable"))
            }
            try await notification.makeDue()
            try await notification.work(people: [handed.outbox(pace)])
            for id in ids {
                #expect(handed.count(of: id) == (isCommitted ? 1 : 2))
                #expect(
                    try await notification.trail(of: id)
                        == (isCommitted ? "pending, sending, sent" : "pending, sending, sending repeat, sent"))
                #expect(try await notification.jobState(of: id).hasPrefix("completed"))
            }
        }
    }
}
