import Casework
import CaseworkStore
import FoundationEssentials
import Logging
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// S33: after its time nothing in a case identifies anybody, unless somebody holds it; what happened stays.
@Suite struct RetentionTests {
    private func sweep(_ pool: PostgresPool, days: Int = 1826) -> RetentionSweep {
        RetentionSweep(
            pool: pool, keep: .seconds(days * 86_400), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    }

    private func closed(_ network: NetworkFixture) async throws -> UUID {
        let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
        try await network.callBack(.confirmed, on: caseID)
        try await network.route()
        #expect(try await network.status(of: caseID) == .closed)
        return caseID
    }

    private func hold(_ stands: Bool, _ network: NetworkFixture, _ caseID: UUID) async throws {
        try await network.act(on: caseID) { number, transaction in
            _ = try await RetentionStore().setHold(
                .lawsuit, stands: stands, on: number, by: NetworkFixture.supervisor, in: transaction)
        }
    }

    @Test func whatIsOverHoldsNobodyAnyMore() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await self.closed(network)
            try await database.pool.execute(Self.agencysText, caseID)
            let open = try await network.open("03-violence-baotou")
            try await network.route()
            let sweep = self.sweep(database.pool)
            #expect(try await sweep.sweep() == 0, "its time is not over")
            #expect(try await self.left(database.pool, caseID) > 0)
            try await database.pool.execute(Self.sixYearsLater)
            #expect(try await sweep.sweep() == 0, "a follow-up is still to come")
            try await database.pool.execute(Self.endFollowUps)
            try await self.hold(true, network, caseID)
            #expect(try await sweep.sweep() == 0, "a supervisor holds it")
            try await self.hold(false, network, caseID)
            #expect(try await sweep.sweep() == 1)
            #expect(try await self.left(database.pool, caseID) == 0)
            // That there was something stays.
            #expect(try await database.pool.execute(Self.erasedTexts).count == 1)
            let erasures = try await database.pool.execute(Self.erasures).map { try $0.decode(UUID.self) }
            #expect(erasures == [caseID], "the signer destroys what opens its entries")
            #expect(try await self.left(database.pool, open) > 0, "an open case has no time")
            let events = try await network.eventKinds(of: caseID)
            #expect(events.suffix(3) == ["hold_set", "hold_released", "case_anonymised"])
            #expect(events.contains("case_opened") && events.contains("referral_completed"))
            #expect(try await sweep.sweep() == 0)
            // What is gone cannot be held, and who is no supervisor holds nothing.
            await #expect(throws: CaseworkError.self) { try await self.hold(true, network, caseID) }
            await #expect(throws: CaseworkError.self) {
                try await network.act(on: open) { number, transaction in
                    _ = try await RetentionStore().setHold(
                        .audit, stands: true, on: number, by: NetworkFixture.worker, in: transaction)
                }
            }
        }
    }

    @Test func aHoldIsSetOnceAndReleasedOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            func code(_ stands: Bool) async -> CaseworkError.Code? {
                do {
                    try await self.hold(stands, network, caseID)
                    return nil
                } catch {
                    return (error as? CaseworkError)?.code
                }
            }
            #expect(await code(false) == .alreadySo)
            #expect(await code(true) == nil)
            #expect(await code(true) == .alreadySo)
            #expect(await code(false) == nil)
            #expect(await code(true) == nil, "and again")
        }
    }

    /// Two processes at once leave no case half done, and do none twice.
    @Test func sweepsSideBySideDoEachCaseOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            for _ in 0..<2 { _ = try await self.closed(network) }
            try await database.pool.execute(Self.sixYearsLater)
            try await database.pool.execute(Self.endFollowUps)
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await self.sweep(database.pool).sweep() } }
                return try await group.reduce(into: 0) { $0 += $1 }
            }
            #expect(counts == 2)
        }
    }

    /// Impact assessments go the same way (row 4-55): after three years, unless the rules still disclose what they speak of.
    @Test("4-55: the sweep deletes what its time is over and nothing that the rules rest on")
    func assessmentsWhoseTimeIsOverGo() async throws {
        try await withTestDatabase { database in
            _ = try await NetworkFixture(database)
            let before = try await AssessmentStore().list(on: database.pool).count
            try await database.pool.execute(Self.oldAssessment)
            let sweep = self.sweep(database.pool)
            #expect(try await sweep.forgetAssessments(now: Date().addingTimeInterval(-10 * 86_400)) == 0)
            #expect(try await sweep.forgetAssessments(now: Date()) == 1)
            #expect(try await sweep.forgetAssessments(now: Date().addingTimeInterval(3650 * 86_400)) == 0)
            #expect(try await AssessmentStore().list(on: database.pool).count == before)
        }
    }

    /// How much of a case still identifies somebody.
    private func left(_ pool: PostgresPool, _ caseID: UUID) async throws -> Int64 {
        try #require(try await pool.execute(Self.identifying, caseID).first).decode(Int64.self)
    }

    private static let oldAssessment = Statement(
        name: "test_old_assessment",
        """
        INSERT INTO casework.impact_assessment (reference, subject, title, assessed_by, assessed_on, lawfulness, necessity,
            impact, risk, measures, outcome, document, checksum, recorded_at, kept_until)
        SELECT 'old-one', 'disclosure', 'x', 'x', '2020-01-01', 'x', 'x', 'x', 'low', '{}', 'approved', 'x', '\\x00', t,
            t + interval '3 years'
        FROM (SELECT clock_timestamp() - interval '3 years 5 days' AS t) AS t
        """)
    private static let erasures = Statement(name: "test_erasures", "SELECT case_id FROM ledger.erasure")
    private static let sixYearsLater = Statement(
        name: "test_six_years",
        "UPDATE casework.cases SET closed_at = closed_at - interval '6 years' WHERE status = 'closed'")
    private static let endFollowUps = Statement(
        name: "test_end_follow_ups",
        """
        UPDATE casework.clock AS k SET state = 'met', ended_at = clock_timestamp() FROM casework.cases AS c
        WHERE c.id = k.case_id AND c.status = 'closed' AND k.state = 'running'
        """)
    private static let agencysText = Statement(
        name: "test_agencys_text",
        """
        INSERT INTO safeguarding.sealed_text (referral_id, agency_id, status, key_id, digest, size, sealed, attachments)
        SELECT r.id, r.agency_id, 'completed', 'k', '\\x00', 49, '\\x01', '[]' FROM casework.referral AS r
        WHERE r.case_id = $1 LIMIT 1
        """)
    private static let erasedTexts = Statement(
        name: "test_erased_texts", "SELECT 1 FROM safeguarding.sealed_text WHERE erased_at IS NOT NULL")
    private static let identifying = Statement(
        name: "test_identifying",
        """
        SELECT (SELECT count(*) FROM casework.person AS p WHERE p.case_id = $1 AND num_nonnulls(p.name, p.phone, p.email,
                p.birth_date, p.name_index, p.phone_index, p.email_index) > 0)
            + (SELECT count(*) FROM casework.contact_rule AS r JOIN casework.person AS p ON p.id = r.person_id
                WHERE p.case_id = $1)
            + (SELECT count(*) FROM casework.cases AS c WHERE c.id = $1 AND c.narrative IS NOT NULL)
            + (SELECT count(*) FROM casework.triage AS t WHERE t.case_id = $1)
            + (SELECT count(*) FROM safeguarding.sealed_package AS s JOIN casework.referral AS r ON r.id = s.referral_id
                WHERE r.case_id = $1)
            + (SELECT count(*) FROM safeguarding.sealed_text AS s JOIN casework.referral AS r ON r.id = s.referral_id
                WHERE r.case_id = $1 AND num_nonnulls(s.sealed, s.attachments) > 0)
        """)
}
