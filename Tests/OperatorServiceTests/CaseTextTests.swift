import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import OperatorService

/// The network's keys and what they open, as an operator runs the commands.
@Suite struct CaseTextTests {
    private struct Ended {
        let status: ServiceProcess.Exit
        let output: String
    }

    private func dandelion(_ database: TestDatabase, _ arguments: String...) async throws -> Ended {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments,
            environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
        let status = try await process.waitForExit(timeout: .seconds(60))
        return Ended(status: status, output: process.output)
    }

    /// Makes, signs and adds a key. Returns the path of its private half, and its public half.
    private func addKey(
        _ database: TestDatabase, _ directory: String, from: String
    ) async throws -> (file: String, key: AgencyKeyPair) {
        let made = try await self.dandelion(
            database, "network", "key", "create", "--directory", "\(directory)/\(from)", "--json")
        let file = try #require(made.output.firstMatch(of: /"private_key":"([^"]+)"/)).1
        let pair = try AgencyKeyPair(path: String(file))
        let signed = try await self.dandelion(
            database, "network", "key", "sign", "--public-key", "\(file.dropLast(5)).pub", "--onboarding-key",
            "\(directory)/onboarding-key", "--valid-from", from)
        #expect(signed.status == .status(0), "\(signed.output)")
        try signed.output.write(toFile: "\(directory)/signed", atomically: true, encoding: .utf8)
        let added = try await self.dandelion(
            database, "network", "key", "add", "\(directory)/signed", "--onboarding-keys",
            "\(directory)/onboarding-key.pub")
        #expect(added.output == "agencies seal to \(pair.publicKey.fingerprintText) from \(from) on\n")
        return (String(file), pair)
    }

