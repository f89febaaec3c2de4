import AgencyDoors
import Casework
import Contracts
import Foundation
import JobQueue
import Logging
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// Agencies with logins of their own, and referrals offered to them, written as the superuser: what routing would have left.
struct DoorFixture: Sendable {
    struct Agency: Sendable {
        let id: UUID
        let code: String
        let login: String
        let keys: AgencyKeyPair
    }

    struct Offer: Sendable {
        let id: UUID
        let number: String
        let caseID: UUID
    }

    let database: TestDatabase
    let jobs: JobStore

    init(_ database: TestDatabase) async throws {
        self.database = database
        self.jobs = JobStore(
            bell: JobBell(pool: database.pool, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        for statement in Self.network { try await database.pool.execute(statement) }
    }

    func agency(_ name: String, hasLogin: Bool = true) async throws -> Agency {
        let word = String(UUID().uuidString.lowercased().prefix(8))
        let code = "\(name)-\(word)"
        let keys = try AgencyKeyPair.generate()
        let agency = Agency(id: UUID(), code: code, login: PartnerLogins.name(for: code), keys: keys)
        try await self.database.pool.execute(Self.insertAgency, agency.id, code, keys.publicKey.bytes)
        guard hasLogin else { return agency }
        let verifier = SCRAMVerifier(password: SCRAMVerifier.randomPassword())
        let made = try await self.database.withPool(user: "dandelion_operator_login") { pool in
            try await PartnerLogins().create(agency.login, for: code, verifier: verifier, on: pool)
        }
        try #require(made == .done)
        return agency
    }

    /// A case with one referral offered to the agency, its package and its hand-over; or one more referral of a case.
    func offer(to agency: Agency, sameCaseAs other: Offer? = nil) async throws -> Offer {
        var generator = SystemRandomNumberGenerator()
        let caseID = other?.caseID ?? UUID()
        let offer = Offer(
            id: UUID(), number: ReferralNumber.random(using: &generator).rawValue, caseID: caseID)
        let caseNumber = CaseNumber.random(using: &generator).rawValue
        let sealed = try SealedPackage.seal(
            Array("{}".utf8), to: agency.keys.publicKey,
            binding: .init(referralID: offer.id, agencyID: agency.id, profile: "shelter"))
        try await self.database.pool.withTransaction("offer") { transaction in
            if other == nil {
                try await transaction.execute(Self.insertCase, caseID, caseNumber, SCRAMVerifier.random(32))
            }
            try await transaction.execute(Self.insertReferral, offer.id, offer.number, caseID, agency.id)
            try await transaction.execute(Self.insertClock, UUID(), caseID, offer.id)
            try await transaction.execute(Self.insertPackage, offer.id, agency.id, sealed.bytes)
            try await self.jobs.enqueue(
                JobRequest(ReferralOffered(referralID: offer.id), queue: Queues.agency(agency.id)), in: transaction)
        }
        return offer
    }

    /// A session of the agency's own login.
    func asAgency<Result>(_ agency: Agency, _ body: (PostgresPool) async throws -> Result) async throws -> Result {
        try await self.database.withPool(user: agency.login, maximumConnections: 2, body)
    }

    func status(of offer: Offer) async throws -> String {
        try #require(await self.database.pool.execute(Self.statusOf, offer.id).first).decode(String.self)
    }

    func count(_ statement: Statement, _ offer: Offer) async throws -> Int64 {
        try #require(await self.database.pool.execute(statement, offer.id.uuidString.lowercased()).first)
            .decode(Int64.self)
    }

    /// The lease runs out, and the rescuer takes the hand-over back.
    func letLeasesRunOut() async throws {
        try await self.database.pool.execute(Self.expire)
        try await self.database.pool.execute(Self.rescue)
    }
}

extension DoorFixture {
    static let answersOf = Statement(
        name: "door_answers",
        "SELECT count(*) FROM queue.job WHERE kind = 'referral_answered' AND lower(args ->> 'referral_id') = $1")
    static let disclosuresOf = Statement(
        name: "door_disclosures", "SELECT count(*) FROM safeguarding.disclosure WHERE referral_id = $1::uuid")

    private static let network = [
        Statement(
            name: "door_division",
            "INSERT INTO casework.division (code, name, level, parent_code) VALUES ('150000', '内蒙古自治区', 'region', NULL)"
        ),
        Statement(
            name: "door_station", "INSERT INTO casework.station (division_code, name) VALUES ('150000', '维权站')"),
        Statement(name: "door_rules", "INSERT INTO casework.rule_set (yaml, checksum) VALUES ('', '\\x00')"),
        Statement(
            name: "door_operator",
            """
            DO $$ BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dandelion_operator_login') THEN
                    CREATE ROLE dandelion_operator_login LOGIN IN ROLE dandelion_operator;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """),
    ]
    private static let insertAgency = Statement(
        name: "door_agency",
        """
        INSERT INTO casework.agency (id, code, kind, name, division_code, public_key)
        VALUES ($1, $2, 'civil_affairs', '民政局', '150000', $3)
        """)
    private static let insertCase = Statement(
        name: "door_case",
        """
        INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
        SELECT $1, $2, $3, 'hotline', '150000', id, 'high', '{}' FROM casework.station
        """)
    private static let insertReferral = Statement(
        name: "door_referral",
        """
        INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version,
            explanation, legal_basis, consent_basis, priority, tier, outcome_clock)
        SELECT $1, $2, $3, $4, 'safe_placement', 'shelter', 'requested', max(version), '{}', '反家庭暴力法', 'statutory', 4,
            'region', 'outcome' FROM casework.rule_set
        """)
    private static let insertClock = Statement(
        name: "door_clock",
        """
        INSERT INTO casework.clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
        SELECT $1, $2, $3, 'referral_answer', 'answer', 'test', due, due
        FROM (SELECT clock_timestamp() + interval '1 day' AS due) AS d
        """)
    private static let insertPackage = Statement(
        name: "door_package",
        """
        INSERT INTO safeguarding.sealed_package (referral_id, agency_id, profile, fields, key_fingerprint, sealed)
        SELECT $1, id, 'shelter', '{purpose}', sha256(public_key), $3 FROM casework.agency WHERE id = $2
        """)
    private static let statusOf = Statement(
        name: "door_status", "SELECT status FROM casework.referral WHERE id = $1")
    private static let expire = Statement(
        name: "door_expire",
        "UPDATE queue.job SET lease_expires_at = clock_timestamp() - interval '1 second' WHERE state = 'running'")
    private static let rescue = Statement(name: "door_rescue", "SELECT count(*) FROM queue.rescue(1000)")
}
