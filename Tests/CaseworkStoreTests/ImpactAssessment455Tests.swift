import Casework
import CaseworkStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// Row 4-55 影响评估 (个人信息保护法 55, 56): assessed before anything new is disclosed, and kept for three years at least.
@Suite("4-55 影响评估") struct ImpactAssessment455Tests {
    private static func pair(
        _ kind: AgencyKind, _ purpose: Purpose = .legalAid, _ fields: String...
    ) -> RuleDisclosure {
        RuleDisclosure(agencyKind: kind, purpose: purpose, profile: .legalAid, fields: fields)
    }

    private static func assessment(
        _ reference: String, _ disclosures: [RuleDisclosure], outcome: ImpactAssessment.Outcome = .approved,
        validUntil: String? = nil, title: String = "x"
    ) -> ImpactAssessment {
        ImpactAssessment(
            reference: reference, subject: disclosures.isEmpty ? .processing : .disclosure, title: title,
            processing: disclosures.isEmpty ? "统计" : nil, assessedBy: "权益部",
            assessedOn: LocalDate("2020-01-01") ?? LocalDate(dayNumber: 0),
            validUntil: validUntil.flatMap { LocalDate($0) }, lawfulness: "l", necessity: "n", impact: "i", risk: .low,
            measures: [], outcome: outcome, document: "d", disclosures: disclosures)
    }

    private static func activate(
        _ text: String, _ disclosures: [RuleDisclosure], on pool: PostgresPool
    ) async throws -> Int64 {
        try await RuleSetStore().activate(
            yaml: text, checksum: hash(UInt8(text.utf8.reduce(0) { $0 + Int($1) } % 256)), disclosures: disclosures,
            on: pool)
    }

    /// Says no and leaves everything as it was.
    private static func refuses(
        _ text: String, _ disclosures: [RuleDisclosure], on pool: PostgresPool
    ) async throws -> [AssessedDisclosure.Obstacle] {
        let before = try await RuleSetStore().active(on: pool)
        let events = try await OperatorStore().changes(limit: 1000, on: pool).count
        let error = await #expect(throws: CaseworkError.self) { try await self.activate(text, disclosures, on: pool) }
        #expect(error?.code == .notAssessed)
        #expect(try await RuleSetStore().active(on: pool) == before)
        #expect(try await OperatorStore().changes(limit: 1000, on: pool).count == events)
        return try await AssessmentStore().assess(disclosures, on: pool).compactMap(\.obstacle)
    }

