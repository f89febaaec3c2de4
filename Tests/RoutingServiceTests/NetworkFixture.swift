import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTestKit
import JobTypes
import Logging
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import RoutingService

/// The demonstration's network in a database of the test's own: divisions, stations, agencies, rules; routing's handlers
/// in the test's task; agencies that do what the test says.
struct NetworkFixture {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let database: TestDatabase
    let tree: DivisionTree
    let keyring = FieldKeyring.generate()
    let agencyKeys: AgencyKeyPair
    let onboarding = OnboardingKey.generate()
    let jobs: JobStore
    let client: UUID
    let rules: RuleSet
    let drain: JobDrain

    init(_ database: TestDatabase, overridingClocks overrides: String? = nil) async throws {
        self.database = database
        self.tree = try DivisionTree(
            csv: [try Self.file("data/divisions.csv"), try Self.file("demo/divisions.csv")],
            aliasesCSV: try Self.file("data/division-aliases.csv"))
        self.agencyKeys = try AgencyKeyPair.generate()
        self.jobs = JobStore(bell: JobBell(pool: database.pool, logger: Self.logger))
        _ = try await DivisionStore().import(self.tree.divisions, on: database.pool)
        for entry in try AgencyFile(yaml: try Self.file("demo/agencies.yaml")).agencies(in: self.tree) {
            _ = try await AgencyStore().put(
                try Self.agency(entry, key: self.agencyKeys.publicKey, signedBy: self.onboarding), on: database.pool)
        }
        let yaml = try overrides ?? Self.file("rules/network.yaml")
        self.rules = try RuleSet.load(yaml: yaml)
        let assessments = try AssessmentFile(
            yaml: try Self.file("rules/assessments.yaml"), fields: DisclosureField.disclosableNames)
        for assessment in assessments.entries {
            _ = try await AssessmentStore().record(assessment, on: database.pool)
        }
        _ = try await RuleSetStore().activate(
            yaml: yaml, checksum: Array(yaml.utf8.prefix(32)), disclosures: try self.rules.disclosures(),
            on: database.pool)
        self.client = try await IntakeStore().put(
            NewIntakeClient(
                name: "test", keyHash: [UInt8](repeating: 7, count: 32), channels: IntakeChannel.allCases,
                divisionScope: try #require(DivisionCode("150000")), requestsPerMinute: 1000), on: database.pool)
        self.drain = JobDrain(
            pool: database.pool,
            handlers: RoutingService.handlers(
                jobs: self.jobs, keyring: self.keyring, onboarding: self.onboarding.trusted, logger: Self.logger),
            logger: Self.logger)
        try await self.addStaff()
    }

    /// An agency with a key, signed or not.
    static func agency(
        _ entry: AgencyEntry, key: AgencyPublicKey, signedBy onboarding: OnboardingKey?,
        validFrom: Date = Date(timeIntervalSince1970: 1_767_225_600)
    ) throws -> NewAgency {
        var agency = NewAgency(
            code: entry.code, kind: entry.kind, name: entry.name, division: entry.division, publicKey: key.bytes)
        if let onboarding {
            let statement = try AgencyKeyStatement(
                agency: entry.code, kind: entry.kind.rawValue, division: entry.division.rawValue, key: key,
                validFrom: validFrom)
            agency.keySignature = AgencyKeySignature(
                validFrom: statement.validFrom, bytes: try onboarding.sign(statement))
        }
        return agency
    }

    static func file(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: "deploy/\(name)")), as: UTF8.self)
    }

    // MARK: - Cases

    /// Opens a demonstration case as intake does, and enqueues its job.
    func open(_ name: String, priority: Int = 4) async throws -> UUID {
        let now = Date()
        let request = try IntakeRequest.parse(
            Data(Self.file("demo/cases/\(name).json").utf8), divisions: self.tree, now: now)
        let facts = request.facts(divisions: self.tree, now: now)
        let cipher = FieldCipher(keyring: self.keyring)
        let id = UUID()
        var generator = SystemRandomNumberGenerator()
        let people = try request.people.map { person in
            let row = UUID()
            return NewPerson(
                id: row, role: person.role, name: try person.name.map { try cipher.seal($0, .personName, row: row) },
                phone: try person.phone.map { try cipher.seal($0, .personPhone, row: row) })
        }
        let clock = NewClock(
            id: UUID(), name: "first_response_p1", basis: "test", dueAt: now.addingTimeInterval(3600))
        let new = NewCase(
            id: id, number: .random(using: &generator), receiptHash: (0..<32).map { _ in .random(in: 0...255) },
            channel: request.channel, division: request.division, risk: facts.risk, facts: facts,
            narrative: try request.narrative.map { try cipher.seal($0, .caseNarrative, row: id) },
            clientID: self.client, clientName: "test", people: people, consents: facts.consents, firstResponse: clock)
        try await self.database.pool.withTransaction("open") { transaction in
            _ = try await IntakeStore().openCase(new, in: transaction)
            try await self.jobs.enqueue(
                JobRequest(CaseOpened(caseID: id), queue: Queues.routing, priority: priority), in: transaction)
        }
        return id
    }

    /// Runs routing's jobs until none is left that is due.
    func route() async throws {
        try await self.drain.run([Queues.routing])
    }

    func referrals(of caseID: UUID) async throws -> [ReferralRecord] {
        try await ReferralStore().of(caseID: caseID, on: self.database.pool)
    }

    func clocks(of caseID: UUID) async throws -> [ClockRecord] {
        try await ClockStore().of(caseID: caseID, on: self.database.pool)
    }

    // MARK: - Agencies

    func accept(_ referral: ReferralRecord) async throws {
        try await self.answer(referral) { job, transaction in
            try GatewayStore().postAccept(
                agency: referral.agencyID, referral: referral.id, lease: job.leaseAlias, in: transaction)
        }
    }

    func reject(_ referral: ReferralRecord, suggesting kind: AgencyKind? = nil) async throws {
        try await self.decline(referral, as: .rejected, suggesting: kind)
    }

    func decline(
        _ referral: ReferralRecord, as status: ReferralStatus, suggesting kind: AgencyKind? = nil
    ) async throws {
        try await self.answer(referral) { job, transaction in
            try GatewayStore().postDecline(
                agency: referral.agencyID, referral: referral.id, lease: job.leaseAlias, as: status,
                reason: .notOurDuty, suggestedKind: kind, in: transaction)
        }
    }

    func report(_ referral: ReferralRecord, _ status: ReferralStatus, _ outcome: Outcome) async throws {
        try await self.database.pool.withTransaction("report") { transaction in
            _ = try await GatewayStore().outcome(
                agency: referral.agencyID, referral: referral.id, as: status, outcome: outcome, in: transaction)
            try await self.jobs.enqueue(
                JobRequest(ReferralAnswered(referralID: referral.id), queue: Queues.routing), in: transaction)
        }
    }

    private func answer(
        _ referral: ReferralRecord, _ body: (LeasedJob, PostgresTransaction) async throws -> Void
    ) async throws {
        try await self.database.pool.withTransaction("answer") { transaction in
            let leased = try await self.jobs.claim(
                queue: Queues.agency(referral.agencyID), limit: 10, leaseFor: .seconds(60), holder: "test",
                on: transaction)
            let job = try #require(
                leased.first { (try? $0.decode(ReferralOffered.self).referralID) == referral.id })
            try await body(job, transaction)
            try await self.jobs.complete(job, on: transaction)
            try await self.jobs.enqueue(
                JobRequest(ReferralAnswered(referralID: referral.id), queue: Queues.routing), in: transaction)
            for other in leased where other.id != job.id {
                try await self.jobs.snooze(other, delay: .zero, on: transaction)
            }
        }
    }

    // MARK: - Behind the functions

    /// Makes every running clock of a kind due, as if the time had passed, and has routing sweep.
    func letRunOut(_ kind: ClockKind, of caseID: UUID) async throws {
        for clock in try await self.clocks(of: caseID) where clock.kind == kind && clock.status == .running {
            try await self.database.pool.execute(Self.makeClockDue, clock.id)
        }
        try await self.sweep.sweepClocks()
    }

    /// What makes the jobs of due clocks.
    var sweep: ClockSweep {
        ClockSweep(pool: self.database.pool, jobs: self.jobs, again: .zero, logger: Self.logger)
    }

    func eventKinds(of caseID: UUID) async throws -> [String] {
        try await self.database.pool.execute(Self.events, caseID).map { try $0.decode(String.self) }
    }

    func owner(of caseID: UUID) async throws -> String {
        let row = try #require(await self.database.pool.execute(Self.ownerLevel, caseID).first)
        return try row.decode(String.self)
    }

    private static let makeClockDue = Statement(
        name: "test_make_clock_due",
        "UPDATE casework.clock SET due_at = clock_timestamp(), look_at = clock_timestamp() WHERE id = $1")
    private static let events = Statement(
        name: "test_events", "SELECT kind FROM casework.event WHERE case_id = $1 ORDER BY id")
    private static let ownerLevel = Statement(
        name: "test_owner", "SELECT owner_level FROM casework.case_overview WHERE id = $1")
}
