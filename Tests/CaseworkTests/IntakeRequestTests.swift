import Casework
import Foundation
import Testing

@Suite struct IntakeRequestTests {
    let now = Date.beijing("2026-11-23 10:00")
    let divisions: DivisionTree

    init() throws {
        self.divisions = try Deployment.divisions()
    }

    static let good = """
        {"channel":"hotline","division":"150104","categories":["family_conflict"],"needs":["mediation"],
         "narrative":"……","risk":{"fear":true,"weapon":false},
         "people":[{"role":"help_seeker","name":"甲","phone":"000-0000-0001","email":"a@example.org","birth_date":"1990-02-28",
                    "sex":"female","capacity":"full"},{"role":"child","birth_date":"2020-01-01","capacity":"none"}],
         "consents":[{"agency_kinds":["mediation_committee"],"purpose":"mediation","granted":true,"expires_at":"2026-12-31"}],
         "safe_contact":[{"person":0,"channel":"email","days":[1,2,3],"from":"22:00","to":"06:00","code_word":"花","never_mention":true}],
         "reporter_may_be_contacted":null}
        """

    private func parse(_ text: String) throws(IntakeRejection) -> IntakeRequest {
        try IntakeRequest.parse(Data(text.utf8), divisions: self.divisions, now: self.now)
    }

