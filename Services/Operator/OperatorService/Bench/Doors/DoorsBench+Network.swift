import Casework
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// An agency of the measurement.
struct DoorsBenchAgency: Sendable {
    let id: UUID
    let code: String
    let key: BearerKey
}

extension DoorsBench {
    static let addAgencies = Statement(
        name: "bench_doors_agencies",
        """
        INSERT INTO casework.agency (id, code, kind, name, division_code, public_key, webhook_url, webhook_secret)
        SELECT t.id, t.code, 'civil_affairs', t.code, s.division_code, $4, nullif(t.url, ''),
            CASE WHEN t.url <> '' THEN sha256(convert_to(t.code, 'UTF8')) END
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t (id, code, url)
        CROSS JOIN (SELECT division_code FROM casework.station ORDER BY division_code LIMIT 1) AS s
        """)
    static let addKeys = Statement(
        name: "bench_doors_keys",
        """
        INSERT INTO casework.agency_key (agency_id, key_hash, label, scopes)
        SELECT t.id, t.hash, 'bench', '{read,hand_overs,reports}' FROM unnest($1::uuid[], $2::bytea[]) AS t (id, hash)
        """)
    static let addCases = Statement(
        name: "bench_doors_cases",
        """
        INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
        SELECT t.id, t.number, sha256(convert_to(t.number, 'UTF8')), 'hotline', s.division_code, s.id, 'high', '{}'
        FROM unnest($1::uuid[], $2::text[]) AS t (id, number)
        CROSS JOIN (SELECT id, division_code FROM casework.station ORDER BY division_code LIMIT 1) AS s
        """)
    static let addReferrals = Statement(
        name: "bench_doors_referrals",
        """
        INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version, explanation,
            legal_basis, consent_basis, priority, tier, outcome_clock)
        SELECT t.id, t.number, t.case_id, $4, 'safe_placement', 'shelter', 'requested',
            (SELECT max(version) FROM casework.rule_set), '{}', 'bench', 'statutory', 4, 'region', 'outcome'
        FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS t (id, number, case_id)
        """)
    static let addClocks = Statement(
        name: "bench_doors_clocks",
        """
        INSERT INTO casework.clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
        SELECT gen_random_uuid(), t.case_id, t.id, 'referral_answer', 'answer', 'bench',
            clock_timestamp() + interval '1 day', clock_timestamp() + interval '1 day'
        FROM unnest($1::uuid[], $2::uuid[]) AS t (id, case_id)
        """)
    static let addPackages = Statement(
        name: "bench_doors_packages",
        """
        INSERT INTO safeguarding.sealed_package (referral_id, agency_id, profile, fields, key_fingerprint, sealed)
        SELECT t.id, a.id, 'shelter', '{purpose}', sha256(a.public_key), t.sealed
        FROM unnest($1::uuid[], $2::bytea[]) AS t (id, sealed) CROSS JOIN casework.agency AS a WHERE a.id = $3
        """)

    /// Agencies of this run, each with a bearer key.
    /// - Parameter endpoints: their webhooks' addresses, when they have any.
    func agencies(_ name: String, _ count: Int, endpoints: [String]? = nil) async throws -> [DoorsBenchAgency] {
        guard count > 0 else { return [] }
        let agencies = (0..<count).map { number in
            DoorsBenchAgency(
                id: UUID(), code: "bench-\(self.run)-\(name)-\(number)", key: BearerKey(for: .agency))
        }
        try await self.pool.withTransaction("bench_doors_agencies") { transaction in
            try await transaction.execute(
                Self.addAgencies, agencies.map(\.id), agencies.map(\.code),
                endpoints ?? agencies.map { _ in "" }, self.keys.publicKey.bytes)
            try await transaction.execute(
                Self.addKeys, agencies.map(\.id), agencies.map(\.key.hash))
        }
        return agencies
    }

    /// Offers an agency so many referrals in one transaction, each of a case of its own, with its package and its hand-over.
    /// - Returns: their numbers.
    @discardableResult
    func offer(_ count: Int, to agency: DoorsBenchAgency) async throws -> [String] {
        var generator = SystemRandomNumberGenerator()
        let cases = (0..<count).map { _ in UUID() }
        let caseNumbers = (0..<count).map { _ in CaseNumber.random(using: &generator).rawValue }
        let referrals = (0..<count).map { _ in UUID() }
        let numbers = (0..<count).map { _ in ReferralNumber.random(using: &generator).rawValue }
        let text = Array(repeating: UInt8(ascii: "x"), count: 1500)
        let sealed = try referrals.map { referral in
            try SealedPackage.seal(
                text, to: self.keys.publicKey,
                binding: .init(referralID: referral, agencyID: agency.id, profile: "shelter")
            ).bytes
        }
        try await self.pool.withTransaction("bench_doors_offer") { transaction in
            try await transaction.execute(Self.addCases, cases, caseNumbers)
            try await transaction.execute(Self.addReferrals, referrals, numbers, cases, agency.id)
            try await transaction.execute(Self.addClocks, referrals, cases)
            try await transaction.execute(Self.addPackages, referrals, sealed, agency.id)
            _ = try await self.jobs.enqueue(
                many: referrals.map { ReferralOffered(referralID: $0) }, queue: Queues.agency(agency.id),
                in: transaction)
        }
        return numbers
    }
}
