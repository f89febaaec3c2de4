import Casework
import Foundation
import Testing

@Suite struct AgencyTests {
    @Test func theNearestResponsibleAgencyIsFoundByWalkingUp() throws {
        let agencies = try Deployment.agencies()
        let directory = AgencyDirectory(agencies)
        let path = DivisionCode.code("150524100999").path
        func code(_ kind: AgencyKind, _ from: DivisionLevel?, _ excluding: Set<UUID> = []) -> String? {
            directory.nearest(kind, along: path, from: from, excluding: excluding)?.code
        }
        #expect(code(.womensFederation, nil) == "150524100999-womens-federation")
        #expect(code(.mediationCommittee, .township) == "150524100-mediation")
        #expect(code(.mediationCommittee, .county) == "150524-mediation")
        #expect(code(.police, nil) == "150524-police")
        #expect(code(.police, .league) == "150500-police")
        #expect(code(.foundation, .county) == "150000-foundation")
        #expect(code("no_such_kind", nil) == nil)
        let county = try #require(agencies.first { $0.code == "150524-police" })
        #expect(code(.police, nil, [county.id]) == "150500-police")
    }

    @Test func aSuspendedAgencyIsKnownButNeverChosen() {
        let agency = Agency(
            id: UUID(), code: "150104-court", kind: .court, name: "甲", division: .code("150104"), status: .suspended)
        let directory = AgencyDirectory([agency])
        #expect(directory.nearest(.court, along: DivisionCode.code("150104").path) == nil)
        #expect(directory[agency.id] == agency)
    }

    @Test func thePatternsReachEveryCounty() throws {
        let tree = try Deployment.divisions()
        let directory = AgencyDirectory(try Deployment.agencies())
        let kinds: [AgencyKind] = [
            .police, .court, .civilAffairs, .legalAidCentre, .mediationCommittee, .humanResources, .womensFederation,
        ]
        for division in tree.divisions where division.level == .county {
            for kind in kinds {
                let agency = directory.nearest(kind, along: division.code.path, from: .county)
                #expect(agency?.division == division.code, "\(kind) of \(division.name)")
            }
        }
        #expect(Set(try Deployment.agencies().map(\.code)).count == directory.count)
        #expect(try Deployment.agencies().allSatisfy { Agency.isWellFormed(code: $0.code) && $0.kind.isWellFormed })
    }

    @Test(arguments: [
        ("agencies: [{ code: X, kind: police, name: 甲, division: \"150104\" }]", "code"),
        ("agencies: [{ code: 150104-x, kind: police, name: 甲, division: \"15\" }]", "division"),
        ("workers: [{ agency: 150104-police, behaviour: dance }]", "behaviour"),
        ("workers: [{ agency: 150104-police, behaviour: reject }]", "reason"),
        ("workers: [{ agency: 150104-police, behaviour: accept_complete }]", "outcome"),
        ("patterns: [{ kind: police, slug: police }]", "names"),
        ("nothing: 1", "nothing"),
        ("patterns: [", "line"),
    ])
    func aBrokenFileNamesTheField(_ text: String, _ field: String) {
        let error = #expect(throws: RuleSetError.self) { try AgencyFile(yaml: text) }
        #expect(error?.description.contains(field) == true, "\(error?.description ?? "")")
    }

    @Test func anAgencyOfNowhereAndAWorkerOfNobodyAreRefused() throws {
        let text = """
            agencies: [{ code: 990000-x, kind: police, name: 甲, division: "990000" }]
            workers: [{ agency: 150104-nobody, behaviour: silent }]
            """
        let file = try AgencyFile(yaml: text)
        let error = #expect(throws: RuleSetError.self) { try file.agencies(in: try Deployment.divisions()) }
        #expect(error?.problems.count == 2)
    }

    /// One list: a kind that is added to the code and not to it would be refused at the gateway.
    @Test func theKnownKindsAreThoseTheCodeNames() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        let source = try String(contentsOfFile: "\(root)/Shared/Casework/Network/AgencyKind.swift", encoding: .utf8)
        let named = source.split(separator: ": Self = \"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        #expect(AgencyKind.known.map(\.rawValue) == named)
        #expect(Set(named).count == named.count)
    }
}
