import Foundation
import TestSupport
import Testing

@testable import OperatorService

/// `dandelion assessments`, and rules that wait for it, as an operator runs them (row 4-55).
struct AssessmentCommandTests {
    private static let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy").path()
    private static let shipped = "\(Self.deploy)/rules/assessments.yaml"
    private static let rules = "\(Self.deploy)/rules/network.yaml"

    private func dandelion(
        _ database: TestDatabase, _ arguments: String...
    ) async throws -> (status: ServiceProcess.Exit, output: String) {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments,
            environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
        return (try await process.waitForExit(timeout: .seconds(60)), process.output)
    }

    @Test("4-55: the default rules come into force after their own assessments, and not before")
    func theDefaultRulesWaitForTheirAssessments() async throws {
        try await withTestDatabase { database in
            let early = try await self.dandelion(database, "rules", "import", Self.rules)
            #expect(early.status == .status(65))
            #expect(early.output.split(separator: "\n").count == 1, "\(early.output)")
            #expect(
                early.output.contains("court for protection_order (profile court) is new and was not assessed")
                    && early.output.contains("dandelion assessments record"))
            #expect(try await self.dandelion(database, "rules", "show").status == .status(65), "none are in force")

            let recorded = try await self.dandelion(database, "assessments", "record", Self.shipped)
            #expect(recorded.output == "13 assessments, 13 recorded\n", "\(recorded.output)")
            let again = try await self.dandelion(database, "assessments", "record", Self.shipped)
            #expect(again.output == "13 assessments, 0 recorded\n", "\(again.output)")
            #expect(try await self.dandelion(database, "rules", "import", Self.rules).status == .status(0))
            let list = try await self.dandelion(database, "assessments", "list")
            #expect(list.output.contains("default-2026-1-legal-aid"))
            let show = try await self.dandelion(database, "assessments", "show", "default-2026-1-legal-aid")
            #expect(show.output.contains("to 法律援助中心（法律援助）") && show.output.contains("kept until"), "\(show.output)")
            let doctor = try await NetworkChecks(fieldKeys: nil, indexKeys: nil).findings(on: database.pool)
            #expect(doctor.first { $0.check == "impact assessments" }?.level == .ok)
        }
    }

    @Test("4-55: a rule that tells another agency is refused by name, and the version in force stays")
    func aWiderRuleIsRefusedByName() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                _ = try await self.dandelion(database, "assessments", "record", Self.shipped)
                _ = try await self.dandelion(database, "rules", "import", Self.rules)
                // The shelter is to be told what legal aid is told; the purpose is one that this profile is allowed for.
                let wide = "\(directory)/wide.yaml"
                let text = try String(contentsOfFile: Self.rules, encoding: .utf8)
                let found = try #require(text.range(of: "agency_kind: legal_aid_centre"))
                try text.replacingCharacters(in: found, with: "agency_kind: shelter").write(
                    toFile: wide, atomically: true, encoding: .utf8)

                let diff = try await self.dandelion(database, "rules", "diff", Self.rules, wide)
                #expect(
                    diff.output.contains("! shelter for legal_aid (profile legal_aid) is new or wider"),
                    "\(diff.output)")
                let load = try await self.dandelion(database, "rules", "load", wide)
                #expect(load.output.contains("! shelter for legal_aid (profile legal_aid) is new"), "\(load.output)")
                for arguments in [["activate", "1"], ["import", wide]] {
                    let refused = try await self.dandelion(database, "rules", arguments[0], arguments[1])
                    #expect(refused.status == .status(65))
                    #expect(
                        refused.output.contains(
                            "what was in force stays: shelter for legal_aid (profile legal_aid) is new and was not assessed; "
                                + "record an impact assessment"), "\(refused.output)")
                }
                let show = try await self.dandelion(database, "rules", "show", "--json")
                #expect(show.output.contains(#""version":1"#), "\(show.output)")
            }
        }
    }

    @Test func aFileThatIsWrongIsRefusedAsAWhole() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                let path = "\(directory)/assessments.yaml"
                let text = try String(contentsOfFile: Self.shipped, encoding: .utf8)
                try text.replacingOccurrences(of: "profile: minimal", with: "profile: everything").write(
                    toFile: path, atomically: true, encoding: .utf8)
                let wrong = try await self.dandelion(database, "assessments", "record", path)
                #expect(wrong.status == .status(65))
                #expect(wrong.output.contains("profile: unknown word everything"), "\(wrong.output)")
                #expect(try await self.dandelion(database, "assessments", "list").output.contains("no assessments"))

                _ = try await self.dandelion(database, "assessments", "record", Self.shipped)
                try text.replacingOccurrences(of: "risk: low", with: "risk: medium").write(
                    toFile: path, atomically: true, encoding: .utf8)
                let other = try await self.dandelion(database, "assessments", "record", path)
                #expect(other.status == .status(65))
                #expect(other.output.contains("was recorded with other words"), "\(other.output)")
            }
        }
    }

    @Test func anAssessmentIsHeldByItsReference() async throws {
        try await withTestDatabase { database in
            _ = try await self.dandelion(database, "assessments", "record", Self.shipped)
            let reference = "default-2026-1-court"
            func hold(_ more: String...) async throws -> String {
                let process = try ServiceProcess(
                    "dandelion", arguments: ["assessments", "hold", reference, "--reason", "audit"] + more,
                    environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
                _ = try await process.waitForExit(timeout: .seconds(60))
                return process.output
            }
            #expect(try await hold() == "\(reference) is held\n")
            #expect(try await hold().contains("held already"))
            let list = try await self.dandelion(database, "assessments", "list", "--json")
            #expect(list.output.contains(#""holds":["audit"]"#), "\(list.output)")
            #expect(try await hold("--release") == "\(reference) is held for this reason no more\n")
            let nobody = try await self.dandelion(database, "assessments", "hold", "nothing", "--reason", "audit")
            #expect(nobody.status == .status(65) && nobody.output.contains("there is no assessment nothing"))
        }
    }
}
