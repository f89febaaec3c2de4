import Casework
import Foundation
import Testing

/// Who works on cases, as a file says it: ids and no names, and a file that is wrong is wrong as a whole.
@Suite struct StaffFileTests {
    @Test func theDemonstrationsStaffIsRead() throws {
        let file = try StaffFile(yaml: try Deployment.text("demo/staff.yaml"))
        #expect(file.entries.count >= 6)
        #expect(file.entries.contains { $0.member.roles == [.supervisor] })
        let mediator = try #require(file.entries.first { $0.member.roles == [.mediator] })
        #expect(mediator.member.isTrained("mediation_basic", on: try #require(LocalDate("2028-12-31"))))
        #expect(!mediator.member.isTrained("mediation_basic", on: try #require(LocalDate("2029-01-01"))))
    }

    @Test(arguments: [
        ("staff: [{ roles: [lawyer], divisions: [\"150100\"], capacity: 1 }]", "id is missing"),
        ("staff: [{ id: 王律师, roles: [lawyer], divisions: [\"150100\"], capacity: 1 }]", "and no name"),
        ("staff: [{ id: L-1, roles: [king], divisions: [\"150100\"], capacity: 1 }]", "unknown word king"),
        ("staff: [{ id: L-1, roles: [lawyer], divisions: [\"15\"], capacity: 1 }]", "unknown word 15"),
        (
            "staff: [{ id: L-1, roles: [lawyer], divisions: [\"150100\"], capacity: 1, trainings: { a: soon } }]",
            "YYYY-MM-DD"
        ),
        ("staff: [{ id: L-1, roles: [lawyer], divisions: [\"150100\"], capacity: -1 }]", "whole number"),
        ("staff: [{ id: L-1, roles: [lawyer], divisions: [\"150100\"] }]", "capacity"),
        ("staff: [{ id: L-1, roles: [lawyer], divisions: [\"150100\"], capacity: 1, name: 王 }]", "unknown key name"),
        (
            "staff:\n  - { id: L-1, roles: [lawyer], divisions: [\"150100\"], capacity: 1 }\n  - { id: L-1, roles: [lawyer], divisions: [\"150100\"], capacity: 1 }",
            "given twice"
        ),
        ("staff: []", "missing or empty"),
        ("staff: [", ""),
    ])
    func aWrongFileNamesTheLine(yaml: String, why: String) {
        let error = #expect(throws: RuleSetError.self) { try StaffFile(yaml: yaml) }
        let text = error?.problems.map(\.description).joined(separator: "\n") ?? ""
        #expect((why.isEmpty || text.contains(why)) && !text.isEmpty, "\(text)")
    }

    @Test func theDemonstrationsRoomsHaveOneCoreEach() throws {
        let units = try StationUnits(
            csv: try Deployment.text("demo/station-units.csv"), divisions: try Deployment.divisions())
        let district = try #require(DivisionCode("150102"))
        #expect(units[district].filter { $0.kind == .core }.count == 1 && units[district].count == 4)
        #expect(units.nearest(.mediation, along: district.path)?.kind == .mediation)
        #expect(StationUnits(units.all).all == units.all)
    }
}
