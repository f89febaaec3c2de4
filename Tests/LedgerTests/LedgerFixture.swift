import Foundation
@testable import Ledger
import PostgresClient
import TestSupport

/// Two agencies with a referral each, and short words for what becomes an entry.
struct LedgerFixture: Sendable {
    struct Referral: Sendable {
        let id: UUID
        let number: String
        let caseID: UUID
        let agency: UUID
        let agencyCode: String
    }

    let pool: PostgresPool
    let key: NoteSigner
    /// Of the test, removed with it.
    let directory: String

    init(_ database: TestDatabase) async throws {
        self.pool = database.pool
        self.key = try NoteSigner(generating: "test.invalid/ledger")
        self.directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        for statement in Self.network { try await self.pool.execute(statement) }
    }

    /// Runs the body with a network of its own.
    static func with<Value>(_ body: (LedgerFixture, TestDatabase) async throws -> Value) async throws -> Value {
        try await withTestDatabase(maximumConnections: 12) { database in
            let fixture = try await LedgerFixture(database)
            defer { try? FileManager.default.removeItem(atPath: fixture.directory) }
            return try await body(fixture, database)
        }
    }

    func signer(_ pool: PostgresPool? = nil, file: String = "signed", batch: Int = 100) -> LogSigner {
        LogSigner(
            key: self.key, file: SignedFile(path: "\(self.directory)/\(file)"), pool: pool ?? self.pool, batch: batch)
    }

    func referral(to agencyCode: String) async throws -> Referral {
        let caseID = UUID()
        let id = UUID()
        let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        func word() -> String { String((0..<4).map { _ in letters.randomElement() ?? "0" }) }
        let number = "R-\(word())-\(word())"
        let agency =
            try await self.pool.execute(Self.putAgency, agencyCode).first?.decode(UUID.self) ?? UUID()
        try await self.pool.withTransaction("referral") { transaction in
            try await transaction.execute(
                Self.insertCase, caseID, "C-\(word())-\(word())", Array(UUID().uuidString.utf8))
            try await transaction.execute(Self.insertReferral, id, number, caseID, agency)
            try await transaction.execute(Self.insertClock, UUID(), caseID, id)
        }
        return Referral(id: id, number: number, caseID: caseID, agency: agency, agencyCode: agencyCode)
    }

    func event(_ kind: String, _ referral: Referral, on executor: (any PostgresExecutor)? = nil) async throws {
        try await (executor ?? self.pool).execute(Self.insertEvent, parameters: [referral.caseID, referral.id, kind])
    }

    func disclose(_ referral: Referral, on executor: (any PostgresExecutor)? = nil) async throws {
        try await (executor ?? self.pool).execute(
            Self.recordDisclosure, parameters: [referral.id, referral.agency])
    }

    /// The usual course of a referral: four entries.
    func course(_ referral: Referral) async throws {
        try await self.event("referral_requested", referral)
        try await self.event("referral_received", referral)
        try await self.disclose(referral)
        try await self.event("referral_accepted", referral)
    }

    func export(agency: String? = nil) async throws -> [String] {
        var lines: [String] = []
        _ = try await LedgerExport(agency: agency).write(from: self.pool) { lines.append($0) }
        return lines
    }

    /// What a verifier with the public key says of an export.
    func report(_ lines: [String], kept: [String] = []) throws -> LedgerReport {
        var verifier = try LedgerVerifier(key: self.key.verifier, kept: kept)
        for line in lines { try verifier.take(line) }
        return try verifier.finish()
    }

    /// Behind the functions' back, and past the triggers: what only the owner of the database can do.
    func tamper(_ sql: String) async throws {
        try await self.pool.withTransaction("tamper") { transaction in
            try await transaction.execute(
                Statement(name: "tamper_replica", "SET LOCAL session_replication_role = 'replica'"))
            try await transaction.execute(Statement(name: "tamper_\(sql.hashValue)", unchecked: sql))
        }
    }

    private static let network = [
        Statement(
            name: "ledger_division",
            "INSERT INTO casework.division (code, name, level, parent_code) VALUES ('150000', '内蒙古自治区', 'region', NULL)"
        ),
        Statement(
            name: "ledger_station", "INSERT INTO casework.station (division_code, name) VALUES ('150000', '维权站')"),
        Statement(name: "ledger_rules", "INSERT INTO casework.rule_set (yaml, checksum) VALUES ('', '\\x00')"),
    ]
    private static let putAgency = Statement(
        name: "ledger_agency",
        """
        INSERT INTO casework.agency (code, kind, name, division_code) VALUES ($1, 'civil_affairs', '民政局', '150000')
        ON CONFLICT (code) DO UPDATE SET name = excluded.name RETURNING id
        """)
    private static let insertCase = Statement(
        name: "ledger_case",
        """
        INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
        SELECT $1, $2, $3, 'hotline', '150000', id, 'high', '{}' FROM casework.station
        """)
    private static let insertReferral = Statement(
        name: "ledger_referral",
        """
        INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version,
            explanation, legal_basis, consent_basis, priority, tier, outcome_clock)
        SELECT $1, $2, $3, $4, 'safe_placement', 'shelter', 'requested', max(version), '{}', '反家庭暴力法', 'statutory', 4,
            'region', 'outcome' FROM casework.rule_set
        """)
    private static let insertClock = Statement(
        name: "ledger_clock",
        """
        INSERT INTO casework.clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
        SELECT $1, $2, $3, 'referral_answer', 'answer', 'test', due, due
        FROM (SELECT clock_timestamp() + interval '1 day' AS due) AS d
        """)
    private static let insertEvent = Statement(
        name: "ledger_event",
        """
        INSERT INTO casework.event (case_id, referral_id, kind, actor_kind, actor, data)
        VALUES ($1, $2, $3, 'agency', 'test', '{"lease": "a lease", "reason": "no_capacity"}')
        """)
    private static let recordDisclosure = Statement(
        name: "ledger_disclosure",
        "SELECT safeguarding.record_disclosure($1, $2, 'shelter', '{purpose}', 'safe_placement', 'basis', 'test')")
}
