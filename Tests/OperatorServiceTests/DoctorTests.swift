import Casework
import CaseworkStore
import Contracts
import Foundation
import JobQueue
import Logging
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import OperatorService

struct DoctorTests {
    // MARK: What a measurement means

    @Test func theBudgetCountsPoolsListenersAndWorkers() {
        let budget = ConnectionBudget(replicas: ["intake": 2, "routing": 1], poolSize: 8, available: 97)
        #expect(budget.needed == 2 * 9 + 11)
        #expect(budget.finding.level == .ok)
    }

    @Test func aBudgetThatDoesNotFitFails() {
        var budget = ConnectionBudget(replicas: ["intake": 10], poolSize: 8, available: 89)
        #expect(budget.finding.level == .failed)
        budget.available = 100
        #expect(budget.finding.level == .warning)
        budget.available = 200
        #expect(budget.finding.level == .ok)
        budget.partners = 120
        #expect(budget.finding.level == .warning && budget.finding.said.contains("120 more"))
        budget.partners = 75
        #expect(budget.finding.level == .warning, "a fifth is left to operators")
    }

    @Test func replicasAreReadFromTheCommandLineAndFromTheServer() throws {
        #expect(try ConnectionBudget.replicas("intake=2,gateway=1") == ["intake": 2, "gateway": 1])
        #expect(throws: CommandFailure.self) { try ConnectionBudget.replicas("intake") }
        #expect(throws: CommandFailure.self) { try ConnectionBudget.replicas("postgres=1") }
        let names = ["dandelion-intake": 8, "dandelion-intake-listener": 2, "psql": 3]
        #expect(ConnectionBudget.replicas(applicationNames: names) == ["intake": 2])
    }

    @Test func oldServersAreRefused() {
        #expect(ServerChecks.version(["server_version_num": "140012"]).level == .failed)
        #expect(ServerChecks.version(["server_version_num": "150004"]).level == .ok)
        #expect(ServerChecks.version([:]).level == .failed)
    }

    @Test func aClockIsOnlyBlamedForWhatIsCertain() {
        #expect(ServerChecks.clock(difference: 0.2, uncertainty: 0.01).level == .ok)
        #expect(ServerChecks.clock(difference: -2, uncertainty: 0.01).level == .warning)
        #expect(ServerChecks.clock(difference: 2, uncertainty: 1.5).level == .ok)
        #expect(ServerChecks.clock(difference: -60, uncertainty: 0.1).level == .failed)
    }

