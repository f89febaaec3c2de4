import Casework
import Foundation
import Testing

@Suite struct CircumstancesTests {
    private let now = Date.beijing("2026-11-23 10:00")
    private let divisions: DivisionTree

    init() throws {
        self.divisions = try Deployment.divisions()
    }

    private func parse(_ circumstances: String, people: String = "{ \"role\": \"help_seeker\" }") throws
        -> IntakeRequest
    {
        let body = """
            { "channel": "hotline", "division": "150104", "categories": ["domestic_violence"],
              "people": [\(people)], "circumstances": \(circumstances) }
            """
        return try IntakeRequest.parse(Data(body.utf8), divisions: self.divisions, now: self.now)
    }

    @Test func whatIsToldBecomesFacts() throws {
        let request = try self.parse(
            """
            { "people": ["coerced", "respondent_family"], "minor_signs": ["many_injuries"], "flags": ["may_flare_up"],
              "places": { "respondent_home": "150203" }, "deadlines": { "limitation": "2026-11-28" },
              "handling_organ": "police" }
            """)
        let facts = request.facts(divisions: self.divisions, now: self.now)
        #expect(facts.people == [.coerced, .respondentFamily])
        #expect(facts.minorSigns == [.manyInjuries])
        #expect(facts.flags.isSuperset(of: [.mayFlareUp, .minor, .domesticViolence]))
        #expect(facts.places == [.respondentHome: .code("150203")])
        #expect(facts.days(to: .limitation, at: self.now) == 5)
        #expect(facts.handlingOrgan == .police)
        #expect(try IntakeRequest.parse(request.json(), divisions: self.divisions, now: self.now) == request)
        #expect(try JSONDecoder().decode(CaseFacts.self, from: JSONEncoder().encode(facts)) == facts)
    }

    @Test func agesSayWhoIsProtected() throws {
        let people = """
            { "role": "help_seeker", "birth_date": "1966-11-23" }, { "role": "child", "birth_date": "2013-01-01" },
            { "role": "child", "birth_date": "2009-01-01" }
            """
        let facts = try self.parse("{}", people: people).facts(divisions: self.divisions, now: self.now)
        #expect(facts.people == [.elderly, .minorChildren, .childUnder14])
    }

    @Test func aGuardianAgreesForAChild() throws {
        let body = """
            { "channel": "hotline", "division": "150104", "categories": ["family_conflict"], "needs": ["counselling"],
              "people": [{ "role": "help_seeker", "birth_date": "2015-01-01" }],
              "consents": [{ "agency_kinds": ["psychological_service"], "purpose": "counselling", "granted": true,
                "given_by": "guardian", "data_kinds": ["identity", "contact"] }] }
            """
        let request = try IntakeRequest.parse(Data(body.utf8), divisions: self.divisions, now: self.now)
        let facts = request.facts(divisions: self.divisions, now: self.now)
        #expect(facts.people.contains(.seekerUnder14) && facts.validConsents.count == 1)
        #expect(facts.consents.first?.dataKinds == [.identity, .contact])
        #expect(try IntakeRequest.parse(request.json(), divisions: self.divisions, now: self.now) == request)
    }

    @Test(arguments: [
        ("{ \"people\": [\"rich\"] }", "/circumstances/people/0", FieldProblem.Code.unknownValue),
        ("{ \"people\": [\"poor\", \"poor\"] }", "/circumstances/people/1", .duplicate),
        ("{ \"flags\": [\"safe\"] }", "/circumstances/flags/0", .unknownValue),
        ("{ \"places\": { \"case\": \"150104\" } }", "/circumstances/places/case", .unknownField),
        ("{ \"places\": { \"incident\": \"159999\" } }", "/circumstances/places/incident", .unknownDivision),
        ("{ \"deadlines\": { \"hearing\": \"2026-02-30\" } }", "/circumstances/deadlines/hearing", .impossibleDate),
        ("{ \"handling_organ\": \"army\" }", "/circumstances/handling_organ", .unknownValue),
        ("[]", "/circumstances", .wrongType),
    ])
    func whatIsWrongIsNamed(_ circumstances: String, _ field: String, _ code: FieldProblem.Code) {
        let rejection = #expect(throws: IntakeRejection.self) { try self.parse(circumstances) }
        #expect(
            rejection?.problems.contains { $0.field == field && $0.code == code } == true,
            "\(rejection?.problems ?? [])")
    }

    /// Facts stored before there were circumstances read as facts without any.
    @Test func olderFactsAreRead() throws {
        var object = try #require(
            try JSONSerialization.jsonObject(
                with: JSONEncoder().encode(CaseFacts(channel: .hotline, division: .code("150104")))) as? [String: Any])
        for key in ["people", "minor_signs", "places", "deadlines", "handling_organ", "outcomes", "breaches"] {
            object[key] = nil
        }
        let facts = try JSONDecoder().decode(CaseFacts.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(facts == CaseFacts(channel: .hotline, division: .code("150104")))
    }
}
