import Casework
import Testing

@Suite struct StaffTests {
    private let today = LocalDate("2026-11-23")!
    private let party = PartyToken(rawValue: [1, 2, 3])

    private func member(
        _ id: String, _ division: String, role: StaffRole = .mediator, until: String? = "2027-06-30", capacity: Int = 5,
        relatedTo: Set<PartyToken> = []
    ) -> StaffMember {
        StaffMember(
            id: StaffID(rawValue: id), roles: [role], divisions: [.code(division)],
            trainings: until.map { [Training(code: "mediation_basic", validUntil: LocalDate($0)!)] } ?? [],
            capacity: capacity, relatedTo: relatedTo)
    }

    private func wish(_ count: Int = 1) -> AssignmentWish {
        AssignmentWish(
            role: .mediator, path: DivisionCode.code("150104").path, trainings: ["mediation_basic"],
            parties: [self.party],
            count: count)
    }

    @Test func theNearestWhoMayIsChosenAndTheOthersAreExplained() {
        let roster = StaffRoster([
            self.member("a-related", "150104", relatedTo: [self.party]),
            self.member("b-expired", "150104", until: "2026-11-22"),
            self.member("c-untrained", "150104", until: nil), self.member("d-full", "150104", capacity: 1),
            self.member("e-league", "150100"),
        ])
        let assignment = roster.assign(self.wish(), load: [StaffID(rawValue: "d-full"): 1], on: self.today)
        #expect(assignment.chosen.map(\.rawValue) == ["e-league"])
        #expect(
            Dictionary(uniqueKeysWithValues: assignment.passedOver.map { ($0.rawValue, $1) }) == [
                "a-related": .conflictOfInterest, "b-expired": .trainingExpired, "c-untrained": .noTraining,
                "d-full": .noRoom,
            ])
        #expect(assignment.missing == 0)
    }

    @Test func aTrainingCountsOnItsLastDay() {
        let roster = StaffRoster([self.member("a", "150104", until: "2026-11-23")])
        #expect(roster.assign(self.wish(), load: [:], on: self.today).chosen.count == 1)
    }

    @Test func twoAreAssignedAndAMissingOneIsSaid() {
        let roster = StaffRoster([self.member("a", "150104"), self.member("b", "150104")])
        #expect(
            roster.assign(self.wish(2), load: [StaffID(rawValue: "a"): 2], on: self.today).chosen.map(\.rawValue) == [
                "b", "a",
            ])
        #expect(roster.assign(self.wish(3), load: [:], on: self.today).missing == 1)
    }

    @Test func anInformantReportsAndReadsNothing() {
        let roster = StaffRoster([
            self.member("grid", "150104", role: .informant), self.member("m", "150104"),
            self.member("r", "150104", relatedTo: [self.party]),
        ])
        let path = DivisionCode.code("150104").path
        #expect(!roster.mayServe(StaffID(rawValue: "grid"), caseAt: path, parties: []))
        #expect(roster.mayServe(StaffID(rawValue: "m"), caseAt: path, parties: [self.party]))
        #expect(!roster.mayServe(StaffID(rawValue: "r"), caseAt: path, parties: [self.party]))
        #expect(!roster.mayServe(StaffID(rawValue: "m"), caseAt: DivisionCode.code("150203").path, parties: []))
    }

    @Test func aStationHasOneCoreAndTypedUnits() throws {
        let divisions = try Deployment.divisions()
        let units = try StationUnits(
            csv:
                "kind,division,name\ncore,150102,综合信访接待室\nstudio,150102,调解工作室\ncore,150100,市接待室\ncounselling,150100,心理站\n",
            divisions: divisions)
        let path = DivisionCode.code("150102").path
        #expect(units[.code("150102")].count == 2)
        #expect(units.nearest(.mediation, along: path)?.kind == .studio)
        #expect(units.nearest(.counselling, along: path)?.division == .code("150100"))
        #expect(units.nearest(.legalAid, along: path)?.kind == .core)
        for (text, code) in [
            ("studio,150102,甲", DataFileError.Code.gap), ("core,150102,甲\ncore,150102,乙", .duplicate),
            ("core,159999,甲", .orphan), ("kitchen,150102,甲", .badValue),
        ] {
            let error = #expect(throws: DataFileError.self) {
                try StationUnits(csv: "kind,division,name\n\(text)\n", divisions: divisions)
            }
            #expect(error?.code == code)
        }
    }
}