    @Test func aServerThatForgetsFails() {
        func levels(_ settings: [String: String]) -> [Finding.Level] { ServerChecks.durability(settings).map(\.level) }
        #expect(levels(["fsync": "off", "synchronous_commit": "on"]) == [.failed, .ok])
        #expect(levels(["fsync": "on", "synchronous_commit": "off"]).first == .failed)
        #expect(levels(["fsync": "on", "synchronous_commit": "on", "archive_mode": "off"]) == [.ok, .warning])
        #expect(
            levels(["fsync": "on", "synchronous_commit": "on", "archive_mode": "on", "log_statement": "all"]).last
                == .warning)
    }

    @Test func holidaysThatAreMissingAreFound() throws {
        try TemporaryDirectory.with { directory in
            func finding(_ path: String?, _ now: String) throws -> Finding {
                NetworkChecks(fieldKeys: nil, indexKeys: nil, holidays: path)
                    .holidayFile(now: try Date(now, strategy: .iso8601))
            }
            let path = "\(directory)/holidays.csv"
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let shipped = try String(contentsOf: root.appending(path: "deploy/data/holidays.csv"), encoding: .utf8)
            try shipped.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try finding(path, "2026-11-30T00:00:00Z").level == .ok)
            let late = try finding(path, "2026-12-01T00:00:00Z")
            #expect(late.level == .warning)
            #expect(late.said.contains("2027"))
            #expect(late.remedy?.contains("State Council") == true)
            #expect(try finding(nil, "2026-12-01T00:00:00Z").remedy?.contains("--holidays") == true)
            #expect(try finding("\(directory)/none.csv", "2026-12-01T00:00:00Z").level == .failed)
            try "date,kind,name\n2026-10-01,holiday,国庆节\n".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try finding(path, "2026-11-30T00:00:00Z").level == .failed, "six holidays are missing")
            try "date,kind,name\n2026-10-41,holiday,国庆节\n".write(toFile: path, atomically: true, encoding: .utf8)
            let wrong = try finding(path, "2026-11-30T00:00:00Z")
            #expect(wrong.level == .failed)
            #expect(wrong.said.contains("line 2"))
        }
    }

    @Test func anOldSnapshotIsFound() {
        #expect(ServerChecks.snapshot(of: "x", transactions: 10, seconds: 1).level == .ok)
        #expect(ServerChecks.snapshot(of: "x", transactions: 300_000, seconds: nil).level == .warning)
        #expect(ServerChecks.snapshot(of: "x", transactions: 10, seconds: 4000).level == .failed)
    }

    // MARK: On a database

    private func finding(_ check: String, _ findings: [Finding]) throws -> Finding {
        try #require(findings.first { $0.check == check }, "\(findings.map(\.check))")
    }

    /// The list of what each role may call and the GRANTs of the migrations are the same.
    @Test func theMigrationsGrantExactlyWhatIsKnown() async throws {
        try await withTestDatabase { database in
            let findings = try await RightsCheck().findings(on: database.pool)
            #expect(findings.map(\.level) == [.ok, .ok, .ok], "\(findings.map(\.said))")
        }
    }

    @Test func rightsThatWereChangedByHandAreFound() async throws {
        try await withTestDatabase { database in
            let changes = [
                "GRANT SELECT ON casework.person TO dandelion_operator",
                "GRANT EXECUTE ON FUNCTION casework.receipt_status(bytea) TO PUBLIC",
                "REVOKE EXECUTE ON FUNCTION casework.lock_cases(uuid[], boolean) FROM dandelion_routing",
            ]
            for (index, change) in changes.enumerated() {
                try await database.pool.execute(Statement(name: "test_change_\(index)", unchecked: change))
            }
            let findings = try await RightsCheck().findings(on: database.pool)
            #expect(findings.map(\.level) == [.failed, .failed, .failed])
            #expect(findings[0].said.contains("dandelion_routing casework.lock_case"))
            #expect(findings[1].said.contains("dandelion_operator casework.person"))
            #expect(findings[2].said.contains("function casework.receipt_status"))
        }
    }

    @Test func anEmptyNetworkNamesEveryRemedy() async throws {
        try await withTestDatabase { database in
            let findings = try await NetworkChecks(fieldKeys: "/nonexistent/field-keys.json", indexKeys: nil)
                .findings(on: database.pool)
            #expect(try self.finding("field keys", findings).level == .failed)
            #expect(try self.finding("rules", findings).remedy?.contains("rules import") == true)
            #expect(try self.finding("divisions", findings).remedy?.contains("divisions import") == true)
            #expect(try self.finding("agencies", findings).remedy?.contains("agency import") == true)
        }
    }

    /// Routing seals to no key that is not signed; the doctor says to whose.
    @Test func agencyKeysThatNobodySignedAreFound() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                _ = try OnboardingKey.create(directory: directory)
                let file = "\(directory)/\(OnboardingKey.publicName)"
                let onboarding = try OnboardingKey(path: "\(directory)/\(OnboardingKey.secretName)")
                let division = try #require(DivisionCode("150000"))
                _ = try await DivisionStore().import(
                    [Division(code: division, name: "内蒙古", level: .region, parent: nil)], on: database.pool)
                func finding(_ file: String?) async throws -> Finding {
                    try self.finding(
                        "agency keys",
                        try await NetworkChecks(fieldKeys: nil, indexKeys: nil, onboardingKeys: file)
                            .findings(on: database.pool))
                }
                let key = try AgencyKeyPair.generate().publicKey
                var agency = NewAgency(code: "150000-police", kind: .police, name: "公安厅", division: division)
                agency.take(
                    try SealingKeys.sign(
                        key, of: agency.code, kind: .police, division: division, validFrom: nil, with: onboarding))
                _ = try await AgencyStore().put(agency, on: database.pool)
                #expect(try await finding(file).level == .ok)
                #expect(try await finding(nil).level == .warning)
                #expect(try await finding("\(directory)/none").level == .failed)
                agency.publicKey = try AgencyKeyPair.generate().publicKey.bytes
                _ = try await AgencyStore().put(agency, on: database.pool)
                let swapped = try await finding(file)
                #expect(swapped.level == .failed && swapped.said.contains("150000-police"), "\(swapped.said)")
                #expect(try await AgencyStore().setQuota(waiting: 1, bytes: nil, code: agency.code, on: database.pool))
                let full = AgencyQuotaChecks.finding(try await AgencyStore().backlogs(on: database.pool))
                #expect(full.level == .ok, "nothing waits")
                agency.keySignature = nil
                _ = try await AgencyStore().put(agency, on: database.pool)
                #expect(try await finding(nil).level == .failed)
            }
        }
    }

    /// Agencies seal what they say to the network's key: one that somebody put there is found.
    @Test func aNetworkKeyThatNobodySignedIsFound() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                _ = try OnboardingKey.create(directory: directory)
                let file = "\(directory)/\(OnboardingKey.publicName)"
                func finding(_ file: String?) async throws -> Finding {
                    NetworkKeyChecks(file: file).finding(
                        try await NetworkKeyStore().list(on: database.pool), now: Date())
                }
                func add(_ day: Double, _ onboarding: OnboardingKey) async throws -> SignedNetworkKey {
                    let key = try SignedNetworkKey(
                        NetworkKeyStatement(
                            key: AgencyKeyPair.generate().publicKey,
                            validFrom: Date(timeIntervalSinceNow: (day - 9) * 86_400)), signedBy: onboarding)
                    #expect(try await NetworkKeyStore().add(key, on: database.pool) == .done)
                    return key
                }
                #expect(try await finding(file).level == .warning, "there is none")
                _ = try await add(1, try OnboardingKey(path: "\(directory)/\(OnboardingKey.secretName)"))
                #expect(try await finding(file).level == .ok)
                #expect(try await finding(nil).level == .warning)
                #expect(try await finding("\(directory)/none").level == .failed)
                let strangers = try await add(2, .generate())
                let found = try await finding(file)
                #expect(found.level == .failed && found.said.contains("no onboarding key"), "\(found.said)")
                let id = strangers.statement.key.fingerprintText
                #expect(try await NetworkKeyStore().retire(id, on: database.pool))
                #expect(try await finding(file).level == .ok)
                // A point of small order, to which everybody has the key.
                try await database.pool.execute(
                    Statement(
                        name: "test_weak_key",
                        "UPDATE safeguarding.network_key SET public_key = decode(repeat('00', 32), 'hex')"))
                #expect(try await finding(file).level == .failed)
            }
        }
    }

    @Test func jobsThatNobodyWorksAreFound() async throws {
        try await withTestDatabase { database in
            let pool = database.pool
            let store = JobStore(bell: JobBell(pool: pool, logger: Logger(label: "test")))
            let job = try JobRequest(CaseOpened(caseID: UUID()), queue: Queues.routing)
            let handOver = try JobRequest(ReferralOffered(referralID: UUID()), queue: Queues.agency(UUID()))
            try await pool.withTransaction("test_enqueue") { transaction in
                try await store.enqueue(handOver, in: transaction)
            }
            #expect(try self.finding("queues", try await WorkChecks().findings(on: pool)).level == .warning)
            try await pool.withTransaction("test_enqueue") { transaction in
                try await store.enqueue(job, in: transaction)
            }
            let findings = try await WorkChecks().findings(on: pool)
            #expect(try self.finding("queues", findings).level == .failed)
            #expect(try self.finding("queues", findings).said.contains("routing (1)"))
            #expect(try self.finding("clocks of cases", findings).level == .ok)
        }
    }

    @Test func aWorkerWithoutAHeartbeatIsFound() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(
                Statement(
                    name: "test_worker",
                    """
                    INSERT INTO queue.worker (id, name, queues, slots, expires_at)
                    VALUES (gen_random_uuid(), 'gone', '{routing}', 1, clock_timestamp() - interval '1 minute')
                    """))
            let findings = try await WorkChecks().findings(on: database.pool)
            #expect(try self.finding("leases", findings).level == .failed)
        }
    }

    /// Leases of workers that are gone and dead letters are told without counting over jobs: a look stops at a thousand.
    @Test func whatIsManyIsNotCounted() async throws {
        try await withTestDatabase { database in
            for statement in [Self.lose, Self.deadLetters] { try await database.pool.execute(statement) }
            let findings = try await WorkChecks().findings(on: database.pool)
            #expect(try self.finding("leases", findings).said.contains("2 jobs are leased to workers that are gone"))
            #expect(try self.finding("dead letters", findings).said.contains("1000 or more"))
        }
    }

    private static let lose = Statement(
        name: "test_lose",
        """
        WITH made AS (
            INSERT INTO queue.job (queue, kind, args, state, lease_epoch, lease_number, worker_id)
            SELECT 'routing', 'case_opened', '{}', 'running', 1, n, '00000000-0000-0000-0000-000000000007'
            FROM generate_series(1, 2) AS n RETURNING id
        ), claimed AS (
            INSERT INTO queue.worker_claim (worker_id, number, jobs)
            SELECT '00000000-0000-0000-0000-000000000007', 1, array_agg(id) FROM made
        )
        INSERT INTO queue.lost_worker (id, lost_at)
        VALUES ('00000000-0000-0000-0000-000000000007', clock_timestamp() - interval '1 minute')
        """)
    private static let deadLetters = Statement(
        name: "test_dead_letters",
        """
        INSERT INTO queue.job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, finished_at, errors)
        SELECT n, gen_random_uuid(), 'routing', 'case_opened', '{}', 4, 'discarded', 1, 1, now(), now(), '[]'
        FROM generate_series(1, 1500) AS n
        """)

    @Test func operatorsMayRunEveryCheck() async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: "dandelion_operator") { pool in
                let examination = Examination(
                    server: ServerChecks(replicas: nil, poolSize: 8),
                    network: NetworkChecks(fieldKeys: nil, indexKeys: nil))
                let findings = try await examination.findings(on: pool)
                #expect(!findings.contains { $0.said.contains("could not be looked at") })
                for check in [
                    "server version", "clocks", "durability", "schema", "rights", "leases", "oldest snapshot",
                ] {
                    _ = try self.finding(check, findings)
                }
                #expect(try self.finding("schema", findings).level == .ok)
                #expect(try self.finding("superusers", findings).level == .ok)
            }
        }
    }

    @Test func aDatabaseWithoutSchemaIsOneFinding() async throws {
        try await withTestDatabase(.empty) { database in
            let examination = Examination(
                server: ServerChecks(replicas: nil, poolSize: 8), network: NetworkChecks(fieldKeys: nil, indexKeys: nil)
            )
            let findings = try await examination.findings(on: database.pool)
            #expect(findings.last?.check == "schema")
            #expect(findings.last?.level == .failed)
        }
    }

    @Test func eachLineHasItsRemedyBelow() {
        let text = DoctorCommand.text([.ok("rules", "fine"), .warning("agencies", "none", "add one")])
        #expect(
            text == """
                ok       rules     fine
                warning  agencies  none
                                   -> add one
                """)
    }
}