    @Test func whatAgenciesWroteIsOpenedBySomebodyForAReason() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                #expect(
                    try await self.dandelion(database, "agency", "key", "create", "--directory", directory).status
                        == .status(0))
                let empty = try await self.dandelion(database, "network", "key", "list")
                #expect(empty.output.contains("没有密钥"))
                let old = try await self.addKey(database, directory, from: "2026-01-01T00:00:00Z")
                let new = try await self.addKey(database, directory, from: "2026-02-01T00:00:00Z")
                for statement in Self.network { try await database.pool.execute(statement) }
                func insert(_ text: String, _ pair: AgencyKeyPair, about referral: String = "R-7K2M-0QX9") async throws
                {
                    let sealed = try SealedText.seal(
                        text, to: pair.publicKey,
                        binding: .init(referral: referral, agencyID: Self.agency, status: "in_progress"))
                    try await database.pool.execute(
                        Self.insertText, pair.publicKey.fingerprintText, sealed.bytes)
                }
                try await insert("她已搬走\n\u{1B}[2J请勿致电", old.key)
                try await insert("进展顺利", new.key)
                try await insert("别人的", new.key, about: "R-0000-0000")
                let list = try await self.dandelion(database, "network", "key", "list", "--json")
                #expect(
                    list.output.matches(of: /"state":"([a-z]+)","texts":(\d)/).map { "\($0.1) \($0.2)" }
                        == ["current 2", "before 1"], "\(list.output)")

                func read(_ arguments: String...) async throws -> Ended {
                    let process = try ServiceProcess(
                        "dandelion", arguments: ["case", "text", "C-7K2M-0QX9"] + arguments,
                        environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
                    let status = try await process.waitForExit(timeout: .seconds(60))
                    return Ended(status: status, output: process.output)
                }
                let both = try await read(
                    "--by", "S-017", "--because", "handling", "--network-key", old.file, "--network-key", new.file)
                #expect(both.status == .status(0), "\(both.output)")
                #expect(both.output.contains("她已搬走\n  \u{FFFD}[2J请勿致电"), "what moves the cursor is shown as a mark")
                #expect(both.output.contains("进展顺利") && !both.output.contains("别人的"))
                #expect(both.output.contains("打不开：it does not open"))
                let one = try await read(
                    "--by", "S-017", "--because", "complaint", "--network-key", new.file, "--json")
                #expect(one.output.contains(#""text":"进展顺利""#) && !one.output.contains("她已搬走"))
                #expect(one.output.contains("give its private key with --network-key"))
                let shown = try await self.dandelion(database, "case", "show", "C-7K2M-0QX9")
                #expect(shown.output.components(separatedBy: "查看部门来文").count == 3, "\(shown.output)")
                #expect(shown.output.contains("附密文") && !shown.output.contains("进展顺利"))
                for (by, reason, says) in [
                    ("S-018", "handling", "another role is needed"), ("S-999", "handling", "no such member of staff"),
                    ("S-017", "curiosity", "--because is one of"),
                ] {
                    let refused = try await read("--by", by, "--because", reason, "--network-key", new.file)
                    #expect(refused.status == .status(65) && refused.output.contains(says), "\(refused.output)")
                }
                let retired = try await self.dandelion(
                    database, "network", "key", "retire", old.key.publicKey.fingerprintText)
                #expect(retired.status == .status(0))
                let again = try await self.dandelion(
                    database, "network", "key", "retire", old.key.publicKey.fingerprintText)
                #expect(again.status == .status(65))
                let forged = try SignedNetworkKey(
                    NetworkKeyStatement(key: AgencyKeyPair.generate().publicKey, validFrom: Date()),
                    signedBy: .generate())
                try forged.json().write(toFile: "\(directory)/forged", atomically: true, encoding: .utf8)
                let stranger = try await self.dandelion(
                    database, "network", "key", "add", "\(directory)/forged", "--onboarding-keys",
                    "\(directory)/onboarding-key.pub")
                #expect(stranger.status == .status(65) && stranger.output.contains("no onboarding key"))
                let known = try await self.dandelion(
                    database, "network", "key", "add", "\(directory)/signed", "--onboarding-keys",
                    "\(directory)/onboarding-key.pub")
                #expect(known.output.contains("is there already"))
            }
        }
    }

    private static let agency = UUID(uuidString: "00000000-0000-4000-8000-000000000007") ?? UUID()
    private static let network = [
        "INSERT INTO casework.division (code, name, level, parent_code) VALUES ('150000', '内蒙古', 'region', NULL)",
        "INSERT INTO casework.station (division_code, name) VALUES ('150000', '维权站')",
        "INSERT INTO casework.rule_set (yaml, checksum) VALUES ('', '\\x00')",
        """
        INSERT INTO casework.agency (id, code, kind, name, division_code)
        VALUES ('00000000-0000-4000-8000-000000000007', '150000-court', 'court', '法院', '150000')
        """,
        """
        INSERT INTO casework.staff (id, roles, divisions, capacity)
        VALUES ('S-017', '{caseworker}', '{150000}', 9), ('S-018', '{auditor}', '{150000}', 9)
        """,
        """
        WITH c AS (
            INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
            SELECT '00000000-0000-4000-8000-000000000001', 'C-7K2M-0QX9', sha256('x'), 'hotline', '150000', id, 'high', '{}'
            FROM casework.station RETURNING id
        ), r AS (
            INSERT INTO casework.referral (id, number, case_id, agency_id, purpose, profile, status, rule_version,
                explanation, legal_basis, consent_basis, priority, tier, outcome_clock)
            SELECT '00000000-0000-4000-8000-000000000002', 'R-7K2M-0QX9', c.id,
                '00000000-0000-4000-8000-000000000007', 'safe_placement', 'shelter', 'in_progress', s.version, '{}',
                '反家庭暴力法', 'consent', 4, 'region', 'outcome' FROM c, casework.rule_set AS s RETURNING id
        ), k AS (
            INSERT INTO casework.clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
            SELECT gen_random_uuid(), c.id, r.id, 'referral_outcome', 'outcome', 'test', now() + interval '1 day',
                now() + interval '1 day' FROM c, r
        )
        INSERT INTO casework.event (case_id, referral_id, kind, actor_kind, actor, data)
        SELECT c.id, r.id, 'referral_in_progress', 'agency', '150000-court', '{"text": "00"}' FROM c, r
        """,
    ].enumerated().map { Statement(name: "case_text_\($0)", unchecked: $1) }
    private static let insertText = Statement(
        name: "case_text_insert",
        """
        INSERT INTO safeguarding.sealed_text (referral_id, agency_id, status, key_id, digest, size, sealed)
        VALUES ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000007', 'in_progress', $1,
            sha256($2), length($2), $2)
        """)
}
