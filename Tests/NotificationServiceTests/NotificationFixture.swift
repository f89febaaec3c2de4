import Casework
import CaseworkStore
import Contracts
import Foundation
import JobQueue
import JobTestKit
import JobTypes
import JobWorker
import Logging
import Mail
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

let quiet = Logger(label: "dandelion.test") { _ in SwiftLogNoOpLogHandler() }

/// A person as a test wants her.
struct Someone {
    var role = PersonRole.helpSeeker
    var email: String? = "she@example.net"
    var phone: String?
    /// Of the one rule she has; nil for none. Monday to Sunday.
    var rule: Rule? = Rule()

    struct Rule {
        var channel = ContactChannel.email
        var fromMinute = 9 * 60
        var toMinute = 18 * 60
        var confirmedAt = Beijing.noon.addingTimeInterval(-86_400)
    }
}

enum Beijing {
    /// Wednesday 2026-03-04, 12:00 in Beijing.
    static let noon = Date(timeIntervalSince1970: 1_772_596_800)
    static func at(hour: Double) -> Date { Self.noon.addingTimeInterval((hour - 12) * 3600) }
}

/// A case with its people in a database of its own, and the notification service's handlers on it with its own login.
struct Notification {
    let db: TestDatabase
    let keyring: FieldKeyring
    let caseID: UUID
    let number: CaseNumber
    let people: [UUID]
    let station: UUID
    let pool: PostgresPool
    private let messages = MessageStore()
    private let notices = NoticeStore()

    var bell: JobStore { JobStore(bell: JobBell(pool: self.pool, logger: quiet)) }

    /// A message to one of the people with its job.
    func message(
        to person: Int = 0, template: String = "please_call_back", maximumAttempts: Int = 25
    ) async throws -> UUID {
        try await self.db.pool.withTransaction("t_message") { transaction in
            let id = try self.messages.add(
                caseID: self.caseID, person: self.people[person], template: template, in: transaction)
            try await self.bell.enqueue(
                JobRequest(NotifyPerson(messageID: id), queue: Queues.notification, maximumAttempts: maximumAttempts),
                in: transaction)
            return id
        }
    }

    /// A notice to the owner's desk with its job.
    func notice(kind: String = "escalated", maximumAttempts: Int = 25) async throws -> UUID {
        try await self.db.pool.withTransaction("t_notice") { transaction in
            let id = try self.notices.add(
                caseID: self.caseID, station: self.station, kind: kind, in: transaction)
            try await self.bell.enqueue(
                JobRequest(NotifyStaff(noticeID: id), queue: Queues.notification, maximumAttempts: maximumAttempts),
                in: transaction)
            return id
        }
    }

    /// Runs every job that is due.
    func work(
        send: @escaping SendMail, people: SendMail? = { _ in .accepted }, keyring: FieldKeyring? = nil,
        now: Date = Beijing.noon
    ) async throws {
        let handlers: [any JobHandler] = [
            NotifyStaffHandler(send: send),
            NotifyPersonHandler(keyring: keyring ?? self.keyring, send: people, now: { now }),
        ]
        try await JobDrain(pool: self.pool, handlers: handlers, logger: quiet).run([Queues.notification])
    }

    /// Makes every waiting job due now.
    func makeDue() async throws {
        try await self.run("UPDATE queue.job SET scheduled_at = clock_timestamp() WHERE state <> 'running'", "t_due")
    }

    func run(_ sql: String, _ name: String) async throws {
        try await self.db.pool.execute(Statement(name: name, unchecked: sql))
    }

    func text(_ sql: String, _ name: String) async throws -> String {
        let row = try #require(try await self.db.pool.execute(Statement(name: name, unchecked: sql)).first)
        return try row.decode(String.self)
    }

