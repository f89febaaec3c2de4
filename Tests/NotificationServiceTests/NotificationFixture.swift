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
import Messaging
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
    var isMinor = false
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
    private let requests = MessageRequests()

    var bell: JobStore { JobStore(bell: JobBell(pool: self.pool, logger: quiet)) }

    /// A message to one of the people with its job.
    func message(
        to person: Int = 0, template: String = "please_call_back", maximumAttempts: Int = 25
    ) async throws -> UUID {
        // Routing asks for all help-seekers of a case; tests want one, and people who are none as well.
        try await self.db.pool.execute(
            Statement(name: "t_message", "SELECT casework.notify_person($1, $2, $3, NULL)"), self.caseID,
            self.people[person], template)
        return try await self.newest(maximumAttempts)
    }

    /// A notice to the owner's desk with its job.
    func notice(kind: String = "escalated", maximumAttempts: Int = 25) async throws -> UUID {
        try await self.db.pool.withTransaction("t_notice") { transaction in
            try self.requests.tellStation(self.station, of: self.caseID, kind: kind, in: transaction)
        }
        return try await self.newest(maximumAttempts)
    }

    /// The message that was asked for last, with so many attempts for its job.
    private func newest(_ maximumAttempts: Int) async throws -> UUID {
        let row = try #require(
            try await self.db.pool.execute(
                Statement(
                    name: "t_newest",
                    """
                    WITH newest AS (
                        SELECT id FROM casework.message WHERE audience IN ('person', 'station')
                        ORDER BY created_at DESC LIMIT 1),
                    attempts AS (
                        UPDATE queue.job SET max_attempts = $1 FROM newest
                        WHERE coalesce(args ->> 'message_id', args ->> 'notice_id') = newest.id::text)
                    SELECT id FROM newest
                    """), Int32(maximumAttempts)
            ).first)
        return try row.decode(UUID.self)
    }

    /// Runs every job that is due.
    /// - Parameters:
    ///   - people: the providers for people, in the order they are asked; none when nobody is to be written to.
    ///   - drift: how far this machine's clock is from the database's.
    func work(
        desk: [any MessageProvider] = [Outbox("desk")], people: [any MessageProvider] = [],
        keyring: FieldKeyring? = nil, now: Date = Beijing.noon, drift: TimeInterval = 0, pool: PostgresPool? = nil,
        limit: Int = 1000
    ) async throws {
        try await self.drain(
            self.handlers(desk: desk, people: people, keyring: keyring, now: now, drift: drift), pool: pool,
            limit: limit)
    }

    func drain(_ handlers: [any JobHandler], pool: PostgresPool? = nil, limit: Int = 1000) async throws {
        try await JobDrain(pool: pool ?? self.pool, handlers: handlers, logger: quiet)
            .run([Queues.urgentNotification, Queues.notification], limit: limit)
    }

    func handlers(
        desk: [any MessageProvider] = [Outbox("desk")], people: [any MessageProvider] = [],
        keyring: FieldKeyring? = nil, now: Date = Beijing.noon, drift: TimeInterval = 0, rounds: SendingRounds? = nil,
        roundPatience: Duration = .seconds(60), soon: Duration = .seconds(600)
    ) -> [any JobHandler] {
        var routes: [ProviderSet.Route] = []
        for channel in [ContactChannel.email, .sms] where desk.contains(where: { $0.channel == channel }) {
            routes.append(
                ProviderSet.Route(
                    audience: .station, channel: channel,
                    providers: desk.filter { $0.channel == channel }.map(\.name)))
        }
        for channel in [ContactChannel.email, .sms] where people.contains(where: { $0.channel == channel }) {
            routes.append(
                ProviderSet.Route(
                    audience: .helpSeeker, channel: channel,
                    providers: people.filter { $0.channel == channel }.map(\.name)))
        }
        var terms = ["sms": ProviderSet.Terms(cost: 4500)]
        let quick = (desk + people).filter(\.recognisesRepeats)
        for provider in quick { terms[provider.name, default: ProviderSet.Terms()].soon = soon }
        let providers = ProviderSet(desk + people, routes: routes, terms: terms)
        for provider in quick {
            for _ in 0..<8 { providers.report(provider.name, .refused(reason: "t_before"), after: .zero) }
        }
        return [
            NotifyStaffHandler(
                judge: StaffJudge(
                    providers: providers, catalog: .shipped, operators: "operators@example.org", clock: { _ in now }),
                rounds: rounds, roundPatience: roundPatience),
            NotifyPersonHandler(
                judge: PersonJudge(
                    keyring: keyring ?? self.keyring, providers: providers, catalog: .shipped,
                    clock: { _ in (now, now.addingTimeInterval(drift)) }),
                rounds: rounds, roundPatience: roundPatience),
        ]
    }

    /// Makes every waiting job due now.
    func makeDue() async throws {
        try await self.run("UPDATE queue.job SET scheduled_at = clock_timestamp() WHERE state <> 'running'", "t_due")
    }

    /// The same name may stand for many texts.
    private static func unique(_ name: String) -> String { "\(name)_\(UInt64.random(in: 0 ... .max))" }

    func run(_ sql: String, _ name: String) async throws {
        try await self.db.pool.execute(Statement(name: Self.unique(name), unchecked: sql))
    }

    func text(_ sql: String, _ name: String) async throws -> String {
        let row = try #require(
            try await self.db.pool.execute(Statement(name: Self.unique(name), unchecked: sql)).first)
        return try row.decode(String.self)
    }

    /// `state reason` of every message.
    func messageStates() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', state, reason), ', ' ORDER BY created_at), '')
            FROM casework.message WHERE audience = 'person'
            """, "t_messages")
    }

    /// `kind state reason` of every notice.
    func noticeStates() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', template, state, reason), ', ' ORDER BY created_at), '')
            FROM casework.message WHERE audience = 'station'
            """, "t_notices")
    }

    /// Every state a person's messages were in, with its reason.
    func trail() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', e.state, e.reason), ', ' ORDER BY e.id), '')
            FROM casework.message_event AS e JOIN casework.message AS m ON m.id = e.message_id
            WHERE m.audience = 'person'
            """, "t_trail")
    }

    /// `kind reason` of every task that is open.
    func openTasks() async throws -> String {
        try await self.text(
            """
            SELECT coalesce(string_agg(kind || ' ' || reason, ', ' ORDER BY opened_at), '')
            FROM casework.staff_task WHERE done_at IS NULL
            """, "t_tasks")
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

/// - Parameter stationAbove: the address of the station above the case's, if there is to be one.
func withNotification(
    _ people: [Someone] = [Someone()], deskAddress: String? = "desk@example.org", stationAbove: String? = nil,
    keyring: FieldKeyring = .generate(),
    _ body: (Notification) async throws -> Void
) async throws {
    try await withTestDatabase { db in
        let region = try #require(DivisionCode("150000"))
        _ = try await DivisionStore().import(
            [Division(code: region, name: "内蒙古自治区", level: .region, parent: nil)], on: db.pool)
        var division = region
        if let stationAbove {
            division = try #require(DivisionCode("150100"))
            _ = try await DivisionStore().import(
                [Division(code: division, name: "呼和浩特市", level: .league, parent: region)], on: db.pool)
            _ = try await DivisionStore().setStationEmail(stationAbove, division: region, on: db.pool)
        }
        _ = try await DivisionStore().setStationEmail(deskAddress, division: division, on: db.pool)
        let client = try await IntakeStore().put(
            NewIntakeClient(
                name: "t", keyHash: [UInt8](repeating: 1, count: 32), channels: [.hotline], divisionScope: region),
            on: db.pool)
        let new = try newCase(people, client: client, division: division, keyring: keyring)
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
            email: try someone.email.map { try cipher.seal($0, .personEmail, row: id) }, isMinor: someone.isMinor)
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

/// Where messages of a test go: counted, and answered as told.
final class Outbox: MessageProvider {
    struct Sent: Sendable {
        let id: UUID
        let attempt: Int
        let validity: Duration
        let content: MessageContent
    }

    let name: String
    let channel: ContactChannel
    let sender: SenderIdentity
    let isImmediate: Bool
    /// In these tests: answers soon, and is known to.
    let recognisesRepeats: Bool
    let connections: Int?
    private let signal = TestSignal<Sent>("a message")
    private let answer: @Sendable (Sent) async throws -> ProviderOutcome

    init(
        _ name: String = "people", channel: ContactChannel = .email,
        sender: SenderIdentity = .mail(address: "post@example.org"), isImmediate: Bool = false,
        recognisesRepeats: Bool = false, connections: Int? = nil,
        answer: @escaping @Sendable (Sent) async throws -> ProviderOutcome = { _ in
            .accepted(reference: nil, segments: 0)
        }
    ) {
        self.name = name
        self.channel = channel
        self.sender = sender
        self.isImmediate = isImmediate
        self.recognisesRepeats = recognisesRepeats
        self.connections = connections
        self.answer = answer
    }

    convenience init(_ name: String, channel: ContactChannel = .email, _ outcome: ProviderOutcome) {
        self.init(name, channel: channel, answer: { _ in outcome })
    }

    convenience init(_ outcome: ProviderOutcome) {
        self.init("people", outcome)
    }

    var count: Int { self.signal.pending }

    func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome {
        let (id, attempt, validity) = (permit.messageID, permit.attempt, permit.validity)
        let sent = Sent(id: id, attempt: attempt, validity: validity, content: try permit.redeem())
        self.signal.send(sent)
        return try await self.answer(sent)
    }

    func next() async throws -> Sent { try await self.signal.wait() }
}
