import Casework
import CaseworkStore
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import OperatorService

struct AgencyImportTests {
    private static let onboarding = OnboardingKey.generate()
    private static let file = """
        patterns:
          - kind: police
            slug: police
            names: { league: "{name}公安局", county: "{name}公安局" }
        agencies:
          - { code: 150000-foundation, kind: women_children_foundation, name: 基金会, division: "150000" }
        workers:
          - { agency: 150104-police, behaviour: accept_complete, outcome: danger_averted }
          - { agency: 150000-foundation, behaviour: reject, reason: not_our_duty, suggested_kind: police }
        """

    /// As an operator, with an operator's rights.
    private func withNetwork(_ body: (PostgresPool, String) async throws -> Void) async throws {
        try await withTestDatabase { database in
            try await database.withPool(user: "dandelion_operator") { pool in
                let divisions = try DivisionFiles([
                    (
                        "test",
                        """
                        level,code,name,parent
                        region,150000,内蒙古,
                        league,150100,呼和浩特市,150000
                        county,150104,玉泉区,150100
                        """
                    )
                ]).divisions(besides: [])
                _ = try await DivisionStore().import(divisions, on: pool)
                try await TemporaryDirectory.with { directory in try await body(pool, directory) }
            }
        }
    }

    private func run(
        _ pool: PostgresPool, _ directory: String?, file text: String = Self.file
    ) async throws -> AgencyImport.Report {
        try await AgencyImport(
            file: try AgencyFile(yaml: text),
            credentials: directory.map { .init(directory: $0, onboarding: Self.onboarding) }
        ).run(on: pool)
    }

    private static let detailed = """
        agencies:
          - { code: 150100-police, kind: police, name: 呼和浩特市公安局, division: "150100", hours: always }
          - { code: 150104-x, kind: police, name: 玉泉区公安分局, division: "150104", superior: 150100-police, services: [child_services], capacity: 3, status: suspended }
        alliances:
          - { code: 8-plus-1, name: 八加一, members: ["150100", "150104"], purposes: [employment], from: "2026-01-01", basis: 跨区域劳务协作协议 }
        """

    @Test func servicesHoursCapacityAndAlliancesAreKept() async throws {
        try await self.withNetwork { pool, _ in
            let first = try await self.run(pool, nil, file: Self.detailed)
            #expect(first.written == 2 && first.alliances == 1)
            let details = try await NetworkQueries.agencyDetails(on: pool)
            #expect(details["150104-x"]?.services == ["child_services"] && details["150104-x"]?.capacity == 3)
            #expect(details["150104-x"]?.superior == "150100-police" && details["150100-police"]?.hours == .always)
            let agencies = try await OperatorStore().agencies(on: pool)
            #expect(agencies.first { $0.code == "150104-x" }?.status == .suspended)
            let alliances = try await AgencyStore().alliances(on: pool)
            #expect(alliances.map(\.code) == ["8-plus-1"] && alliances.first?.purposes == [.employment])
            #expect(try await self.run(pool, nil, file: Self.detailed).written == 0)
            // What an operator suspended is not taken back by a file that does not say so.
            let open = Self.detailed.replacing(", status: suspended", with: "")
            _ = try await self.run(pool, nil, file: open)
            #expect(try await OperatorStore().agencies(on: pool).first { $0.code == "150104-x" }?.status == .suspended)
        }
    }

    @Test func anAgencyIsNotAboveItself() async throws {
        try await self.withNetwork { pool, _ in
            let ring = """
                agencies:
                  - { code: a-1, kind: police, name: 甲, division: "150104", superior: a-2 }
                  - { code: a-2, kind: police, name: 乙, division: "150104", superior: a-1 }
                """
            await #expect(throws: CommandFailure.self) { try await self.run(pool, nil, file: ring) }
            let agencies = try await OperatorStore().agencies(on: pool)
            #expect(agencies.isEmpty, "nothing is half applied")
            let missing = ring.replacing("superior: a-1", with: "superior: a-9")
            await #expect(throws: RuleSetError.self) { try await self.run(pool, nil, file: missing) }
        }
    }

    @Test func aSecondImportChangesNothing() async throws {
        try await self.withNetwork { pool, directory in
            let first = try await self.run(pool, directory)
            #expect(first == .init(agencies: 3, written: 3, withCredentials: 2, newKeys: 2))
            let key = try String(contentsOfFile: "\(directory)/150104-police/key", encoding: .utf8)
            let pair = try AgencyKeyPair(path: "\(directory)/150104-police/private.key")
            let second = try await self.run(pool, directory)
            #expect(second == .init(agencies: 3, written: 0, withCredentials: 2, newKeys: 0))
            #expect(try String(contentsOfFile: "\(directory)/150104-police/key", encoding: .utf8) == key)
            #expect(try AgencyKeyPair(path: "\(directory)/150104-police/private.key").publicKey == pair.publicKey)
            let agencies = try await OperatorStore().agencies(on: pool)
            #expect(agencies.map(\.liveKeys) == [1, 0, 1])
            #expect(agencies.map(\.hasKey) == [true, false, true])
            let changes = try await OperatorStore().changes(kind: "agency_changed", limit: 9, on: pool)
            #expect(changes.count == 2, "each key came to its agency once, and was not signed anew")
        }
    }

