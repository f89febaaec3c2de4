import Casework
import Foundation
import Testing

@Suite struct AgencySearchTests {
    private let now = Date.beijing("2026-11-23 10:00")

    private func agency(
        _ code: String, _ division: String, kind: AgencyKind = .humanResources, services: Set<AgencyServiceCode> = [],
        capacity: Int? = nil
    ) -> Agency {
        var agency = Agency(id: UUID(), code: code, kind: kind, name: code, division: .code(division))
        agency.services = services
        agency.capacity = capacity
        return agency
    }

    private func search(_ division: String, offering: Set<AgencyServiceCode> = [], excluding: Set<UUID> = [])
        -> AgencySearch
    {
        AgencySearch(
            kind: .humanResources, path: DivisionCode.code(division).path, purpose: .employment, excluding: excluding,
            offering: offering, now: self.now)
    }

    @Test func theLeastLoadedOfOnePlaceIsAsked() {
        let (busy, idle) = (self.agency("a", "150104"), self.agency("b", "150104"))
        let directory = AgencyDirectory([busy, idle], load: [busy.id: 3])
        #expect(directory.best(self.search("150104"))?.code == "b")
    }

    @Test func aFullAgencyIsPassedOverWhileThereIsRoomAbove() {
        let (county, league) = (self.agency("county", "150104", capacity: 1), self.agency("league", "150100"))
        #expect(AgencyDirectory([county, league], load: [county.id: 1]).best(self.search("150104"))?.code == "league")
        #expect(AgencyDirectory([county], load: [county.id: 1]).best(self.search("150104"))?.code == "county")
    }

