import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

/// What staff record through a client: who may, what is refused and how, and once for an Idempotency-Key.
@Suite struct ActionTests {
    private struct Revoked: Decodable {
        let number: String
        let revoked: Int
    }

    @Test func aConsentIsRecordedOnceForAKey() async throws {
        try await withIntake { intake in
            try await intake.addAgency("150104-legal-aid", .legalAidCentre)
            let opened = try await intake.opened()
            let path = "/v1/cases/\(opened.number)/consents"
            let body = #"{"by":"S-0001","agency_kinds":["legal_aid_centre"],"purpose":"legal_aid","granted":true}"#
            let first = try await intake.send(.post, path, body: body, idempotencyKey: "k1")
            #expect(first.status == .ok)
            #expect(try first.json(Revoked.self).revoked == 0)
            let again = try await intake.send(.post, path, body: body, idempotencyKey: "k1")
            #expect(again.status == .ok && again.headers[.init("Idempotency-Replayed")!] == "true")
            let other = try await intake.send(
                .post, path, body: body.replacing("true", with: "false"), idempotencyKey: "k1")
            #expect(other.status.code == 422)
            let events = try await intake.text(
                "t_consents",
                """
                SELECT string_agg(actor || ' ' || (data ->> 'purpose'), ',') FROM casework.event
                WHERE kind = 'consent_recorded'
                """)
            #expect(events == "S-0001 legal_aid")
            let jobs = try await intake.text(
                "t_changed", "SELECT count(*)::text FROM queue.job WHERE kind = 'case_changed'")
            #expect(jobs == "1", "routing looks once")
            let list = try await intake.send(.get, path)
            #expect(list.status == .ok && list.text.contains("legal_aid"))
        }
    }

    /// The issue's list: consent for an agency that does not exist is a clear error, and nothing is half applied.
    @Test(arguments: [
        (
            #"{"by":"S-0001","agency_kinds":["legal_aid_centre"],"agencies":["150104-nobody"],"purpose":"legal_aid","granted":true}"#,
            "/agencies/0"
        ),
        (#"{"by":"S-0001","agency_kinds":["court"],"purpose":"legal_aid","granted":true}"#, "/agency_kinds/0"),
        (
            #"{"by":"S-0001","agency_kinds":["police"],"agencies":["150104-legal-aid"],"purpose":"legal_aid","granted":true}"#,
            "/agencies/0"
        ),
        (#"{"by":"S-0001","agency_kinds":["legal_aid_centre"],"purpose":"everything","granted":true}"#, "/purpose"),
        (
            #"{"by":"S-0001","agency_kinds":["legal_aid_centre"],"purpose":"legal_aid","granted":true,"expires_at":"2020-01-01"}"#,
            "/expires_at"
        ),
        (#"{"by":"S-9999","agency_kinds":["legal_aid_centre"],"purpose":"legal_aid","granted":true}"#, "/by"),
        (#"{"agency_kinds":["legal_aid_centre"],"purpose":"legal_aid","granted":true}"#, "/by"),
        (#"{"by":"S-0001","agency_kinds":[],"purpose":"legal_aid","granted":true,"x":1}"#, "/x"),
    ])
    func aConsentThatCannotBeIsRefusedByItsField(body: String, field: String) async throws {
        try await withIntake { intake in
            try await intake.addAgency("150104-legal-aid", .legalAidCentre)
            try await intake.addAgency("150104-police", .police)
            let opened = try await intake.opened(Bodies.small())
            let answer = try await intake.send(.post, "/v1/cases/\(opened.number)/consents", body: body)
            #expect(answer.status.code == 422)
            #expect(try answer.json(Problem.self).errors?.map(\.field).contains(field) == true, "\(answer.text)")
            #expect(try await intake.count("casework.consent") == 0)
            let jobs = try await intake.text(
                "t_no_change", "SELECT count(*)::text FROM queue.job WHERE kind = 'case_changed'")
            #expect(jobs == "0")
        }
    }

    @Test func whoMayNotLearnsNothing() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Bodies.small())
            let body = #"{"by":"S-0001"}"#
            let path = "/v1/cases/\(opened.number)/consent-withdrawals"
            #expect(try await intake.send(.post, path, body: body, key: nil).status == .unauthorized)
            #expect(try await intake.send(.post, path, body: body, key: Intake.districtKey).status == .notFound)
            let nowhere = try await intake.send(.post, "/v1/cases/C-0000-0000/consent-withdrawals", body: body)
            #expect(nowhere.status == .notFound)
            let informant = try await intake.send(.post, path, body: #"{"by":"S-0003"}"#)
            #expect(informant.status == .forbidden)
            #expect(try await intake.send(.post, path, body: body).status == .conflict, "nothing to take back")
            #expect(try await intake.send(.post, path, body: "{").status.code == 400)
        }
    }

    @Test func closingSaysWhatStandsInTheWay() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Bodies.small())
            let path = "/v1/cases/\(opened.number)"
            let close = #"{"by":"S-0001","outcome":"advice_given"}"#
            let early = try await intake.send(.post, "\(path)/closing", body: close)
            #expect(early.status == .conflict)
            #expect(try early.json(Problem.self).errors?.map(\.code) == ["no_call_back"])
            let call = try await intake.send(
                .post, "\(path)/call-backs", body: #"{"by":"S-0001","result":"confirmed","satisfaction":5}"#)
            #expect(call.status == .ok)
            #expect(try await intake.send(.post, "\(path)/closing", body: close).status == .ok)
            let wrong = try await intake.send(
                .post, "\(path)/call-backs", body: #"{"by":"S-0001","result":"unreachable","satisfaction":5}"#)
            #expect(wrong.status.code == 422)
        }
    }

    /// A follow-up after the closing: the case is open again with this very answer, on its owner's time, for routing to see.
    @Test func aBadFollowUpOpensTheCaseAgain() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Bodies.small())
            let path = "/v1/cases/\(opened.number)/call-backs"
            _ = try await intake.send(.post, path, body: #"{"by":"S-0001","result":"confirmed"}"#)
            let id = try #require(
                UUID(uuidString: try await intake.text("t_case_id", "SELECT id::text FROM casework.cases")))
            try await intake.db.pool.withTransaction("t_close") { transaction in
                _ = try await CaseStore().close(id, outcome: .adviceGiven, actor: "test", in: transaction)
            }
            let bad = try await intake.send(.post, path, body: #"{"by":"S-0001","result":"unsafe"}"#)
            #expect(bad.status == .ok)
            let state = try await intake.text(
                "t_reopened",
                """
                SELECT concat_ws(' ', c.status, c.risk, k.kind, k.due_at > clock_timestamp(), c.outcome)
                FROM casework.cases AS c JOIN casework.clock AS k ON k.case_id = c.id AND k.state = 'running'
                """)
            #expect(state == "open high case_action t")
            let events = try await intake.text(
                "t_reopening",
                """
                SELECT string_agg(kind, ' ' ORDER BY id) FROM casework.event
                WHERE id > (SELECT id FROM casework.event WHERE kind = 'case_closed')
                """)
            #expect(events == "called_back risk_raised case_reopened clock_started risk_review_due")
            let told = try await intake.text(
                "t_told", "SELECT string_agg(template, ' ' ORDER BY template) FROM casework.message")
            #expect(told == "not_settled re_assess")
            let jobs = try await intake.text(
                "t_jobs", "SELECT count(*)::text FROM queue.job WHERE kind = 'case_changed'")
            #expect(jobs == "2", "one for each call")
        }
    }

