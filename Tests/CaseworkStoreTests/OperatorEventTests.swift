import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// Invariant 8, operators too: what they change is an event, in the transaction of the change, that nobody can take back.
struct OperatorEventTests {
    private static func kinds(_ pool: PostgresPool, after first: Int64 = 0) async throws -> [String] {
        try await OperatorStore().changes(limit: 1000, on: pool).filter { $0.id > first }.map(\.kind).reversed()
    }

    private static func last(_ pool: PostgresPool) async throws -> OperatorEvent {
        try #require(try await OperatorStore().changes(limit: 1, on: pool).first)
    }

    private static func agency(_ change: (inout NewAgency) -> Void = { _ in }) -> NewAgency {
        var agency = NewAgency(
            code: "150104-court", kind: .court, name: "玉泉区人民法院", division: CaseworkFixture.county)
        change(&agency)
        return agency
    }

    @Test func everyChangeIsAnEvent() async throws {
        try await withCasework { casework in
            let pool = casework.pool
            let (agencies, clients, divisions) = (AgencyStore(), IntakeStore(), DivisionStore())
            #expect(
                try await Self.kinds(pool) == Array(repeating: "division_added", count: 5) + [
                    "client_added", "agency_added", "agency_added", "rules_activated", "staff_added", "staff_added",
                ])
            let before = try await Self.last(pool).id
            let id = try await agencies.put(Self.agency(), on: pool)
            _ = try await agencies.put(Self.agency { $0.publicKey = hash(7) }, on: pool)
            _ = try await agencies.put(
                Self.agency {
                    $0.webhookURL = "https://court.example/hook"
                    $0.webhookSecret = randomBytes(24)
                }, on: pool)
            _ = try await agencies.removeWebhook(code: "150104-court", on: pool)
            _ = try await agencies.setStatus(.suspended, code: "150104-court", on: pool)
            _ = try await agencies.setStatus(.active, code: "150104-court", on: pool)
            let key = try await agencies.addKey(agency: id, keyHash: randomBytes(32), label: "a", on: pool)
            _ = try await agencies.addKey(agency: id, keyHash: randomBytes(32), label: "b", on: pool)
            _ = try await agencies.revokeKeys(of: id, except: key, on: pool)
            _ = try await divisions.setStationEmail("desk@wf.example.org", division: CaseworkFixture.county, on: pool)
            _ = try await divisions.import(
                [
                    Division(
                        code: CaseworkFixture.county, name: "新玉泉区", level: .county, parent: CaseworkFixture.league)
                ], on: pool)
            _ = try await clients.revoke(name: "hotline", on: pool)
            _ = try await clients.put(
                NewIntakeClient(
                    name: "hotline", keyHash: randomBytes(32), channels: [.hotline],
                    divisionScope: CaseworkFixture.league),
                on: pool)
            _ = try await RuleSetStore().activate(yaml: "rules: [a]", checksum: hash(2), disclosures: [], on: pool)
            #expect(
                try await Self.kinds(pool, after: before) == [
                    "agency_added", "agency_changed", "agency_changed", "agency_webhook_removed", "agency_suspended",
                    "agency_resumed", "agency_key_added", "agency_key_added", "agency_key_revoked",
                    "station_email_set", "division_changed", "client_revoked", "client_changed", "rules_activated",
                ])
        }
    }

    @Test func whatChangesNothingIsNoEvent() async throws {
        try await withCasework { casework in
            let pool = casework.pool
            _ = try await AgencyStore().put(Self.agency { $0.publicKey = hash(7) }, on: pool)
            let before = try await Self.last(pool).id
            _ = try await AgencyStore().put(Self.agency { $0.publicKey = hash(7) }, on: pool)
            _ = try await AgencyStore().put(Self.agency(), on: pool)
            _ = try await AgencyStore().removeWebhook(code: "150104-court", on: pool)
            _ = try await AgencyStore().setStatus(.active, code: "150104-court", on: pool)
            _ = try await AgencyStore().setStatus(.suspended, code: "no-such-agency", on: pool)
            _ = try await DivisionStore().import(CaseworkFixture.divisions, on: pool)
            _ = try await IntakeStore().put(
                NewIntakeClient(
                    name: "hotline", keyHash: hash(1), channels: [.hotline, .walkIn],
                    divisionScope: CaseworkFixture.league, requestsPerMinute: 60, mayReadCases: true,
                    mayChangeCases: true),
                on: pool)
            _ = try await StaffStore().put(
                StaffEntry(
                    StaffMember(
                        id: casework.worker.staff, roles: [.caseworker], divisions: [CaseworkFixture.region],
                        capacity: 10)), on: pool)
            _ = try await RuleSetStore().activate(yaml: "rules: []", checksum: hash(1), disclosures: [], on: pool)
            #expect(try await Self.kinds(pool, after: before).isEmpty)
        }
    }

    @Test func anEventNamesTheLoginAndTheKeyByItsFingerprint() async throws {
        try await withTestDatabase { database in
            let casework = try await CaseworkFixture(database)
            try await database.withPool(user: "dandelion_operator") { pool in
                _ = try await AgencyStore().put(Self.agency { $0.publicKey = hash(7) }, on: pool)
            }
            let event = try await Self.last(casework.pool)
            #expect(event.databaseRole == "dandelion_operator")
            #expect(event.subject == "150104-court")
            struct Data: Decodable {
                let kind: String
                let division: String
                let public_key: String
            }
            let data: Data = try event.data.decode()
            #expect(data.kind == "court")
            #expect(data.division == "150104")
            // The SHA-256 of 32 bytes of 7.
            #expect(data.public_key == "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0")
            #expect(try await OperatorStore().changes(subject: "150104-court", limit: 9, on: casework.pool) == [event])
            #expect(try await OperatorStore().changes(kind: "agency_gone", limit: 9, on: casework.pool).isEmpty)
        }
    }

    @Test func aChangeThatIsRolledBackLeavesNone() async throws {
        struct Enough: Error {}
        try await withCasework { casework in
            let before = try await Self.last(casework.pool)
            await #expect(throws: Enough.self) {
                try await casework.pool.withTransaction("test_roll_back") { transaction in
                    _ = try await AgencyStore().put(Self.agency(), on: transaction)
                    throw Enough()
                }
            }
            #expect(try await Self.last(casework.pool) == before)
        }
    }

    @Test func noAddressAndNoSecretIsInAnEvent() async throws {
        try await withCasework { casework in
            _ = try await DivisionStore().setStationEmail(
                "desk@wf.example.org", division: CaseworkFixture.county, on: casework.pool)
            let secret = Array("a secret of the agency's own".utf8)
            let keyHash = randomBytes(32)
            let id = try await AgencyStore().put(
                Self.agency {
                    $0.webhookURL = "https://court.example/hook/token"
                    $0.webhookSecret = secret
                }, on: casework.pool)
            _ = try await AgencyStore().addKey(agency: id, keyHash: keyHash, label: "from 王芳", on: casework.pool)
            let text = try await OperatorStore().changes(limit: 1000, on: casework.pool).map(\.data.text).joined()
            func hex(_ bytes: [UInt8]) -> String {
                bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            for word in ["desk@", "court.example", "王芳", "玉泉", hex(secret), hex(keyHash), "a secret"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
    }

    static let changes = [
        Statement(name: "test_update_changes", "UPDATE casework.operator_event SET database_role = 'nobody'"),
        Statement(name: "test_delete_changes", "DELETE FROM casework.operator_event"),
        Statement(name: "test_truncate_changes", "TRUNCATE casework.operator_event"),
    ]

    @Test(arguments: [nil, "dandelion_owner"])
    func eventsAreAppendOnlyEvenForTheirOwner(user: String?) async throws {
        try await withTestDatabase { database in
            let casework = try await CaseworkFixture(database)
            let before = try await OperatorStore().changes(limit: 1000, on: casework.pool)
            for change in Self.changes {
                let code: CaseworkError.Code?
                if let user {
                    code = try await database.withPool(user: user) { pool in
                        await refusal { try await pool.execute(change) }
                    }
                } else {
                    code = await refusal { try await database.pool.execute(change) }
                }
                #expect(code == .eventsAreAppendOnly, "\(change.name)")
            }
            #expect(try await OperatorStore().changes(limit: 1000, on: casework.pool) == before)
            #expect(!before.isEmpty)
        }
    }
}
