import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// Whom the messages of a measurement go to: help-seekers who may be written to at any hour, each on a case of her own
/// with a respondent whose number and mailbox have to be told from hers.
struct BenchNotifyPeople: Sendable {
    /// A case whose station has a desk, and that station.
    let caseID: UUID
    let station: UUID
    /// Case and person of each help-seeker.
    let cases: [UUID]
    let people: [UUID]

    static let desk = Statement(
        name: "bench_notify_desk",
        """
        SELECT division_code FROM casework.station WHERE email IS NOT NULL ORDER BY division_code LIMIT 1
        """)

    /// Opens the cases; at least one, for the desk.
    static func open(
        _ count: Int, channel: ContactChannel, keyring: FieldKeyring, on pool: PostgresPool
    ) async throws -> BenchNotifyPeople {
        guard let row = try await pool.execute(Self.desk).first,
            let division = DivisionCode(try row.decode(String.self))
        else {
            throw CommandFailure(.badData, "no station has a desk's address; run `dandelion stations set-email` first")
        }
        let client = try await IntakeStore().put(
            NewIntakeClient(
                name: "bench-notify", keyHash: (0..<32).map { _ in .random(in: 0...255) }, channels: [.hotline],
                divisionScope: division), on: pool)
        var opened: [(NewCase, OpenedCase)] = []
        while opened.count < max(1, count) {
            opened += try await pool.withTransaction("bench_notify_open") { transaction in
                var page: [(NewCase, OpenedCase)] = []
                for number in opened.count..<min(max(1, count), opened.count + 100) {
                    let new = try Self.newCase(
                        number, client: client, division: division, channel: channel, keyring: keyring)
                    page.append((new, try await IntakeStore().openCase(new, in: transaction)))
                }
                return page
            }
        }
        return BenchNotifyPeople(
            caseID: opened[0].0.id, station: opened[0].1.ownerStationID, cases: opened.prefix(count).map(\.0.id),
            people: opened.prefix(count).map(\.0.people[0].id))
    }

    private static func newCase(
        _ number: Int, client: UUID, division: DivisionCode, channel: ContactChannel, keyring: FieldKeyring
    ) throws -> NewCase {
        let cipher = FieldCipher(keyring: keyring)
        var generator = SystemRandomNumberGenerator()
        func person(_ role: PersonRole, _ name: String, _ prefix: String) throws -> NewPerson {
            let id = UUID()
            let digits = String(10_000_000 + number)
            return NewPerson(
                id: id, role: role, name: try cipher.seal(name, .personName, row: id),
                phone: try cipher.seal("\(prefix)\(digits)", .personPhone, row: id),
                email: try cipher.seal("\(prefix).\(digits)@example.net", .personEmail, row: id))
        }
        let people = [try person(.helpSeeker, "乌云", "138"), try person(.respondent, "巴图", "139")]
        let now = Date()
        let rule = SafeContact(
            id: UUID(), personID: people[0].id, channel: channel, days: 1...7, fromMinute: 0, toMinute: 1440,
            confirmedAt: now - 60, expiresAt: now + 90 * 86_400)
        return NewCase(
            id: UUID(), number: CaseNumber.random(using: &generator),
            receiptHash: (0..<32).map { _ in .random(in: 0...255) }, channel: .hotline, division: division, risk: .low,
            facts: CaseFacts(channel: .hotline, division: division), clientID: client, clientName: "bench-notify",
            people: people,
            contactRules: [
                NewContactRule(
                    id: rule.id, personID: rule.personID, channel: rule.channel, days: rule.days,
                    fromMinute: rule.fromMinute, toMinute: rule.toMinute, confirmedAt: rule.confirmedAt,
                    expiresAt: rule.expiresAt, tag: SafeContactAuthenticator(keyring: keyring).tag(for: rule))
            ],
            firstResponse: NewClock(
                id: UUID(), name: "first_response_p3", basis: "measurement", dueAt: now + 365 * 86_400))
    }
}
