import Casework
import CaseworkStore
import PostgresClient
import Testing

struct NetworkStoreTests {
    @Test func thePathLeadsUpToTheRegionWithEveryStation() async throws {
        try await withCasework { casework in
            let path = try await DivisionStore().path(of: CaseworkFixture.village, on: casework.pool)
            #expect(path.map(\.division.level) == [.village, .township, .county, .league, .region])
            #expect(path.map(\.division.code) == CaseworkFixture.village.path)
            #expect(path.allSatisfy { $0.station?.level == $0.division.level })
            #expect(path.last?.station?.name == "内蒙古自治区妇联维权站")
        }
    }

    @Test func unknownDivisionHasNoPath() async throws {
        try await withCasework { casework in
            let unknown = try #require(DivisionCode("990000"))
            #expect(try await DivisionStore().path(of: unknown, on: casework.pool).isEmpty)
        }
    }

    @Test func importingAgainUpdates() async throws {
        try await withCasework { casework in
            let before = try await DivisionStore().path(of: CaseworkFixture.county, on: casework.pool).first?.station
            let renamed = [
                Division(
                    code: CaseworkFixture.county, name: "新玉泉区", level: .county, parent: CaseworkFixture.league)
            ]
            let imported = try await DivisionStore().import(renamed, on: casework.pool)
            #expect(imported.divisions == 1)
            #expect(imported.stations == 1)
            let after = try await DivisionStore().path(of: CaseworkFixture.county, on: casework.pool).first
            #expect(after?.division.name == "新玉泉区")
            #expect(after?.station?.id == before?.id)
        }
    }

    @Test func agenciesAreFoundByPlaceWhileTheyAreActive() async throws {
        try await withCasework { casework in
            let store = AgencyStore()
            let here = try await store.at(divisions: CaseworkFixture.village.path, on: casework.pool)
            #expect(here.map(\.agency.code) == ["150104-civil-affairs", "150104-justice"])
            #expect(here.first?.publicKey == hash(9))
            #expect(here.last?.publicKey == nil)
            #expect(try await store.at(divisions: [CaseworkFixture.league], on: casework.pool).isEmpty)
            _ = try await store.setStatus(.suspended, code: "150104-justice", on: casework.pool)
            #expect(
                try await store.at(divisions: [CaseworkFixture.county], on: casework.pool).map(\.agency.id)
                    == [casework.civilAffairs])
        }
    }

    @Test func puttingAnAgencyAgainKeepsItsIdAndKey() async throws {
        try await withCasework { casework in
            let id = try await AgencyStore().put(
                NewAgency(
                    code: "150104-civil-affairs", kind: .civilAffairs, name: "民政局", division: CaseworkFixture.county,
                    webhookURL: "https://agency.example/hook", webhookSecret: [1]),
                on: casework.pool)
            #expect(id == casework.civilAffairs)
            let overview = try #require(try await OperatorStore().agencies(on: casework.pool).first { $0.id == id })
            #expect(overview.name == "民政局")
            #expect(overview.hasKey)
            #expect(overview.hasWebhook)
            #expect(overview.liveKeys == 0)
            #expect(overview.divisionName == "玉泉区")
        }
    }

    @Test func aWebhookThatIsNotGivenAgainStaysUntilItIsRemoved() async throws {
        try await withCasework { casework in
            func put(_ url: String?) async throws {
                _ = try await AgencyStore().put(
                    NewAgency(
                        code: "150104-justice", kind: .justiceBureau, name: "玉泉区司法局",
                        division: CaseworkFixture.county, webhookURL: url,
                        webhookSecret: url == nil ? nil : randomBytes(24)),
                    on: casework.pool)
            }
            func url() async throws -> String? {
                try await AgencyStore().at(divisions: [CaseworkFixture.county], on: casework.pool)
                    .first { $0.agency.id == casework.justice }?.webhookURL
            }
            try await put("https://agency.example/hook")
            try await put(nil)
            #expect(try await url() == "https://agency.example/hook")
            try await put("https://agency.example/other")
            #expect(try await url() == "https://agency.example/other")
            #expect(try await AgencyStore().removeWebhook(code: "150104-justice", on: casework.pool))
            #expect(try await url() == nil)
            try await put(nil)
            #expect(try await url() == nil)
            #expect(try await AgencyStore().removeWebhook(code: "no-such-agency", on: casework.pool) == false)
        }
    }

    @Test func theSameRulesAreTheSameVersion() async throws {
        try await withCasework { casework in
            let store = RuleSetStore()
            #expect(
                try await store.activate(yaml: "rules: []", checksum: hash(1), disclosures: [], on: casework.pool)
                    == casework.ruleVersion)
            let next = try await store.activate(
                yaml: "rules: [a]", checksum: hash(2), disclosures: [], on: casework.pool)
            #expect(next > casework.ruleVersion)
            let active = try await store.active(on: casework.pool)
            #expect(active?.version == next)
            #expect(active?.yaml == "rules: [a]")
            // Going back is a new version: decisions made meanwhile name the one between.
            #expect(
                try await store.activate(yaml: "rules: []", checksum: hash(1), disclosures: [], on: casework.pool)
                    > next)
        }
    }
}
