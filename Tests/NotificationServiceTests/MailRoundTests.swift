import Casework
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
            try await notification.workTogether(16, joining: 16, people: [provider])
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
            try await notification.workTogether(
                6, joining: 6, people: [handed.outbox(.soon)], patience: .zero)
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(try await notification.transactions(self.settled) == 6)
        }
    }

    /// From the first answer that is late on nothing more is handed over in that round: the others go alone.
    @Test func aLateAnswerEndsTheRound() async throws {
        let handed = Handed()
        try await withNotification(someOf(4)) { notification in
            let ids = try await self.messages(notification, 4)
            // Whatever takes any time at all is late.
            try await notification.workTogether(4, joining: 4, people: [handed.outbox(.soon)], soon: .zero)
            #expect(handed.counts == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
            for id in ids { #expect(try await notification.trail(of: id) == "pending, sending, sent") }
            #expect(try await notification.transactions(self.settled) == 4)
        }
    }

    /// As many connections as a process has that is not told otherwise. The mail server stops answering while more mails wait
    /// than it and we have connections: a text message and an alarm go out all the same.
    @Test(arguments: [Pace.soon, nil]) func oneServerHangsAndTheOthersDoNot(pace: Pace?) async throws {
        let handed = Handed()
        let hangs = TestSignal<Void>("the mail server")
        var people = someOf(17)
        people[16] = Someone(email: nil, phone: "13800138000", rule: .init(channel: .sms))
        try await withNotification(people) { notification in
            let mails = try await self.messages(notification, 16)
            let mail = Outbox(recognisesRepeats: pace != nil, connections: 4) { sent in
                handed.note(sent)
                try await hangs.wait()
                return .accepted(reference: nil, segments: 0)
            }
            let sms = Outbox("sms", channel: .sms, sender: SenderIdentity(parts: ["signature": "平安生活"]))
            let desk = Outbox("desk", isImmediate: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await notification.workTogether(
                        nil, desk: [desk], people: [mail, sms], soon: .milliseconds(250), connections: 5)
                }
                try await eventually("the mail server has all it is given", timeout: .seconds(60)) {
                    // Where they gather, those that do wait until the first is given up.
                    handed.counts.count >= (pace == nil ? 3 : 1)
                }
                let text = try await notification.message(to: 16)
                try await notification.run("UPDATE casework.cases SET risk = 'imminent'", "t_risk")
                let urgent = try await notification.notice(kind: "escalated")
                for id in [text, urgent] {
                    try await eventually("it is sent", timeout: .seconds(60)) {
                        try await notification.state(of: id) == "sent"
                    }
                }
                #expect(sms.count == 1 && desk.count == 1)
                #expect(handed.counts.count <= 3, "one of its connections is for what is urgent")
                for _ in mails { hangs.send() }
                try await group.waitForAll()
            }
            for id in mails { #expect(try await notification.state(of: id) == "sent") }
        }
    }

    /// For whom there is no connection in time, that one waits without its job in hand, and goes later.
    @Test func whoeverFindsNoConnectionIsPutBack() async throws {
        let hangs = TestSignal<Void>("the mail server")
        try await withNotification(someOf(2)) { notification in
            _ = try await self.messages(notification, 2)
            let mail = Outbox(connections: 2) { _ in
                try await hangs.wait()
                return .accepted(reference: nil, segments: 0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await notification.workTogether(2, people: [mail], linePatience: .milliseconds(1))
                }
                try await eventually("one is put back", timeout: .seconds(60)) {
                    try await notification.text(
                        """
                        SELECT string_agg(concat_ws(' ', m.state, m.reason, j.state), ', ' ORDER BY m.state)
                        FROM casework.message AS m
                        JOIN queue.job AS j ON lower(j.args ->> 'message_id') = lower(m.id::text)
                        """, "t_states"
                    ).hasPrefix("pending providers_busy scheduled, sending running")
                }
                for _ in 0..<2 { hangs.send() }
                try await group.waitForAll()
            }
            try await notification.makeDue()
            try await notification.work(people: [Outbox()])
            #expect(try await notification.messageStates() == "sent, sent")
        }
    }

    /// The process is told to end at once while the server has one: what it took is recorded, and nothing more is handed over.
    @Test func whatWasTakenIsRecordedThoughNobodyWantsToWait() async throws {
        let handed = Handed()
        let slow = TestSignal<Void>("the slow answer")
        try await withNotification(someOf(2)) { notification in
            _ = try await self.messages(notification, 2)
            let people = handed.outbox(.soon) { _ in
                // A server answers whether anybody still waits for it or not: out of reach of the cancellation.
                try await Task { try await slow.wait() }.value
                return .accepted(reference: nil, segments: 0)
            }
            let work = Task { try await notification.workTogether(2, joining: 2, people: [people]) }
            try await eventually("one is handed over", timeout: .seconds(60)) { handed.counts.count == 1 }
            work.cancel()
            slow.send()
            _ = await work.result
            let first = try #require(handed.counts.keys.first)
            #expect(handed.counts == [first: 1])
            #expect(try await notification.trail(of: first) == "pending, sending, sent")
            #expect(try await notification.jobState(of: first) == "completed")
        }
    }

    /// Stop waits for what the round has handed over, which is then known to be sent, and nothing goes to her after it.
    @Test func stopWaitsForTheRound() async throws {
        let handed = Handed()
        let slow = TestSignal<Void>("the slow answer")
        try await withNotification(someOf(3)) { notification in
            let ids = try await self.messages(notification, 3)
            let people = handed.outbox(.soon) { sent in
                if handed.counts.count == 3 { try await slow.wait() }
                return .accepted(reference: nil, segments: 0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await notification.workTogether(3, joining: 3, people: [people]) }
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
                try await notification.workTogether(
                    5, joining: 5, people: [people], detour: proxy.detour, left: isOver)
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
