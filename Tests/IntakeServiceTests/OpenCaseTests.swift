import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import PostgresClient
import Safeguarding
import ServiceKit
import TestSupport
import Testing

@testable import IntakeService

/// Invariants 1, 2 and 4: a 201 is a case with an owner, a clock and its jobs, and nothing personal in clear.
@Suite struct OpenCaseTests {
    /// A kind that only data knows counts as soon as there is an agency of it; an agency is stored by what it is.
    @Test func aConsentMayNameAgencies() async throws {
        try await withIntake { intake in
            let body =
                Bodies.small().dropLast() + """
                    , "consents": [
                        {"agency_kinds": ["herders_association"], "agencies": ["150104-herders"], "purpose": "employment",
                         "granted": true},
                        {"agency_kinds": ["legal_aid_centre"], "purpose": "legal_aid", "granted": true}]}
                    """
            #expect(try await intake.send(body: String(body)).status == .unprocessableContent)
            try await intake.addAgency("150104-herders", AgencyKind(rawValue: "herders_association"))
            #expect(try await intake.send(body: String(body)).status == .created)
            let stored = try await intake.text(
                "t_named",
                """
                SELECT string_agg(c.purpose || ' ' || coalesce(a.code, '-'), ', ' ORDER BY c.purpose)
                FROM casework.consent AS c LEFT JOIN casework.agency AS a ON a.id = ANY (c.agencies)
                """)
            #expect(stored == "employment 150104-herders, legal_aid -")
        }
    }

    @Test func aRequestOpensACaseWithOwnerClockAndJobs() async throws {
        try await withIntake { intake in
            let before = Date()
            let response = try await intake.send(body: Bodies.full)
            #expect(response.status == .created)
            let opened = try response.json(Opened.self)
            #expect(CaseNumber.parse(opened.number)?.rawValue == opened.number)
            #expect(opened.status == "received")
            #expect(opened.owner_station == "玉泉区妇联维权站")
            #expect(response.headers[.location] == "/v1/cases/\(opened.number)")
            // A weapon is imminent danger: 15 minutes, built in while no rule set is loaded.
            let due = try #require(RFC3339.parse(opened.first_response_due_at))
            #expect(abs(due.timeIntervalSince(before) - 15 * 60) < 30)
            #expect(opened.first_response_due_at.hasSuffix(".000+08:00"))

            let facts = try await intake.text(
                "t_case", "SELECT risk || ' ' || channel || ' ' || status FROM casework.cases WHERE number = $1",
                opened.number)
            #expect(facts == "imminent hotline open")
            let clocks = try await intake.text(
                "t_clock", "SELECT string_agg(kind || ' ' || name || ' ' || state, ',') FROM casework.clock")
            #expect(clocks == "first_response first_response_p0 running")
            let jobs = try await intake.text(
                "t_jobs",
                """
                SELECT string_agg(concat_ws(' ', kind, queue, state, priority), ', ' ORDER BY kind) FROM queue.job
                """)
            #expect(jobs == "case_opened routing available 0", "the clock is its own schedule")
            let events = try await intake.text(
                "t_events", "SELECT string_agg(kind, ' ' ORDER BY id) FROM casework.event")
            #expect(events == "case_opened owner_assigned clock_started")
        }
    }

    @Test(arguments: [("advice", "low", 5), ("divorce", "medium", 3), ("domestic_violence", "high", 1)])
    func theRiskDecidesThePriority(category: String, risk: String, priority: Int) async throws {
        try await withIntake { intake in
            let response = try await intake.send(body: Bodies.small(category: category))
            #expect(response.status == .created)
            let found = try await intake.text(
                "t_priority",
                "SELECT concat_ws(' ', (SELECT risk FROM casework.cases), min(priority), max(priority)) FROM queue.job"
            )
            #expect(found == "\(risk) \(priority) \(priority)")
        }
    }

    @Test func jobArgumentsHoldIdsOnly() async throws {
        try await withIntake { intake in
            _ = try await intake.opened()
            let keys = try await intake.text(
                "t_args",
                """
                SELECT string_agg(
                    key || CASE WHEN value #>> '{}' ~* '^[0-9a-f-]{36}$' THEN ' id' ELSE ' ' || (value #>> '{}') END,
                    ', ' ORDER BY key)
                FROM queue.job, jsonb_each(args)
                """)
            #expect(keys == "case_id id, version 1")
        }
    }

    @Test func anAnonymousCaseIsACase() async throws {
        try await withIntake { intake in
            let response = try await intake.send(body: Bodies.small())
            #expect(response.status == .created)
            let flags = try await intake.text("t_flags", "SELECT facts ->> 'flags' FROM casework.cases")
            #expect(flags.contains("anonymous"))
        }
    }

    @Test func theClockIsTheActiveRuleSets() async throws {
        let rules = try String(decoding: Repository.read("deploy/rules/network.yaml"), as: UTF8.self)
        let expected = try RuleSet(yaml: rules).firstResponse(for: .low)
        try await withIntake(rules: rules) { intake in
            _ = try await intake.opened(Bodies.small())
            let clock = try await intake.text("t_rule_clock", "SELECT name || ' ' || basis FROM casework.clock")
            #expect(clock == "\(expected.name) \(expected.basis)")
        }
    }