    @Test func aServiceIsPreferredAndNeverAGapInTheNetwork() {
        let (near, far) = (self.agency("near", "150104"), self.agency("far", "150100", services: ["child_services"]))
        let directory = AgencyDirectory([near, far])
        #expect(directory.best(self.search("150104", offering: ["child_services"]))?.code == "far")
        #expect(directory.best(self.search("150104", offering: ["accessible"]))?.code == "near")
        #expect(
            directory.best(self.search("150104", offering: ["child_services"], excluding: [far.id]))?.code == "near")
    }

    private func urgent(_ now: String, within seconds: Double = 900) -> AgencySearch {
        var search = self.search("150104")
        search.now = .beijing(now)
        search.answerBy = search.now.addingTimeInterval(seconds)
        return search
    }

    /// 2026-11-23 is a Monday; 2026-10-01 a holiday and 2026-10-10 a Saturday that is worked.
    private func directory(_ agencies: [Agency], load: [UUID: Int] = [:]) throws -> AgencyDirectory {
        AgencyDirectory(
            agencies, load: load, calendar: try HolidayCalendar(csv: try Deployment.text("data/holidays.csv")))
    }

    private func onDuty(_ code: String, _ division: String, capacity: Int? = nil) -> Agency {
        var agency = self.agency(code, division, capacity: capacity)
        agency.hours = .always
        return agency
    }

    @Test(arguments: [
        ("2026-11-23 10:00", "near"), ("2026-11-23 20:00", "league"), ("2026-11-23 08:14", "league"),
        ("2026-11-23 08:20", "near"), ("2026-11-23 17:29", "near"), ("2026-11-23 17:30", "league"),
        ("2026-11-22 10:00", "league"), ("2026-10-01 10:00", "league"), ("2026-10-10 10:00", "near"),
    ])
    func whatCannotWaitGoesWhereSomebodyIs(_ now: String, _ expected: String) throws {
        let directory = try self.directory([self.agency("near", "150104"), self.onDuty("league", "150100")])
        let choice = try #require(directory.choice(self.urgent(now)))
        #expect(choice.agency.code == expected)
        #expect(choice.hours == (expected == "near" ? .ordinary : .onDuty))
        // What can wait goes to the nearest, whatever the hour.
        var patient = self.urgent(now)
        patient.answerBy = nil
        #expect(directory.choice(patient)?.agency.code == "near")
    }

    @Test func anAnswerDueAfterTheOfficeOpensCanWaitForIt() throws {
        let directory = try self.directory([self.agency("near", "150104"), self.onDuty("league", "150100")])
        #expect(directory.choice(self.urgent("2026-11-23 23:00", within: 12 * 3600))?.agency.code == "near")
        #expect(directory.choice(self.urgent("2026-11-20 20:00", within: 24 * 3600))?.agency.code == "league")
    }

    /// A case never stays without an agency because of hours.
    @Test func whenNobodyIsThereTheNearestIsAskedAllTheSame() throws {
        let directory = try self.directory([self.agency("near", "150104"), self.agency("league", "150100")])
        let choice = try #require(directory.choice(self.urgent("2026-11-23 22:00")))
        #expect(choice.agency.code == "near" && choice.hours == .closed)
    }

    @Test func somebodyWhoIsThereAndFullGoesBeforeARoomThatIsLocked() throws {
        let (near, duty) = (self.agency("near", "150104"), self.onDuty("duty", "150100", capacity: 1))
        let directory = try self.directory([near, duty], load: [duty.id: 1])
        #expect(directory.choice(self.urgent("2026-11-23 22:00"))?.agency.code == "duty")
        #expect(directory.choice(self.urgent("2026-11-23 10:00"))?.agency.code == "near")
    }

    @Test func onlyThoseSheMeantAreChosenFrom() throws {
        let (near, far) = (self.agency("near", "150104"), self.agency("far", "150100"))
        var search = self.search("150104")
        search.only = [far.id]
        #expect(AgencyDirectory([near, far]).best(search)?.code == "far")
        search.only = []
        #expect(AgencyDirectory([near, far]).best(search) == nil)
    }

    @Test func anAllianceReachesAcrossTheBorderWhileItHolds() {
        let alliance = Alliance(
            code: "x", name: "协作", members: [.code("152500"), .code("150200")], purposes: [.employment],
            from: LocalDate("2026-01-01")!, until: LocalDate("2026-12-31")!, basis: "协议")
        let directory = AgencyDirectory([self.agency("baotou", "150200")], alliances: [alliance])
        #expect(directory.best(self.search("152524"))?.code == "baotou")
        #expect(directory.best(self.search("150104")) == nil, "not a member")
        var other = self.search("152524")
        other.purpose = .legalAid
        #expect(directory.best(other) == nil, "not agreed for this purpose")
        other = self.search("152524")
        other.now = .beijing("2027-01-01 00:00")
        #expect(directory.best(other) == nil, "no longer in force")
    }

    @Test func oursIsAskedBeforeAPartner() {
        let alliance = Alliance(
            code: "x", name: "协作", members: [.code("152500"), .code("150200")], purposes: [.employment],
            from: LocalDate("2026-01-01")!, basis: "协议")
        let directory = AgencyDirectory(
            [self.agency("baotou", "150200"), self.agency("region", "150000")], alliances: [alliance])
        #expect(directory.best(self.search("152524"))?.code == "region")
    }

    @Test func aFileGivesServicesHoursCapacityAndAlliances() throws {
        let file = try AgencyFile(yaml: try Deployment.text("rules/scenario-agencies.yaml"))
        #expect(file.alliances.map(\.code) == ["8-plus-1"])
        let entry = try #require(
            try file.agencies(in: try Deployment.divisions()).first { $0.code == "150100-women-refuge" })
        #expect(entry.services == ["women_staff"] && entry.hours == .always && entry.capacity == 12)
        let error = #expect(throws: RuleSetError.self) {
            try AgencyFile(
                yaml:
                    "alliances:\n  - { code: x, name: x, members: [\"150100\"], purposes: [work], from: soon, basis: x }"
            )
        }
        #expect(error?.problems.map(\.line) == [2, 2, 2, 2], "\(String(describing: error))")
    }

    /// The nearest is found in a network of the size to come, the same as by looking at every agency.
    @Test func theNearestIsTheNearest() throws {
        let divisions = try Deployment.divisions().divisions
        let agencies = divisions.filter { $0.level != .county || $0.code.rawValue.hasSuffix("4") }.map {
            self.agency($0.code.rawValue + "-hr", $0.code.rawValue)
        }
        let directory = AgencyDirectory(agencies)
        for division in divisions {
            let expected = division.code.path.lazy.compactMap { place in agencies.first { $0.division == place } }.first
            #expect(directory.best(self.search(division.code.rawValue)) == expected)
        }
    }
}
