import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// A small network, a client and two agencies in a database of the test's own, and short words for what tests do in it.
struct CaseworkFixture: Sendable {
    static let village = code("150104001001")
    static let township = code("150104001")
    static let county = code("150104")
    static let league = code("150100")
    static let region = code("150000")

    let pool: PostgresPool
    let client: UUID
    /// 玉泉区民政局 and 玉泉区司法局.
    let civilAffairs: UUID
    let justice: UUID
    let ruleVersion: Int64

    init(_ database: TestDatabase) async throws {
        let pool = database.pool
        self.pool = pool
        _ = try await DivisionStore().import(Self.divisions, on: pool)
        self.client = try await IntakeStore().put(
            NewIntakeClient(
                name: "hotline", keyHash: hash(1), channels: [.hotline, .walkIn], divisionScope: Self.league,
                requestsPerMinute: 60, mayReadCases: true, mayChangeCases: true),
            on: pool)
        self.civilAffairs = try await AgencyStore().put(
            NewAgency(
                code: "150104-civil-affairs", kind: .civilAffairs, name: "玉泉区民政局", division: Self.county,
                publicKey: hash(9)),
            on: pool)
        self.justice = try await AgencyStore().put(
            NewAgency(code: "150104-justice", kind: .justiceBureau, name: "玉泉区司法局", division: Self.county), on: pool)
        self.ruleVersion = try await RuleSetStore().activate(
            yaml: "rules: []", checksum: hash(1), disclosures: [], on: pool)
        try await self.addStaff("S-0001", [.caseworker], at: [Self.region])
        try await self.addStaff("S-0002", [.supervisor], at: [Self.region])
    }

    static let divisions = [
        // Not in order: a list that names a child before its parent is a list all the same.
        Division(code: village, name: "某村", level: .village, parent: township),
        Division(code: region, name: "内蒙古自治区", level: .region, parent: nil),
        Division(code: league, name: "呼和浩特市", level: .league, parent: region),
        Division(code: county, name: "玉泉区", level: .county, parent: league),
        Division(code: township, name: "某街道", level: .township, parent: county),
    ]

    // MARK: Cases

    /// Opens a case and returns it as it was asked for.
    @discardableResult
    func openCase(_ change: (inout NewCase) -> Void = { _ in }) async throws -> NewCase {
        var new = self.newCase()
        change(&new)
        let asked = new
        _ = try await self.pool.withTransaction("test_open_case") { transaction in
            try await IntakeStore().openCase(asked, in: transaction)
        }
        return new
    }

    func newCase() -> NewCase {
        var generator = SystemRandomNumberGenerator()
        let help = NewPerson(
            id: UUID(), role: .helpSeeker, name: [1, 2, 3], phone: [4, 5, 6], sex: .female, phoneIndex: hash(4))
        let respondent = NewPerson(id: UUID(), role: .respondent, phone: [7, 8], sex: .male)
        return NewCase(
            id: UUID(), number: .random(using: &generator), receiptHash: randomBytes(32), channel: .hotline,
            division: Self.township, risk: .high,
            facts: CaseFacts(
                channel: .hotline, division: Self.township, categories: [.domesticViolence],
                needs: [.shelter, .legalAid],
                risk: .high, flags: [.domesticViolence]),
            narrative: [0, 255, 7], clientID: self.client, clientName: "hotline", people: [help, respondent],
            contactRules: [
                NewContactRule(
                    id: UUID(), personID: help.id, channel: .sms, days: [1, 2, 7], fromMinute: 540, toMinute: 1080,
                    codeWord: [9], confirmedAt: Date(timeIntervalSince1970: 1_760_000_000.123456),
                    expiresAt: Date(timeIntervalSince1970: 1_860_000_000.654321), tag: hash(5))
            ],
            consents: [
                Consent(agencyKinds: [.civilAffairs], purpose: .safePlacement, status: .granted),
                Consent(agencyKinds: [.mediationCommittee], purpose: .mediation, status: .refused),
                Self.guardiansConsent,
            ],
            firstResponse: self.newClock(dueIn: 7200))
    }

    private static var guardiansConsent: Consent {
        var consent = Consent(agencyKinds: [.psychologicalService], purpose: .counselling, status: .granted)
        consent.givenBy = .guardian
        consent.dataKinds = [.identity, .place]
        return consent
    }

