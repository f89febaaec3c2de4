import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

/// S20, S22, S29: who sees the people of a case, access with a reason, and two 李女士 that stay two.
@Suite struct PeopleActionTests {
    private struct People: Decodable {
        struct Person: Decodable {
            let role: String
            let name: String?
            let phone: String?
        }

        let people: [Person]
    }

    private struct Matches: Decodable {
        struct Match: Decodable {
            let role: String
            let other_role: String
            let by_phone: Bool
            let other: String?
            let station: String
        }

        let matches: [Match]
    }

    private static func body(_ name: String, _ phone: String, division: String = "150104") -> String {
        """
        {"channel": "hotline", "division": "\(division)", "categories": ["advice"],
         "people": [{"role": "help_seeker", "name": "\(name)", "phone": "\(phone)"},
                    {"role": "reporter", "name": "测试邻居", "phone": "13900000777"}]}
        """
    }

    @Test func whoServesTheCaseReadsItsPeopleAndIsRecorded() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Self.body("测试李女士", "13900000011"))
            let path = "/v1/cases/\(opened.number)/people-reading"
            let answer = try await intake.send(.post, path, body: #"{"by":"S-0001"}"#)
            #expect(answer.status == .ok && answer.headers[.cacheControl] == "no-store")
            let people = try answer.json(People.self).people
            #expect(people.map(\.name) == ["测试李女士"], "who reported is kept secret")
            let supervised = try await intake.send(.post, path, body: #"{"by":"S-0002"}"#).json(People.self)
            #expect(supervised.people.count == 2)
            #expect(try await intake.send(.post, path, body: #"{"by":"S-0003"}"#).status == .forbidden)
            let reads = try await intake.text(
                "t_people_reads",
                "SELECT string_agg(actor, ',' ORDER BY id) FROM casework.event WHERE kind = 'people_read'")
            #expect(reads == "S-0001,S-0002")
        }
    }

    @Test func accessWithAReasonIsShortRecordedAndTheOwnerIsTold() async throws {
        try await withIntake { intake in
            let elsewhere = try #require(DivisionCode("150102"))
            let member = StaffMember(
                id: StaffID(rawValue: "S-0010"), roles: [.caseworker], divisions: [elsewhere], capacity: 1)
            _ = try await StaffStore().put(StaffEntry(member), on: intake.db.pool)
            let opened = try await intake.opened(Self.body("测试李女士", "13900000011"))
            let read = "/v1/cases/\(opened.number)/people-reading"
            let access = "/v1/cases/\(opened.number)/access"
            #expect(try await intake.send(.post, read, body: #"{"by":"S-0010"}"#).status == .forbidden)
            let reason = "来电人正在本站，需核对身份"
            #expect(try await intake.send(.post, access, body: #"{"by":"S-0010","reason":" x "}"#).status.code == 422)
            let granted = try await intake.send(.post, access, body: #"{"by":"S-0010","reason":"\#(reason)"}"#)
            #expect(granted.status == .ok && granted.text.contains("ends_at"))
            #expect(try await intake.send(.post, read, body: #"{"by":"S-0010"}"#).status == .ok)
            let stored = try await intake.text(
                "t_reason", "SELECT string_agg(encode(reason, 'escape'), '') FROM casework.access_grant")
            #expect(!stored.contains("核对"))
            let told = try await intake.text(
                "t_told",
                """
                SELECT (SELECT template FROM casework.message) || ' ' || (SELECT count(*) FROM queue.job
                    WHERE kind = 'notify_staff')::text || ' ' || (SELECT string_agg(kind, ',' ORDER BY id)
                    FROM casework.event WHERE kind IN ('access_opened', 'people_read'))
                """)
            #expect(told == "access_opened 1 access_opened,people_read")
            _ = try await intake.db.pool.execute(Self.endAccess)
            #expect(try await intake.send(.post, read, body: #"{"by":"S-0010"}"#).status == .forbidden)
        }
    }

    @Test func whoIsRelatedToAPartyNeitherReadsNorOpensAccess() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened(Self.body("测试李女士", "13900000011"))
            let related = try await intake.send(
                .post, "/v1/staff/relations", body: #"{"by":"S-0001","phone":"+86 139 0000 0011"}"#)
            #expect(related.status == .noContent)
            for path in ["people-reading", "matches-reading", "triage-reading"] {
                let answer = try await intake.send(
                    .post, "/v1/cases/\(opened.number)/\(path)", body: #"{"by":"S-0001"}"#)
                #expect(answer.status == .forbidden, "\(path)")
            }
            let access = try await intake.send(
                .post, "/v1/cases/\(opened.number)/access", body: #"{"by":"S-0001","reason":"需要核对身份"}"#)
            #expect(access.status == .forbidden)
            let stored = try await intake.text(
                "t_tokens", "SELECT string_agg(encode(token, 'escape'), '') FROM casework.staff_relation")
            #expect(!stored.contains("13900000011"))
            let nobody = try await intake.send(.post, "/v1/staff/relations", body: #"{"by":"S-9999","phone":"12345"}"#)
            #expect(nobody.status.code == 422)
        }
    }

    /// Two different 李女士: the same name is no match, the same number is a possible one, and no case is ever merged.
    @Test func twoOfTheSameNameStayTwo() async throws {
        try await withIntake { intake in
            let first = try await intake.opened(Self.body("测试李女士", "13900000011"))
            let second = try await intake.opened(Self.body("测试李女士", "13900000022", division: "150102"))
            let third = try await intake.opened(Self.body("测试王女士", "139 0000 0011", division: "150102"))
            func matches(_ number: String, by staff: String = "S-0001") async throws -> [Matches.Match] {
                let answer = try await intake.send(
                    .post, "/v1/cases/\(number)/matches-reading", body: #"{"by":"\#(staff)"}"#)
                #expect(answer.status == .ok && !answer.text.contains("女士"))
                return try answer.json(Matches.self).matches.filter { $0.role == "help_seeker" }
            }
            #expect(try await matches(second.number).isEmpty)
            #expect(try await matches(first.number).map(\.other) == [third.number])
            // Somebody who does not serve the other case learns that there is one, and whom to ask.
            let district = try #require(DivisionCode("150104"))
            let member = StaffMember(
                id: StaffID(rawValue: "S-0011"), roles: [.caseworker], divisions: [district], capacity: 1)
            _ = try await StaffStore().put(StaffEntry(member), on: intake.db.pool)
            let hidden = try await matches(first.number, by: "S-0011")
            #expect(hidden.map(\.other) == [nil] && hidden.first?.station.contains("新城区") == true)
            // Somebody finds out: they are two.
            let link = try await intake.send(
                .post, "/v1/cases/\(first.number)/links",
                body: #"{"by":"S-0001","other":"\#(third.number)","relation":"different"}"#)
            #expect(link.status == .ok)
            #expect(try await matches(first.number).isEmpty)
            let own = try await intake.send(
                .post, "/v1/cases/\(first.number)/links",
                body: #"{"by":"S-0001","other":"\#(first.number)","relation":"related"}"#)
            #expect(own.status.code == 422)
            #expect(try await intake.count("casework.cases") == 3, "nothing was merged")
            #expect(try await intake.count("casework.person") == 6)
        }
    }

    private static let endAccess = Statement(
        name: "t_end_access", "UPDATE casework.access_grant SET ends_at = clock_timestamp()")
}

/// S27: what words of the narrative ask for is asked; it is no fact, and the words are kept sealed.
@Suite struct TriageActionTests {
    static func lexicon() throws -> TriageLexicon {
        try TriageLexicon(yaml: String(decoding: try Repository.read("deploy/rules/triage.yaml"), as: UTF8.self))
    }

    static let told = "他昨天拿刀威胁我"

    static func body(telling told: String = Self.told) -> String {
        """
        {"channel": "hotline", "division": "150104", "categories": ["family_conflict"], "narrative": "\(told)",
         "people": [{"role": "help_seeker"}]}
        """
    }

    @Test func wordsAskAndChangeNothing() async throws {
        try await withIntake(lexicon: try Self.lexicon()) { intake in
            let opened = try await intake.opened(Self.body())
            let state = try await intake.text(
                "t_risk",
                """
                SELECT risk || ' ' || (facts -> 'risk_items')::text || ' ' || (SELECT string_agg(template, ',')
                    FROM casework.message) FROM casework.cases
                """)
            #expect(state.hasSuffix("[] re_assess"), "\(state)")
            let events = try await intake.text(
                "t_triage_event", "SELECT data::text FROM casework.event WHERE kind = 'triage_suggested'")
            #expect(events.contains("risk_item:weapon") && !events.contains("刀"))
            let stored = try await intake.text(
                "t_words", "SELECT string_agg(encode(words, 'escape'), '') FROM casework.triage")
            #expect(!stored.contains("刀"))
            let path = "/v1/cases/\(opened.number)"
            let read = try await intake.send(.post, "\(path)/triage-reading", body: #"{"by":"S-0001"}"#)
            #expect(read.status == .ok && read.text.contains("刀") && read.text.contains("risk_item:weapon"))
            let yes = try await intake.send(
                .post, "\(path)/triage-answers", body: #"{"by":"S-0001","subject":"risk_item:weapon","is_so":true}"#)
            #expect(yes.status == .ok)
            let risk = try await intake.text("t_risk2", "SELECT risk FROM casework.cases")
            #expect(risk == "imminent", "she said so")
            let again = try await intake.send(
                .post, "\(path)/triage-answers", body: #"{"by":"S-0001","subject":"risk_item:weapon","is_so":false}"#)
            #expect(again.status == .conflict)
            let jobs = try await intake.text("t_args", "SELECT string_agg(args::text, ' ') FROM queue.job")
            #expect(!jobs.contains("刀"))
        }
    }

    @Test func aNoTakesNothingAway() async throws {
        try await withIntake(lexicon: try Self.lexicon()) { intake in
            let opened = try await intake.opened(Self.body())
            let before = try await intake.text("t_before", "SELECT risk FROM casework.cases")
            let no = try await intake.send(
                .post, "/v1/cases/\(opened.number)/triage-answers",
                body: #"{"by":"S-0001","subject":"risk_item:weapon","is_so":false}"#)
            #expect(no.status == .ok)
            #expect(try await intake.text("t_after", "SELECT risk FROM casework.cases") == before)
        }
    }
}
