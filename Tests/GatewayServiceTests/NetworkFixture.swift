import Casework
import Contracts
import Crypto
import DandelionAgency
import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import PostgresClient
import Safeguarding
import TestSupport

@testable import GatewayService

/// Divisions, agencies and offered referrals, written as the superuser: what routing would have left behind.
struct NetworkFixture: Sendable {
    struct NoRow: Error {
        let statement: String
    }

    struct Agency: Sendable {
        let id: UUID
        let code: String
        let key: String
        let privateKey: AgencyPrivateKey
    }

    struct Offer: Sendable {
        let referralID: UUID
        let number: String
        let agency: Agency
    }

    let pool: PostgresPool

    func prepare() async throws {
        try await self.pool.execute(Self.insertDivision)
        try await self.pool.execute(Self.insertStation)
        try await self.pool.execute(Self.insertRules)
    }

    func addAgency(_ code: String, webhookURL: String? = nil, webhookSecret: [UInt8]? = nil) async throws -> Agency {
        let privateKey = AgencyPrivateKey()
        let agency = Agency(
            id: UUID(), code: code, key: "dak_\(UUID().uuidString.lowercased())", privateKey: privateKey)
        let hash = Array(SHA256.hash(data: Array(agency.key.utf8)))
        try await self.pool.execute(
            Self.insertAgency, agency.id, agency.code, privateKey.publicKey, webhookURL, webhookSecret)
        try await self.pool.execute(Self.insertKey, agency.id, hash)
        return agency
    }

    static let packageJSON = #"{"version":1,"profile":"shelter","purpose":"safe_placement","people":[]}"#

    /// A case with one referral offered to the agency, its package and its hand-over.
    /// - Parameter sealed: stored instead of a sound package.
    func offer(to agency: Agency, hasPackage: Bool = true, package: [UInt8]? = nil) async throws -> Offer {
        var generator = SystemRandomNumberGenerator()
        let offer = Offer(
            referralID: UUID(), number: ReferralNumber.random(using: &generator).rawValue, agency: agency)
        let caseID = UUID()
        let caseNumber = CaseNumber.random(using: &generator).rawValue
        let receipt = Array(SHA256.hash(data: Array(caseNumber.utf8)))
        let sealed =
            try package
            ?? Safeguarding.SealedPackage.seal(
                Array(Self.packageJSON.utf8), to: AgencyPublicKey(bytes: agency.privateKey.publicKey),
                binding: .init(referralID: offer.referralID, agencyID: agency.id, profile: "shelter")
            ).bytes
        // Rung by hand in the tests that need it: this bell does not run.
        let jobs = JobStore(bell: JobBell(pool: self.pool, logger: GatewayHarness.logger))
        try await self.pool.withTransaction("fixture_offer") { transaction in
            try await transaction.execute(Self.insertCase, caseID, caseNumber, receipt)
            try await transaction.execute(Self.insertConsent, caseID)
            try await transaction.execute(Self.insertReferral, offer.referralID, offer.number, caseID, agency.id)
            try await transaction.execute(Self.insertClock, UUID(), caseID, offer.referralID)
            if hasPackage {
                try await transaction.execute(Self.insertPackage, offer.referralID, agency.id, sealed)
            }
            try await jobs.enqueue(
                JobRequest(ReferralOffered(referralID: offer.referralID), queue: Queues.agency(agency.id)),
                in: transaction)
        }
        return offer
    }

    /// As routing's bell does after its commit.
    func ring(_ agency: Agency) async throws {
        try await self.pool.execute(Self.ring, [Queues.agency(agency.id).rawValue])
    }

    func status(of offer: Offer) async throws -> String {
        try await self.one(Self.selectStatus, offer.referralID)
    }

    /// How many `referral_answered` jobs there are for a referral.
    func answers(about offer: Offer) async throws -> Int64 {
        try await self.one(Self.countAnswers, offer.referralID.uuidString.lowercased())
    }

    /// How many disclosures of the referral to its agency are in the ledger.
    func disclosures(of offer: Offer) async throws -> Int64 {
        try await self.one(Self.countDisclosures, offer.referralID, offer.agency.id)
    }

    /// `available`, `running`, …, or the state in the history.
    func handOver(of offer: Offer) async throws -> String {
        try await self.one(Self.selectHandOver, offer.referralID.uuidString.lowercased())
    }

    /// The agency's lease runs out, as after its time.
    func expireLeases() async throws {
        try await self.pool.execute(Self.expireLeases)
    }

    /// What the elected rescuer does.
    func rescue() async throws {
        try await self.pool.execute(Self.rescue)
    }

    func setStatus(_ status: String, of offer: Offer) async throws {
        try await self.pool.execute(Self.updateStatus, offer.referralID, status)
    }