    @Test("4-55: what is new or wider than what is in force waits for its assessment")
    func nothingNewIsDisclosedUnassessed() async throws {
        try await withTestDatabase { database in
            let (pool, store) = (database.pool, AssessmentStore())
            let narrow = Self.pair(.court, .legalAid, "division")
            let wide = Self.pair(.court, .legalAid, "division", "needs")
            let other = Self.pair(.court, .petition, "division")
            #expect(try await Self.refuses("one", [narrow], on: pool) == [.new])
            #expect(try await store.record(Self.assessment("a-1", [narrow]), on: pool))
            let first = try await Self.activate("one", [narrow], on: pool)
            #expect(try await Self.activate("one", [narrow], on: pool) == first, "the same again")

            #expect(try await Self.refuses("two", [wide], on: pool) == [.widened])
            #expect(try await Self.refuses("two", [narrow, other], on: pool) == [.new])
            #expect(
                try await Self.refuses("one", [wide], on: pool) == [.widened],
                "the text is the same, the profile is not")
            #expect(try await store.record(Self.assessment("a-2", [wide]), on: pool))
            let second = try await Self.activate("two", [wide], on: pool)
            #expect(second > first)
            // Less than what is in force needs nothing, and what was once approved is approved.
            #expect(try await Self.activate("three", [narrow], on: pool) > second)
            #expect(try await Self.activate("four", [wide], on: pool) > second)
            #expect(try await store.assess([wide], on: pool).first?.assessment == "a-2")
        }
    }

    @Test("4-55: a draft goes through the same door")
    func aDraftIsRefusedAlike() async throws {
        try await withTestDatabase { database in
            let (pool, drafts) = (database.pool, RuleDraftStore())
            let pair = Self.pair(.police, .legalAid, "division")
            let draft = try await drafts.load(name: "1", yaml: "one", checksum: hash(1), on: pool)
            let error = await #expect(throws: CaseworkError.self) {
                try await drafts.activate(draft, disclosures: [pair], on: pool)
            }
            #expect(error?.code == .notAssessed)
            #expect(try await drafts.list(limit: 1, on: pool).first?.version == nil)
            #expect(try await RuleSetStore().active(on: pool) == nil)
            _ = try await AssessmentStore().record(Self.assessment("a-1", [pair]), on: pool)
            #expect(try await drafts.activate(draft, disclosures: [pair], on: pool) != nil)
        }
    }

    @Test("4-55: a refusal stops what was approved before, a later approval lets it go on")
    func theLatestAssessmentCounts() async throws {
        try await withTestDatabase { database in
            let (pool, store) = (database.pool, AssessmentStore())
            let pair = Self.pair(.police, .legalAid, "division", "needs")
            let less = Self.pair(.police, .legalAid, "division")
            _ = try await store.record(Self.assessment("a-1", [pair]), on: pool)
            _ = try await Self.activate("one", [pair], on: pool)
            _ = try await store.record(Self.assessment("a-2", [pair], outcome: .refused), on: pool)
            #expect(try await Self.refuses("two", [pair], on: pool) == [.refused])
            _ = try await Self.activate("three", [less], on: pool)
            _ = try await store.record(Self.assessment("a-3", [pair]), on: pool)
            _ = try await Self.activate("two", [pair], on: pool)
        }
    }

    @Test("4-55: an approval that ran out allows nothing new and does not stop what is in force")
    func anApprovalRunsOut() async throws {
        try await withTestDatabase { database in
            let (pool, store) = (database.pool, AssessmentStore())
            let pair = Self.pair(.police, .legalAid, "division")
            _ = try await store.record(Self.assessment("a-1", [pair], validUntil: "2020-12-31"), on: pool)
            #expect(try await Self.refuses("one", [pair], on: pool) == [.lapsed])
            _ = try await store.record(Self.assessment("a-2", [pair], validUntil: "2999-12-31"), on: pool)
            _ = try await Self.activate("one", [pair], on: pool)
            #expect(try await store.assess([pair], on: pool).map(\.isLapsed) == [false])
        }
    }

    @Test("4-55: what was recorded is what was assessed, by a login, for good")
    func anAssessmentIsRecordedOnceAndNotChanged() async throws {
        try await withTestDatabase { database in
            let store = AssessmentStore()
            let one = Self.assessment("a-1", [Self.pair(.police, .legalAid, "division")])
            try await database.withPool(user: "dandelion_operator") { pool async throws -> Void in
                #expect(try await store.record(one, on: pool))
                #expect(try await !store.record(one, on: pool))
                let error = await #expect(throws: CaseworkError.self) {
                    try await store.record(Self.assessment("a-1", one.disclosures, title: "y"), on: pool)
                }
                #expect(error?.code == .notPossible)
                let found = try #require(try await store.list(reference: "a-1", on: pool).first)
                #expect(found.assessment == one && found.recordedBy == "dandelion_operator" && found.holds.isEmpty)
                let event = try #require(try await OperatorStore().changes(limit: 1, on: pool).first)
                #expect(event.kind == "assessment_recorded" && event.subject == "a-1")
            }
            for statement in Self.tampering {
                await #expect(throws: PostgresError.self) { try await database.pool.execute(statement) }
            }
            #expect(try await store.list(on: database.pool).map(\.assessment) == [one])
        }
    }

    @Test("4-55: none is deleted before three years, while it is held, or while the rules disclose what it speaks of")
    func theyAreKeptThreeYears() async throws {
        try await withTestDatabase { database in
            let (pool, store) = (database.pool, AssessmentStore())
            let inForce = Self.pair(.police, .legalAid, "division")
            _ = try await store.record(Self.assessment("young", [Self.pair(.court, .legalAid, "division")]), on: pool)
            // As they were recorded then: nothing can be dated back afterwards.
            for (reference, subject) in [("old", "disclosure"), ("held", "disclosure"), ("endless", "processing")] {
                try await pool.execute(Self.threeYearsOld, reference, subject)
            }
            try await pool.execute(Self.threeYearsOld, "in-force", "disclosure")
            try await pool.execute(Self.covers, "in-force")
            _ = try await Self.activate("one", [inForce], on: pool)
            try await database.withPool(user: "dandelion_operator") { operators async throws -> Void in
                #expect(try await store.setHold(.complaint, stands: true, on: "held", on: operators))
                #expect(try await !store.setHold(.complaint, stands: true, on: "nothing", on: operators))
            }
            func left() async throws -> Set<String> {
                Set(try await store.list(on: pool).map(\.assessment.reference))
            }
            let all = try await left()
            try await database.withPool(user: "dandelion_routing") { routing async throws -> Void in
                let now = Date()
                #expect(try await store.forget(now: now.addingTimeInterval(-2 * 86_400), limit: 9, on: routing) == 0)
                #expect(try await left() == all, "a day short of its three years")
                // A clock that is ten years ahead deletes what is old and nothing else.
                #expect(try await store.forget(now: now.addingTimeInterval(3650 * 86_400), limit: 9, on: routing) == 1)
                #expect(try await left() == all.subtracting(["old"]))
                #expect(try await store.forget(now: now, limit: 9, on: routing) == 0)
            }
            #expect(try await store.setHold(.complaint, stands: false, on: "held", on: pool))
            let twice = await #expect(throws: CaseworkError.self) {
                try await store.setHold(.complaint, stands: false, on: "held", on: pool)
            }
            #expect(twice?.code == .alreadySo)
            #expect(try await store.forget(now: Date(), limit: 9, on: pool) == 1)
            _ = try await Self.activate("two", [], on: pool)
            #expect(try await store.forget(now: Date(), limit: 9, on: pool) == 1, "no longer disclosed")
            #expect(try await left() == ["young", "endless"])
            let kinds = try await OperatorStore().changes(limit: 100, on: pool).map(\.kind)
            #expect(kinds.count { $0 == "assessment_forgotten" } == 3)
            #expect(kinds.contains("assessment_held") && kinds.contains("assessment_released"))
        }
    }

    private static let threeYearsOld = Statement(
        name: "test_old_assessment",
        """
        INSERT INTO casework.impact_assessment (reference, subject, title, processing, assessed_by, assessed_on, lawfulness,
            necessity, impact, risk, measures, outcome, document, checksum, recorded_at, kept_until)
        SELECT $1, $2, 'x', CASE WHEN $2 = 'processing' THEN 'x' END, 'x', '2020-01-01', 'x', 'x', 'x', 'low', '{}',
            'approved', 'x', '\\x00', t, t + interval '3 years'
        FROM (SELECT clock_timestamp() - interval '3 years 1 day' AS t) AS t
        """)

    private static let covers = Statement(
        name: "test_old_disclosure",
        """
        INSERT INTO casework.impact_assessment_disclosure (assessment, agency_kind, purpose, profile, fields)
        SELECT number, 'police', 'legal_aid', 'legal_aid', '{division}' FROM casework.impact_assessment WHERE reference = $1
        """)

    private static let tampering = [
        Statement(name: "test_t1", "UPDATE casework.impact_assessment SET outcome = 'refused'"),
        Statement(name: "test_t2", "DELETE FROM casework.impact_assessment"),
        Statement(name: "test_t3", "TRUNCATE casework.impact_assessment CASCADE"),
        Statement(name: "test_t4", "UPDATE casework.impact_assessment_disclosure SET fields = '{a}'"),
        Statement(name: "test_t5", "DELETE FROM casework.impact_assessment_disclosure"),
        Statement(
            name: "test_t6",
            "INSERT INTO casework.impact_assessment (reference, subject, title, assessed_by, assessed_on, lawfulness, necessity, impact, risk, measures, outcome, document, checksum, recorded_at, kept_until) VALUES ('a-9', 'disclosure', 'x', 'x', '2020-01-01', 'x', 'x', 'x', 'low', '{}', 'approved', 'x', '\\x00', now(), now() + interval '1 day')"
        ),
    ]
}
