import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// "1+N": a station with rooms has exactly one core; alliances and agencies' details are kept and hold from then on.
@Suite struct StationUnitTests {
    private static func unit(_ kind: StationUnit.Kind, _ name: String) -> StationUnit {
        StationUnit(kind: kind, name: name, division: CaseworkFixture.county)
    }

    @Test func aStationsRoomsAreReplacedAsAWhole() async throws {
        try await withCasework { casework in
            let store = AgencyStore()
            try await store.put([Self.unit(.core, "甲"), Self.unit(.mediation, "乙")], on: casework.pool)
            try await store.put(
                [Self.unit(.core, "甲"), Self.unit(.studio, "丙"), Self.unit(.studio, "丁")], on: casework.pool)
            let units = try await store.stationUnits(on: casework.pool)
            #expect(units.map(\.kind) == [.core, .studio, .studio])
            let version = try await Self.version(casework.pool)
            try await store.put(units, on: casework.pool)
            #expect(try await Self.version(casework.pool) == version, "nothing changed")
            await #expect(throws: (any Error).self) {
                try await store.put([Self.unit(.mediation, "乙")], on: casework.pool)
            }
            await #expect(throws: (any Error).self) {
                try await store.put([Self.unit(.core, "甲"), Self.unit(.core, "乙")], on: casework.pool)
            }
            #expect(try await store.stationUnits(on: casework.pool) == units, "nothing is half applied")
        }
    }

    @Test func anAllianceOfDivisionsThatAreNotThereIsRefused() async throws {
        try await withCasework { casework in
            var members = [CaseworkFixture.league, CaseworkFixture.county]
            func alliance() throws -> Alliance {
                Alliance(
                    code: "8-plus-1", name: "八加一", members: members, purposes: [.employment],
                    from: try #require(LocalDate("2026-01-01")), basis: "协议")
            }
            try await AgencyStore().put(try alliance(), on: casework.pool)
            #expect(try await AgencyStore().alliances(on: casework.pool) == [try alliance()])
            members.append(try #require(DivisionCode("110000")))
            let other = try alliance()
            #expect(await refusal { try await AgencyStore().put(other, on: casework.pool) } == .unknownDivision)
        }
    }

    @Test func whatAnAgencyHasUnderWayIsCountedWhereItsRoomIsKnown() async throws {
        try await withCasework { casework in
            var entry = AgencyEntry(
                code: "150104-civil-affairs", kind: .civilAffairs, name: "玉泉区民政局", division: CaseworkFixture.county)
            entry.services = ["child_services"]
            entry.hours = .always
            entry.capacity = 3
            try await AgencyStore().putDetails(of: entry, on: casework.pool)
            let new = try await casework.openCase()
            try await casework.refer(new.id)
            let found = try await AgencyStore().at(divisions: [CaseworkFixture.county], on: casework.pool)
            let agency = try #require(found.first { $0.agency.id == casework.civilAffairs })
            #expect(agency.load == 1 && agency.agency.capacity == 3 && agency.agency.services == ["child_services"])
            #expect(agency.agency.hours == .always)
            #expect(found.first { $0.agency.id == casework.justice }?.load == nil)
        }
    }

    private static func version(_ pool: PostgresPool) async throws -> Int64 {
        let statement = Statement(
            name: "t_operator_events",
            "SELECT count(*)::int8 FROM casework.operator_event WHERE kind = 'station_units_put'")
        return try #require(try await pool.execute(statement).first).decode(Int64.self)
    }
}