    func newClock(dueIn seconds: Double) -> NewClock {
        NewClock(
            id: UUID(), name: ClockName(rawValue: "first_response_p1"), basis: "内部规定",
            dueAt: Date().addingTimeInterval(seconds))
    }

    // MARK: Referrals

    /// Creates a referral to an agency, civil affairs unless another is named.
    @discardableResult
    func refer(
        _ caseID: UUID, to agency: UUID? = nil, purpose: Purpose = .safePlacement, basis: ConsentBasis = .consent,
        predecessor: UUID? = nil
    ) async throws -> NewReferral {
        var generator = SystemRandomNumberGenerator()
        let new = NewReferral(
            id: UUID(), number: .random(using: &generator), caseID: caseID, agencyID: agency ?? self.civilAffairs,
            purpose: purpose, profile: .shelter, tier: .county, ruleVersion: self.ruleVersion,
            explanation: try PostgresJSON(encoding: ["rule": "shelter"]), legalBasis: "反家庭暴力法第十八条",
            consentBasis: basis, priority: 1, outcomeClock: ClockName(rawValue: "shelter_outcome"),
            predecessorID: predecessor)
        try await self.pool.withTransaction("test_refer") { transaction in
            try ReferralStore().create([new], in: transaction)
        }
        return new
    }

    func status(of referral: UUID, in caseID: UUID) async throws -> ReferralStatus? {
        try await ReferralStore().of(caseID: caseID, on: self.pool).first { $0.id == referral }?.status
    }

    /// One step of an agency in a transaction of its own.
    @discardableResult
    func step<Value: Sendable>(
        _ body: @Sendable (GatewayStore, PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withTransaction("test_step") { try await body(GatewayStore(), $0) }
    }

    // MARK: Clocks

    /// Starts a clock that is due in so many seconds, or was.
    func startClock(
        _ kind: ClockKind, of caseID: UUID, referral: UUID? = nil, dueIn seconds: Double
    ) async throws -> UUID {
        let clock = self.newClock(dueIn: seconds)
        try await self.pool.withTransaction("test_start_clock") { transaction in
            try ClockStore().start(
                [ClockStart(clock, kind, of: caseID, referral: referral)], actor: "test", in: transaction)
        }
        return clock.id
    }

    func end(_ clock: UUID, as status: ClockStatus) async throws -> Bool {
        try await self.pool.withTransaction("test_end_clock") { transaction in
            try await ClockStore().end(clock, as: status, actor: "test", in: transaction)
        }
    }

    /// Every state a message was in: `attempt state reason`.
    func trail(of message: UUID) async throws -> String {
        let rows = try await self.pool.execute(
            Statement(
                name: "fixture_trail",
                """
                SELECT string_agg(concat_ws(' ', attempt, state, reason), ', ' ORDER BY id)
                FROM casework.message_event WHERE message_id = $1
                """), message)
        return try rows.first?.decode(String?.self) ?? ""
    }

    func events(of caseID: UUID) async throws -> [String] {
        try await OperatorStore().timeline(of: caseID, on: self.pool).map(\.kind)
    }
}

/// Runs the body with a fixture in a database of its own.
func withCasework(
    maximumConnections: Int = 4, _ body: (CaseworkFixture) async throws -> Void
) async throws {
    try await withTestDatabase(maximumConnections: maximumConnections) { database in
        try await body(CaseworkFixture(database))
    }
}

/// What the casework functions refused, if that is what stopped the body; other errors are recorded.
func refusal(_ body: () async throws -> Void) async -> CaseworkError.Code? {
    do {
        try await body()
        return nil
    } catch let error as CaseworkError {
        return error.code
    } catch let error as PostgresError where CaseworkError(error) != nil {
        return CaseworkError(error)?.code
    } catch {
        Issue.record(error)
        return nil
    }
}

/// 32 bytes that stand for a hash.
func hash(_ byte: UInt8) -> [UInt8] {
    [UInt8](repeating: byte, count: 32)
}

func randomBytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max) }
}

private func code(_ text: String) -> DivisionCode {
    guard let code = DivisionCode(text) else { preconditionFailure("not a division code") }
    return code
}