    private func problems(_ text: String) -> [FieldProblem] {
        do {
            _ = try self.parse(text)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func aGoodRequestIsRead() throws {
        let request = try self.parse(Self.good)
        #expect(request.people.count == 2)
        #expect(request.risk.items == [.fear])
        #expect(request.riskLevel == .medium)
        #expect(request.consents.first?.expiresAt == .beijing("2027-01-01 00:00"))
        #expect(request.safeContacts.first?.from?.description == "22:00")
        #expect(request.reporterMayBeContacted == nil)
        #expect(request.flags(on: LocalDate(inBeijing: self.now)) == [])
    }

    @Test func whatIsWrittenReadsBack() throws {
        let request = try self.parse(Self.good)
        let again = try IntakeRequest.parse(try request.json(), divisions: self.divisions, now: self.now)
        #expect(again == request)
        #expect(request.validate(now: self.now, divisions: self.divisions) == [])
    }

    @Test(arguments: [
        (#""hotline""#, #""telex""#, "/channel", FieldProblem.Code.unknownValue),
        (#""hotline""#, "7", "/channel", .wrongType),
        (#""channel":"hotline","#, "", "/channel", .missing),
        (#""channel":"hotline","#, #""chanel":"hotline","#, "/chanel", .unknownField),
        (#""150104""#, #""150199""#, "/division", .unknownDivision),
        (#""150104""#, #""玉泉区""#, "/division", .malformed),
        (#"["family_conflict"]"#, "[]", "/categories", .empty),
        (#"["family_conflict"]"#, #"["family_conflict","family_conflict"]"#, "/categories/1", .duplicate),
        (#"["family_conflict"]"#, #"["quarrel"]"#, "/categories/0", .unknownValue),
        (#"["mediation"]"#, #"[3]"#, "/needs/0", .wrongType),
        (#""fear":true"#, #""fear":"yes""#, "/risk/fear", .wrongType),
        (#""fear":true"#, #""dread":true"#, "/risk/dread", .unknownField),
        (#""role":"help_seeker""#, #""role":"witness""#, "/people", .missing),
        (#""role":"help_seeker""#, #""role":"hero""#, "/people/0/role", .unknownValue),
        (#""1990-02-28""#, #""1990-02-30""#, "/people/0/birth_date", .impossibleDate),
        (#""1990-02-28""#, #""2027-02-28""#, "/people/0/birth_date", .outOfRange),
        (#""1990-02-28""#, #""1790-02-28""#, "/people/0/birth_date", .outOfRange),
        (#""000-0000-0001""#, #""call me""#, "/people/0/phone", .malformed),
        (#""a@example.org""#, #""a@b""#, "/people/0/email", .malformed),
        (#""a@example.org""#, #""a@example.org\r\nBcc: b@example.org""#, "/people/0/email", .malformed),
        (#""sex":"female""#, #""sex":"f""#, "/people/0/sex", .unknownValue),
        (#"["mediation_committee"]"#, "[]", "/consents/0/agency_kinds", .empty),
        (#"["mediation_committee"]"#, #"["Mediation Committee"]"#, "/consents/0/agency_kinds/0", .unknownValue),
        (#""purpose":"mediation""#, #""purpose":"talk""#, "/consents/0/purpose", .unknownValue),
        (#""granted":true"#, #""granted":1"#, "/consents/0/granted", .wrongType),
        (#""2026-12-31""#, #""2026-11-22""#, "/consents/0/expires_at", .outOfRange),
        (#""2026-12-31""#, #""2026-12-32""#, "/consents/0/expires_at", .impossibleDate),
        (#""person":0"#, #""person":2"#, "/safe_contact/0/person", .outOfRange),
        (#""person":0"#, #""person":0.5"#, "/safe_contact/0/person", .wrongType),
        (#""person":0"#, #""person":1"#, "/safe_contact/0/channel", .inconsistent),
        (#"[1,2,3]"#, "[0]", "/safe_contact/0/days/0", .outOfRange),
        (#"[1,2,3]"#, "[1,1]", "/safe_contact/0/days/1", .duplicate),
        (#"[1,2,3]"#, "[]", "/safe_contact/0/days", .empty),
        (#""22:00""#, #""24:00""#, "/safe_contact/0/from", .impossibleTime),
        (#""to":"06:00""#, #""to":"22:00""#, "/safe_contact/0/to", .inconsistent),
        (#","to":"06:00""#, "", "/safe_contact/0/to", .missing),
        (#""narrative":"……""#, #""narrative":"\u0000""#, "/narrative", .malformed),
    ])
    func eachWrongFieldIsNamed(_ old: String, _ new: String, _ field: String, _ code: FieldProblem.Code) {
        #expect(Self.good.contains(old))
        let broken = Self.good.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(
            separator: new)
        let problems = self.problems(broken)
        #expect(problems.contains { $0.field == field && $0.code == code }, "\(problems)")
    }

    @Test func everythingWrongIsNamedAtOnce() {
        let problems = self.problems(
            #"{"channel":1,"division":"x","categories":[],"people":[{"role":"hero"}],"foo":1}"#)
        #expect(
            Set(problems.map(\.field)) == ["/channel", "/division", "/categories", "/people/0/role", "/foo"])
    }

    @Test(arguments: [
        "", "{", "[]", "nul", "{\"a\":1,}", "\u{FEFF}", "{\"channel\":\"hotline\"", "{\"a\":1,\"a\":2}", "{\"a\":01}",
        "{\"a\":\"\\ud800\"}", "{\"a\":1e999}", "{} {}",
    ])
    func whatIsNoJSONObjectIsOneProblem(_ text: String) {
        let problems = self.problems(text)
        #expect(problems.count == 1)
        #expect(problems.first?.field == "")
    }

    @Test func escapesAreRead() throws {
        let request = try self.parse(Self.good.replacing("……", with: #"\u8521\uD83D\ude00 \"\n\/"#))
        #expect(request.narrative == "蔡😀 \"\n/")
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        let body = Data([0x22, 0xFF, 0x22])
        let rejection = #expect(throws: IntakeRejection.self) {
            try IntakeRequest.parse(body, divisions: self.divisions, now: self.now)
        }
        #expect(rejection?.problems.map(\.code) == [.malformedJSON])
    }

    @Test func depthIsBoundedAndSizesAreLimited() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(self.problems(deep).map(\.code) == [.malformedJSON])
        let people = String(repeating: #"{"role":"child"},"#, count: 60)
        let many =
            #"{"channel":"hotline","division":"150104","categories":["advice"],"people":["# + people
            + #"{"role":"help_seeker"}]}"#
        #expect(self.problems(many).map(\.code).contains(.tooMany))
        let long = String(repeating: "长", count: IntakeRequest.narrativeLimit + 1)
        #expect(self.problems(Self.good.replacing("……", with: long)).map(\.code) == [.tooLong])
    }

    @Test func problemsNeverRepeatValues() {
        let secret = "13800138000x"
        let problems = self.problems(
            Self.good.replacing("000-0000-0001", with: secret).replacing("甲", with: #"\u0001甲"#))
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { !$0.description.contains(secret) && !$0.description.contains("甲") })
    }

    @Test func aRequestDescribesNobody() throws {
        let request = try self.parse(Self.good)
        #expect("\(request) \(request.people) \(request.safeContacts)".contains("甲") == false)
        #expect("\(request) \(request.people) \(request.safeContacts)".contains("花") == false)
    }

    @Test func timesWithAZoneAreRead() throws {
        let request = try self.parse(Self.good.replacing("\"2026-12-31\"", with: "\"2026-12-31T18:00:00+08:00\""))
        #expect(request.consents.first?.expiresAt == .beijing("2026-12-31 18:00"))
    }

    @Test func anAnonymousRequestIsAccepted() throws {
        let request = try self.parse(
            #"{"channel":"online","division":"150104","categories":["domestic_violence"],"people":[{"role":"help_seeker"}]}"#
        )
        #expect(request.flags(on: LocalDate(inBeijing: self.now)) == [.anonymous, .domesticViolence])
        #expect(request.riskLevel == .high)
    }

    @Test func protectiveFlagsFollowFromThePeople() throws {
        let today = LocalDate(inBeijing: self.now)
        func flags(_ change: (inout IntakeRequest) -> Void) throws -> Set<CaseFlag> {
            var request = try self.parse(Self.good)
            change(&request)
            return request.flags(on: today)
        }
        #expect(try flags { $0.people[0].birthDate = LocalDate("2008-11-24") } == [.minor])
        #expect(try flags { $0.people[0].birthDate = LocalDate("2008-11-23") } == [])
        #expect(try flags { $0.people[0].capacity = .limited } == [.limitedCapacity])
        #expect(try flags { $0.risk = RiskScreening([.childHarmed]) } == [.minor])
        #expect(try flags { $0.needs = [.protectionOrder] } == [.domesticViolence])
        #expect(try flags { $0.people.append(RequestPerson(role: .reporter)) } == [.thirdParty])
        #expect(
            try flags {
                $0.people[1].guardianSuspected = true
                $0.risk = RiskScreening([.childHarmed])
            } == [.minor, .guardianSuspected, .domesticViolence])
        #expect(
            try flags {
                $0.consents = [Consent(agencyKinds: [.mediationCommittee], purpose: .mediation, status: .refused)]
            } == [.mediationRefused])
    }

    @Test func theFactsHoldNothingThatIdentifies() throws {
        let facts = try self.parse(Self.good).facts(divisions: self.divisions, now: self.now)
        let json = String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
        for secret in ["甲", "example.org", "000-0000", "花", "1990"] {
            #expect(!json.contains(secret))
        }
        #expect(facts.divisionPath.map(\.rawValue) == ["150104", "150100", "150000"])
    }
}