    @Test func anUnreadableRuleSetRefusesNoCase() async throws {
        try await withIntake(rules: "this is: [not a rule set") { intake in
            let response = try await intake.send(body: Bodies.small())
            #expect(response.status == .created)
            let clock = try await intake.text("t_default_clock", "SELECT name FROM casework.clock")
            #expect(clock == "first_response_p3")
        }
    }

    /// S30: whoever has the whole database, and not the keys, learns no name, number, address or word.
    @Test func noPersonalDataIsReadableInTheDatabase() async throws {
        try await withIntake { intake in
            _ = try await intake.opened(Bodies.full, idempotencyKey: "dump")
            let dump = try await wholeDatabase(intake)
            #expect(dump.contains("domestic_violence"), "the dump is empty")
            let secrets = [
                Bodies.name, Bodies.phone, Bodies.email, Bodies.respondentName, "139-0000-0002", "13900000002",
                Bodies.narrative, Bodies.codeWord, "1988-02-29", Intake.regionKey,
            ]
            for secret in secrets {
                let bytes = Array(secret.utf8)
                let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                #expect(!dump.contains(secret))
                #expect(!dump.contains(hex))
                #expect(!dump.contains(Data(bytes).base64EncodedString().prefix(while: { $0 != "=" })))
            }
        }
    }

    private func wholeDatabase(_ intake: Intake) async throws -> String {
        var dump = ""
        let tables = Statement(
            name: "t_tables",
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname IN ('casework', 'queue', 'safeguarding')
            """)
        for row in try await intake.db.pool.execute(tables) {
            let table = try row.decode(String.self)
            let rows = Statement(
                name: "t_dump_\(table)", unchecked: "SELECT coalesce(string_agg(t::text, ' '), '') FROM \(table) AS t")
            dump += try #require(try await intake.db.pool.execute(rows).first).decode(String.self)
        }
        return dump
    }

    @Test func sealedFieldsOpenForTheirOwnRowAndAreFoundByIndex() async throws {
        try await withIntake { intake in
            _ = try await intake.opened()
            let statement = Statement(
                name: "t_person",
                "SELECT id, name, phone, birth_date, phone_index FROM casework.person WHERE role = 'help_seeker'")
            let row = try #require(try await intake.db.pool.execute(statement).first)
            let (id, name, phone, birthDate, index) = try row.decode(
                (UUID, [UInt8], [UInt8], [UInt8], [UInt8]).self)
            let cipher = FieldCipher(keyring: intake.keyring)
            #expect(try cipher.open(name, .personName, row: id) == Bodies.name)
            #expect(try cipher.open(phone, .personPhone, row: id) == Bodies.phone)
            #expect(try cipher.open(birthDate, .personBirthDate, row: id) == "1988-02-29")
            #expect(index == intake.index.index("+86 139 0000 0001", of: .phone))
        }
    }

    @Test func storedContactRulesPassTheirTag() async throws {
        try await withIntake { intake in
            _ = try await intake.opened()
            let person = try await intake.text(
                "t_seeker", "SELECT id::text FROM casework.person WHERE role = 'help_seeker'")
            let id = try #require(UUID(uuidString: person))
            let record = try #require(try await MessageStore().contactRules(of: id, on: intake.db.pool).first)
            let rule = SafeContact(
                id: record.id, personID: record.personID, channel: record.channel, days: record.days,
                fromMinute: record.fromMinute, toMinute: record.toMinute, neverMention: record.neverMention,
                codeWordHash: record.codeWord, confirmedAt: record.confirmedAt, expiresAt: record.expiresAt)
            let authenticator = SafeContactAuthenticator(keyring: intake.keyring)
            let verified = try #require(authenticator.verify(rule, tag: record.tag, person: id))
            #expect(authenticator.isCodeWord(Bodies.codeWord, of: verified))
            #expect((rule.fromMinute, rule.toMinute) == (22 * 60, 6 * 60))
            #expect(rule.neverMention)
        }
    }

    @Test(arguments: [
        ("", 0), (#", "reporter_may_be_contacted": false"#, 0), (#", "reporter_may_be_contacted": true"#, 1),
    ])
    func aReporterIsContactedOnlyWhenAsked(addition: String, rules: Int) async throws {
        let body = """
            {"channel": "grid_worker", "division": "150104", "categories": ["minor_harm"],
             "people": [{"role": "help_seeker"}, {"role": "reporter", "phone": "13900000003"}],
             "safe_contact": [
                {"person": 1, "channel": "phone", "days": [1], "from": "09:00", "to": "10:00"}]\(addition)}
            """
        try await withIntake { intake in
            let response = try await intake.send(body: body)
            #expect(response.status == .created)
            #expect(try await intake.count("casework.contact_rule") == rules)
        }
    }
}