    /// `state reason` of every message.
    func messageStates() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', state, reason), ', ' ORDER BY created_at), '')
            FROM casework.message
            """, "t_messages")
    }

    /// `kind state reason` of every notice.
    func noticeStates() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', kind, state, reason), ', ' ORDER BY created_at), '')
            FROM casework.notice
            """, "t_notices")
    }

    /// `kind state` of every job that has not ended, then of every one that has.
    func jobStates() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(kind || ' ' || state, ', ' ORDER BY id), '')
            FROM (SELECT id, kind, state FROM queue.job UNION ALL SELECT id, kind, state FROM queue.job_history) AS j
            """, "t_job_states")
    }
}

func withNotification(
    _ people: [Someone] = [Someone()], deskAddress: String? = "desk@example.org",
    _ body: (Notification) async throws -> Void
) async throws {
    try await withTestDatabase { db in
        let region = try #require(DivisionCode("150000"))
        _ = try await DivisionStore().import(
            [Division(code: region, name: "内蒙古自治区", level: .region, parent: nil)], on: db.pool)
        _ = try await DivisionStore().setStationEmail(deskAddress, division: region, on: db.pool)
        let client = try await IntakeStore().put(
            NewIntakeClient(
                name: "t", keyHash: [UInt8](repeating: 1, count: 32), channels: [.hotline], divisionScope: region),
            on: db.pool)
        let keyring = FieldKeyring.generate()
        let new = try newCase(people, client: client, division: region, keyring: keyring)
        let opened = try await db.pool.withTransaction("t_open") { transaction in
            try await IntakeStore().openCase(new, in: transaction)
        }
        try await db.withPool(user: "dandelion_notification") { pool in
            try await body(
                Notification(
                    db: db, keyring: keyring, caseID: new.id, number: new.number, people: new.people.map(\.id),
                    station: opened.ownerStationID, pool: pool))
        }
    }
}

private func newCase(
    _ people: [Someone], client: UUID, division: DivisionCode, keyring: FieldKeyring
) throws -> NewCase {
    let cipher = FieldCipher(keyring: keyring)
    var rules: [NewContactRule] = []
    let rows = try people.map { someone in
        let id = UUID()
        if let rule = someone.rule { rules.append(contactRule(rule, of: id, keyring: keyring)) }
        return NewPerson(
            id: id, role: someone.role, phone: try someone.phone.map { try cipher.seal($0, .personPhone, row: id) },
            email: try someone.email.map { try cipher.seal($0, .personEmail, row: id) })
    }
    var generator = SystemRandomNumberGenerator()
    return NewCase(
        id: UUID(), number: CaseNumber.random(using: &generator),
        receiptHash: (0..<32).map { _ in UInt8.random(in: 0...255) },
        channel: .hotline, division: division, risk: .medium, facts: CaseFacts(channel: .hotline, division: division),
        clientID: client, clientName: "t", people: rows, contactRules: rules,
        firstResponse: NewClock(id: UUID(), name: "first_response_p2", basis: "t", dueAt: Date() + 3600))
}

private func contactRule(_ rule: Someone.Rule, of person: UUID, keyring: FieldKeyring) -> NewContactRule {
    let contact = SafeContact(
        id: UUID(), personID: person, channel: rule.channel, days: 1...7, fromMinute: rule.fromMinute,
        toMinute: rule.toMinute, confirmedAt: rule.confirmedAt, expiresAt: rule.confirmedAt + 90 * 86_400)
    return NewContactRule(
        id: contact.id, personID: person, channel: contact.channel, days: contact.days, fromMinute: contact.fromMinute,
        toMinute: contact.toMinute, confirmedAt: contact.confirmedAt, expiresAt: contact.expiresAt,
        tag: SafeContactAuthenticator(keyring: keyring).tag(for: contact))
}

/// Where mail of a test goes: counted, and answered as told.
final class Outbox: Sendable {
    private let signal = TestSignal<UUID>("a mail")
    private let outcome: MailOutcome

    init(_ outcome: MailOutcome = .accepted) {
        self.outcome = outcome
    }

    var count: Int { self.signal.pending }

    var send: SendMail {
        { mail in
            self.signal.send(mail.id)
            return self.outcome
        }
    }

    func next() async throws -> UUID { try await self.signal.wait() }
}