    @Test func secretsAreForTheirOwnerAlone() async throws {
        try await self.withNetwork { pool, directory in
            _ = try await self.run(pool, directory)
            for name in ["key", "private.key"] {
                #expect(try TemporaryDirectory.mode("\(directory)/150104-police/\(name)") == 0o600)
            }
            #expect(try TemporaryDirectory.mode("\(directory)/150104-police") == 0o700)
        }
    }

    /// The gateway finds the agency by the hash of what is in the file.
    @Test func theKeyInTheFileIsTheAgencys() async throws {
        try await self.withNetwork { pool, directory in
            _ = try await self.run(pool, directory)
            let key = try BearerKey(file: "\(directory)/150104-police/key", for: .agency)
            #expect(key.text.hasPrefix("dak_"))
            let police = try #require(try await OperatorStore().agencies(on: pool).first { $0.code == "150104-police" })
            // It is there already: the database knows this very hash.
            let error = await #expect(throws: PostgresError.self) {
                try await AgencyStore().addKey(agency: police.id, keyHash: key.hash, label: "again", on: pool)
            }
            #expect(error?.sqlState == "23505")
        }
    }

    @Test func anImportKeepsAWebhook() async throws {
        try await self.withNetwork { pool, directory in
            _ = try await self.run(pool, directory)
            var police = NewAgency(
                code: "150104-police", kind: .police, name: "玉泉区公安局", division: try #require(DivisionCode("150104")))
            police.webhookURL = "https://police.example/hook"
            police.webhookSecret = Array(repeating: 1, count: 24)
            _ = try await AgencyStore().put(police, on: pool)
            let renamed = Self.file.replacing("county: \"{name}公安局\"", with: "county: \"{name}公安分局\"")
            _ = try await self.run(pool, directory, file: renamed)
            let agency = try #require(try await OperatorStore().agencies(on: pool).first { $0.code == "150104-police" })
            #expect(agency.name == "玉泉区公安分局")
            #expect(agency.hasWebhook)
        }
    }

    @Test func onlyWhatTheFileChangesIsWritten() async throws {
        try await self.withNetwork { pool, directory in
            _ = try await self.run(pool, directory)
            let renamed = Self.file.replacing("name: 基金会", with: "name: 妇女儿童基金会")
            let report = try await self.run(pool, directory, file: renamed)
            #expect(report.written == 1)
            let names = try await OperatorStore().agencies(on: pool).map(\.name)
            #expect(names.contains("妇女儿童基金会"))
        }
    }

    /// Credentials that outlive the database are registered again.
    @Test func keptCredentialsServeAFreshDatabase() async throws {
        try await TemporaryDirectory.with { kept in
            for _ in 0..<2 {
                try await self.withNetwork { pool, _ in
                    let report = try await self.run(pool, kept)
                    #expect(report.newKeys == 2)
                }
            }
        }
    }

    @Test func aRevokedKeyIsNotRevived() async throws {
        try await self.withNetwork { pool, directory in
            _ = try await self.run(pool, directory)
            let police = try #require(try await OperatorStore().agencies(on: pool).first { $0.code == "150104-police" })
            _ = try await AgencyStore().revokeKeys(of: police.id, on: pool)
            let failure = await #expect(throws: CommandFailure.self) { try await self.run(pool, directory) }
            #expect(failure?.reason.contains("dandelion agency rotate-key 150104-police") == true)
        }
    }

    @Test func withoutDivisionsTheRemedyIsNamed() async throws {
        try await withTestDatabase { database in
            let failure = await #expect(throws: CommandFailure.self) { try await self.run(database.pool, nil) }
            #expect(failure?.reason.contains("dandelion divisions import") == true)
        }
    }

    @Test func behavioursAreWhatTheWorkerReads() throws {
        let behaviours = try AgencyFile(yaml: Self.file).behaviours
        #expect(
            try behaviours.map { try JSONText.of(WorkerBehaviour($0)) } == [
                #"{"answer":"accept","delay_milliseconds":300,"outcome":"danger_averted","text":"演示：已按规定办理，详情已当面告知。"}"#,
                #"{"answer":"reject","delay_milliseconds":300,"reason":"not_our_duty","suggested_agency_kind":"police"}"#,
            ])
    }
}