    /// As if the agency had received it so many days ago.
    func receive(_ offer: Offer, daysAgo days: Int) async throws {
        try await self.pool.execute(Self.receiveEarlier, offer.referralID, Int32(days))
    }

    private func one<Value: PostgresDecodable>(
        _ statement: Statement, _ parameters: (any PostgresEncodable)?...
    ) async throws -> Value {
        let rows = try await self.pool.execute(statement, parameters: parameters)
        guard let row = rows.first else { throw NoRow(statement: statement.name) }
        return try row.decode(Value.self)
    }
}

extension NetworkFixture {
    fileprivate static let insertDivision = Statement(
        name: "fixture_division",
        """
        INSERT INTO casework.division (code, name, level, parent_code) VALUES ('150000', '内蒙古自治区', 'region', NULL)
        """)
    fileprivate static let insertStation = Statement(
        name: "fixture_station", "INSERT INTO casework.station (division_code, name) VALUES ('150000', '维权站')")
    fileprivate static let insertRules = Statement(
        name: "fixture_rules", "INSERT INTO casework.rule_set (yaml, checksum) VALUES ('', '\\x00')")
    fileprivate static let insertAgency = Statement(
        name: "fixture_agency",
        """
        INSERT INTO casework.agency (id, code, kind, name, division_code, public_key, webhook_url, webhook_secret)
        VALUES ($1, $2, 'civil_affairs', '民政局', '150000', $3, $4, $5)
        """)
    fileprivate static let insertKey = Statement(
        name: "fixture_key",
        """
        INSERT INTO casework.agency_key (agency_id, key_hash, label, scopes)
        VALUES ($1, $2, 'test', '{read,hand_overs,reports}')
        """)
    fileprivate static let insertCase = Statement(
        name: "fixture_case",
        """
        INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
        SELECT $1, $2, $3, 'hotline', '150000', id, 'high', '{}' FROM casework.station
        """)
    fileprivate static let insertConsent = Statement(
        name: "fixture_consent",
        """
        INSERT INTO casework.consent (case_id, agency_kinds, purpose, granted)
        VALUES ($1, '{civil_affairs}', 'safe_placement', true)
        """)
    fileprivate static let insertReferral = Statement(
        name: "fixture_referral",
        """
        INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version,
            explanation, legal_basis, consent_basis, priority, tier, outcome_clock)
        SELECT $1, $2, $3, $4, 'safe_placement', 'shelter', 'requested', max(version), '{}', '反家庭暴力法', 'consent', 4,
            'region', 'outcome' FROM casework.rule_set
        """)
    fileprivate static let insertClock = Statement(
        name: "fixture_clock",
        """
        INSERT INTO casework.clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
        VALUES ($1, $2, $3, 'referral_answer', 'answer', 'test', clock_timestamp() + interval '1 day',
            clock_timestamp() + interval '1 day')
        """)
    fileprivate static let insertPackage = Statement(
        name: "fixture_package",
        """
        INSERT INTO safeguarding.sealed_package (referral_id, agency_id, profile, fields, key_fingerprint, sealed)
        SELECT $1, id, 'shelter', '{purpose}', sha256(public_key), $3 FROM casework.agency WHERE id = $2
        """)
    fileprivate static let ring = Statement(name: "fixture_ring", "SELECT queue.ring($1)")
    fileprivate static let selectStatus = Statement(
        name: "fixture_status", "SELECT status FROM casework.referral WHERE id = $1")
    fileprivate static let countAnswers = Statement(
        name: "fixture_answers",
        "SELECT count(*) FROM queue.job WHERE kind = 'referral_answered' AND lower(args ->> 'referral_id') = $1")
    fileprivate static let countDisclosures = Statement(
        name: "fixture_disclosures",
        "SELECT count(*) FROM safeguarding.disclosure WHERE referral_id = $1 AND agency_id = $2")
    fileprivate static let selectHandOver = Statement(
        name: "fixture_hand_over",
        """
        SELECT state FROM queue.job_overview
        WHERE kind = 'referral_offered' AND lower(args ->> 'referral_id') = $1
        """)
    fileprivate static let expireLeases = Statement(
        name: "fixture_expire",
        "UPDATE queue.job SET lease_expires_at = clock_timestamp() - interval '1 second' WHERE state = 'running'")
    fileprivate static let rescue = Statement(name: "fixture_rescue", "SELECT count(*) FROM queue.rescue(1000)")
    fileprivate static let receiveEarlier = Statement(
        name: "fixture_receive_earlier",
        """
        UPDATE casework.referral SET received_at = clock_timestamp() - make_interval(days => $2) WHERE id = $1
        """)
    fileprivate static let updateStatus = Statement(
        name: "fixture_set_status", "UPDATE casework.referral SET status = $2 WHERE id = $1")
}