    /// State changes the machine forbids: 409 with the allowed ones.
    @Test func aForbiddenChangeNamesTheAllowedOnes() async throws {
        try await withIntake { intake in
            let agency = try await intake.addAgency("150104-legal-aid", .legalAidCentre)
            let opened = try await intake.opened(Bodies.small())
            let referral = try await intake.refer(opened.number, to: agency)
            let path = "/v1/cases/\(opened.number)/referrals/\(referral)/status"
            let answer = try await intake.send(.post, path, body: #"{"by":"S-0001","status":"closed_verified"}"#)
            #expect(answer.status == .conflict)
            let detail = try answer.json(Problem.self).detail ?? ""
            #expect(detail.contains("requested") && detail.contains("cancelled") && detail.contains("entered_in_error"))
            #expect(try await intake.send(.post, path, body: #"{"by":"S-0001","status":"cancelled"}"#).status == .ok)
            let unknown = "/v1/cases/\(opened.number)/referrals/R-0000-0000/status"
            #expect(
                try await intake.send(.post, unknown, body: #"{"by":"S-0001","status":"cancelled"}"#).status
                    == .notFound)
        }
    }

    @Test func riskIsRaisedByOneAndLoweredByTwo() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Bodies.small())
            let path = "/v1/cases/\(opened.number)"
            let raised = try await intake.send(
                .post, "\(path)/assessments", body: #"{"by":"S-0001","occasion":"contact","items":["weapon"]}"#)
            #expect(raised.status == .ok && raised.text.contains("imminent"))
            let body = #"{"by":"S-0001","level":"low","withdrawing":["weapon"],"reason":"recorded_in_error"}"#
            #expect(try await intake.send(.post, "\(path)/risk-lowering", body: body).status == .ok)
            let confirm = "\(path)/risk-lowering/confirmation"
            #expect(try await intake.send(.post, confirm, body: #"{"by":"S-0001"}"#).status == .conflict)
            let done = try await intake.send(.post, confirm, body: #"{"by":"S-0002"}"#)
            #expect(done.status == .ok && done.text.contains("low"))
            #expect(try await intake.send(.post, confirm, body: #"{"by":"S-0002"}"#).status == .conflict)
            let unknown = try await intake.send(
                .post, "\(path)/assessments", body: #"{"by":"S-0001","occasion":"tea","items":["sword"]}"#)
            #expect(try unknown.json(Problem.self).errors?.map(\.field) == ["/occasion", "/items/0"])
        }
    }
}

extension Intake {
    @discardableResult
    func addAgency(_ code: String, _ kind: AgencyKind, at division: String = "150104") async throws -> UUID {
        try await AgencyStore().put(
            NewAgency(code: code, kind: kind, name: code, division: try #require(DivisionCode(division))),
            on: self.db.pool)
    }

    /// A referral as routing would have made it; returns its number.
    func refer(_ number: String, to agency: UUID, status: String = "requested") async throws -> String {
        var generator = SystemRandomNumberGenerator()
        let referral = ReferralNumber.random(using: &generator).rawValue
        try await self.db.pool.execute(Self.addRules)
        try await self.db.pool.execute(Self.addReferral, referral, number, agency, status)
        return referral
    }

    private static let addRules = Statement(
        name: "t_rules",
        "INSERT INTO casework.rule_set (yaml, checksum) SELECT '', '\\x00' WHERE NOT EXISTS (SELECT 1 FROM casework.rule_set)"
    )
    private static let addReferral = Statement(
        name: "t_referral",
        """
        INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version, explanation,
            legal_basis, consent_basis, priority, tier, outcome_clock)
        SELECT gen_random_uuid(), $1, c.id, $3, 'legal_aid', 'legal_aid', $4, (SELECT max(version) FROM casework.rule_set),
            '{}', '法律援助法', 'consent', 4, 'county', 'outcome' FROM casework.cases AS c WHERE c.number = $2
        """)
}
